//! Enum values by the names that they have in the API, which is how they are stored.

use async_graphql::resolver_utils::EnumType;

/// The name that an enum value has in the API.
pub fn graphql_name<T: EnumType>(value: T) -> String {
    async_graphql::resolver_utils::enum_value(value).to_string()
}

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
    use crate::{kpi::Kpi, time::Grain};

    #[test]
    fn names_lead_back_to_their_values() {
        for kpi in Kpi::ALL {
            assert_eq!(by_name(&graphql_name(*kpi)), Some(*kpi));
        }
        assert_eq!(by_name("FISCAL_YEAR"), Some(Grain::FiscalYear));
        assert_eq!(by_name::<Grain>("fiscal_year"), None);
    }
}
