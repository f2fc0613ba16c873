//! What is held on one person, as one document, without the person, or as one customer with another.
//!
//! `person` names the tables whose rows belong to customers and what in them tells who somebody is; `export`, `erase`
//! and `merge` go through them. `aliases` knows which ids stand for whom. A table that is not in `person` is missed by
//! all three: a test compares it with the schema.

mod aliases;
mod erase;
mod export;
mod history;
mod merge;
mod person;
mod state;
mod unmerge;

pub use erase::Erased;
pub use merge::Unmergeable;
pub use person::{OF_PERSONS, OfPerson, Texts};
pub use state::of_email_match;
pub use unmerge::NotUndone;

/// Runs a macro's rule for each entity whose rows belong to customers.
macro_rules! of_persons {
    ($do:ident) => {
        $do!(entity::orders::Entity);
        $do!(entity::opportunity::Entity);
        $do!(entity::touchpoint::Entity);
        $do!(entity::conversion::Entity);
        $do!(entity::stage_event::Entity);
        $do!(entity::survey_response::Entity);
    };
}
use of_persons;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_of_persons_is_gone_through() {
        let mut tables = Vec::new();
        macro_rules! name {
            ($table:ty) => {
                tables.push(<$table as OfPerson>::TABLE);
            };
        }
        of_persons!(name);
        assert_eq!(tables, OF_PERSONS);
    }
}
