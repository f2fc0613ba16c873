//! Values out of a few: currencies, yes or no, the database's enumerations.

use iso_currency::Currency;
use sea_orm::{ActiveEnum, Iterable};

use super::Cell;

/// The code of an ISO 4217 currency, in either case.
pub(in crate::import) fn currency(text: &str) -> Cell<String> {
    Currency::from_code(&text.to_ascii_uppercase())
        .map(|currency| currency.code().to_owned())
        .ok_or_else(|| "is not an ISO 4217 currency code".into())
}

/// Yes or no.
pub(in crate::import) fn flag(text: &str) -> Cell<bool> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" | "t" | "y" => Ok(true),
        "0" | "false" | "no" | "f" | "n" => Ok(false),
        _ => Err("is neither true nor false".into()),
    }
}

/// A value of one of the database's enumerations, in either case.
pub(in crate::import) fn choice<T>(text: &str) -> Cell<T>
where
    T: ActiveEnum<Value = String> + Iterable,
{
    let name = text.to_ascii_uppercase().replace([' ', '-'], "_");
    T::try_from_value(&name).map_err(|_| {
        let allowed: Vec<String> = T::iter().map(|value| value.to_value()).collect();
        format!("is not allowed; allowed are {}", allowed.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use entity::values::{LifecycleStage, Outcome};

    use super::*;

    #[test]
    fn currencies_are_iso_codes() {
        assert_eq!(currency("eur").unwrap(), "EUR");
        for text in ["€", "EURO", "XXQ", "E", "éur"] {
            assert!(currency(text).unwrap_err().contains("ISO 4217"), "{text}");
        }
    }

    #[test]
    fn flags_are_read_in_the_usual_spellings() {
        assert_eq!(flag("1"), Ok(true));
        assert_eq!(flag("False"), Ok(false));
        assert!(flag("2").is_err());
    }

    #[test]
    fn enumerations_are_read_in_either_case_and_refusals_list_them() {
        assert_eq!(choice("won"), Ok(Outcome::Won));
        assert_eq!(choice("Mql"), Ok(LifecycleStage::Mql));
        let error = choice::<Outcome>("maybe").unwrap_err();
        assert!(error.contains("OPEN, WON, LOST"));
    }
}
