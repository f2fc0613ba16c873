//! Enum values by the names that they have in the API, which is how they are stored.

use async_graphql::resolver_utils::EnumType;

/// The value of this name.
pub fn by_name<T: EnumType>(name: &str) -> Option<T> {
    T::items()
        .iter()
        .find(|item| item.name == name)
        .map(|item| item.value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        kpi::{Kpi, graphql_name},
        time::Grain,
    };

    #[test]
    fn names_lead_back_to_their_values() {
        for kpi in Kpi::ALL {
            assert_eq!(by_name(&graphql_name(*kpi)), Some(*kpi));
        }
        assert_eq!(by_name("FISCAL_YEAR"), Some(Grain::FiscalYear));
        assert_eq!(by_name::<Grain>("fiscal_year"), None);
    }
}
