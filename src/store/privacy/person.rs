//! The tables whose rows belong to customers, and what in their rows tells who somebody is.

use entity::{
    TeamOwned, conversion, customer, opportunity, orders, stage_event, survey_response, touchpoint,
    values::RefEntity,
};

/// The tables of [`OfPerson`], by name.
pub const OF_PERSONS: [&str; 6] = [
    "orders",
    "opportunity",
    "touchpoint",
    "conversion",
    "stage_event",
    "survey_response",
];
/// Shorter names are found in too many texts that have nothing to do with them.
const SHORTEST_NAME: usize = 4;

/// A table whose rows belong to customers.
pub trait OfPerson: TeamOwned<Model: Clone + PartialEq> {
    /// The table's name.
    const TABLE: &'static str;
    /// What other systems' names for its rows are names of.
    const KIND: RefEntity;
    /// The column of the customer.
    const CUSTOMER: Self::Column;
    /// The column of the row's id.
    const ID: Self::Column;

    /// The row's id.
    fn id(row: &Self::Model) -> i64;

    /// Whose the row is; `None` when nobody's.
    fn customer(row: &Self::Model) -> Option<i64>;

    /// Makes the row a customer's.
    fn give(row: &mut Self::Model, customer: i64);

    /// Takes out of the row what tells who the customer is. What KPIs count stays.
    fn clear(row: &mut Self::Model, person: &Texts);
}

macro_rules! of_person {
    ($table:ident, $name:literal, $kind:ident, |$row:ident| $customer:expr, |$to:ident| $given:expr,
        |$clear:ident, $person:ident| $how:block) => {
        impl OfPerson for $table::Entity {
            const TABLE: &'static str = $name;
            const KIND: RefEntity = RefEntity::$kind;
            const CUSTOMER: $table::Column = $table::Column::CustomerId;
            const ID: $table::Column = $table::Column::Id;

            fn id(row: &$table::Model) -> i64 {
                row.id
            }

            fn customer($row: &$table::Model) -> Option<i64> {
                $customer
            }

            fn give(row: &mut $table::Model, $to: i64) {
                row.customer_id = $given;
            }

            fn clear($clear: &mut $table::Model, $person: &Texts) $how
        }
    };
}

of_person!(
    orders,
    "orders",
    Order,
    |row| row.customer_id,
    |to| Some(to),
    |row, _person| {
        row.properties = nothing();
    }
);
of_person!(
    opportunity,
    "opportunity",
    Opportunity,
    |row| row.customer_id,
    |to| Some(to),
    |row, _person| {
        row.properties = nothing();
    }
);
of_person!(
    touchpoint,
    "touchpoint",
    Touchpoint,
    |row| Some(row.customer_id),
    |to| to,
    |row, person| {
        row.properties = nothing();
        // The rest of the address can hold who the visitor was; channel rules look at the host alone.
        row.referrer = row.referrer.as_deref().map(host);
        for tag in [
            &mut row.utm_source,
            &mut row.utm_medium,
            &mut row.utm_campaign,
        ] {
            tag.take_if(|text| person.tell_in(text));
        }
    }
);
of_person!(
    conversion,
    "conversion",
    Conversion,
    |row| row.customer_id,
    |to| Some(to),
    |_row, _person| {}
);
of_person!(
    stage_event,
    "stage_event",
    StageEvent,
    |row| Some(row.customer_id),
    |to| to,
    |_row, _person| {}
);
of_person!(
    survey_response,
    "survey_response",
    SurveyResponse,
    |row| row.customer_id,
    |to| Some(to),
    |_row, _person| {}
);

/// Breakdowns without an entry.
pub(super) fn nothing() -> String {
    "{}".to_owned()
}

/// The host of an address.
pub(super) fn host(address: &str) -> String {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    rest[..end]
        .rsplit('@')
        .next()
        .unwrap_or_default()
        .to_owned()
}

/// The texts by which a person is known: address, name.
#[derive(Default)]
pub struct Texts(Vec<String>);

impl Texts {
    /// Those of a customer.
    pub fn of(row: &customer::Model) -> Self {
        let known = [&row.email, &row.name].into_iter().flatten();
        Self(vec![]).and(known.map(String::as_str))
    }

    /// The same, and these as far as they are long enough to tell.
    pub fn and<'a>(mut self, more: impl Iterator<Item = &'a str>) -> Self {
        let long = more.filter(|text| text.chars().count() >= SHORTEST_NAME);
        self.0.extend(long.map(str::to_lowercase));
        self
    }

    /// The words of which they are made. More texts hold these, also of others.
    pub fn words(self) -> Self {
        let words = self
            .0
            .iter()
            .flat_map(|text| text.split(|letter: char| !letter.is_alphanumeric()));
        let long = words.filter(|word| word.chars().count() >= SHORTEST_NAME);
        Self(long.map(str::to_owned).collect())
    }

    /// Whether a text holds one of them, or what looks like an address.
    pub fn tell_in(&self, text: &str) -> bool {
        let lower = text.to_lowercase();
        lower.contains('@') || self.0.iter().any(|known| lower.contains(known.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_an_address_only_the_host_is_left() {
        for (address, left) in [
            ("https://news.example/p?email=ada@x.example", "news.example"),
            ("https://ada:pw@news.example:8080/", "news.example:8080"),
            ("news.example", "news.example"),
            ("", ""),
        ] {
            assert_eq!(host(address), left);
        }
    }

    #[test]
    fn a_person_is_found_in_texts_by_address_and_name_in_either_case() {
        let texts = Texts(vec!["ada lovelace".to_owned()]);
        for (text, found) in [
            ("call with Ada Lovelace", true),
            ("x@y.example", true),
            ("5001", false),
            ("ada", false),
        ] {
            assert_eq!(texts.tell_in(text), found, "{text}");
        }
        assert!(texts.words().tell_in("'ada.lovelace' is no e-mail address"));
    }
}
