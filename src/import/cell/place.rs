//! Countries and devices, in the spellings that advertising platforms use.

use entity::values::Device;
use rust_iso3166::{CountryCode, from_alpha2, from_alpha3, from_numeric};

use super::{Cell, label};

/// Google's geo target ids of countries are this much above the ISO number.
const GOOGLE_GEO: i32 = 2000;

/// A country as its ISO 3166 two-letter code, or as it is when it is none; empty when not known. Read are codes of two
/// or three letters, ISO numbers and Google's geo target ids.
pub(in crate::import) fn country(text: &str) -> Cell<String> {
    if is_unknown(text) {
        return Ok(String::new());
    }
    match iso(text) {
        Some(country) => Ok(country.alpha2.to_owned()),
        None => label(64)(text),
    }
}

fn iso(text: &str) -> Option<CountryCode> {
    if text.len() <= 4 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let number: i32 = text.parse().ok()?;
        return from_numeric(number).or_else(|| from_numeric(number - GOOGLE_GEO));
    }
    let code = text.to_ascii_uppercase();
    from_alpha2(&code).or_else(|| from_alpha3(&code))
}

/// A kind of device; `None` when not known.
pub(in crate::import) fn device(text: &str) -> Cell<Option<Device>> {
    if is_unknown(text) {
        return Ok(None);
    }
    let text = text.to_lowercase();
    let has = |parts: &[&str]| parts.iter().any(|part| text.contains(part));
    Ok(Some(if has(&["tablet", "ipad"]) {
        Device::Tablet
    } else if has(&["mobile", "phone", "handset", "ipod"]) {
        Device::Mobile
    } else if has(&["desktop", "computer", "laptop"]) || text == "pc" || text == "web" {
        Device::Desktop
    } else {
        Device::Other
    }))
}

fn is_unknown(text: &str) -> bool {
    text.is_empty() || text.eq_ignore_ascii_case("(not set)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countries_become_two_letter_codes() {
        for (text, code) in [
            ("us", "US"),
            ("DEU", "DE"),
            ("840", "US"),
            ("004", "AF"),
            ("2840", "US"),
            ("2616", "PL"),
            ("(not set)", ""),
            ("Côte d'Azur", "Côte d'Azur"),
            ("ZZ", "ZZ"),
            ("9999", "9999"),
        ] {
            assert_eq!(country(text).unwrap(), code, "{text}");
        }
        assert!(country(&"x".repeat(65)).is_err());
    }

    #[test]
    fn devices_are_known_by_their_usual_spellings() {
        for (text, kind) in [
            ("DESKTOP", Some(Device::Desktop)),
            ("Computers", Some(Device::Desktop)),
            ("mobile", Some(Device::Mobile)),
            ("Mobile devices with full browsers", Some(Device::Mobile)),
            ("Smartphone", Some(Device::Mobile)),
            ("iphone", Some(Device::Mobile)),
            ("android_tablet", Some(Device::Tablet)),
            ("iPad", Some(Device::Tablet)),
            ("CONNECTED_TV", Some(Device::Other)),
            ("(not set)", None),
        ] {
            assert_eq!(device(text).unwrap(), kind, "{text}");
        }
    }
}
