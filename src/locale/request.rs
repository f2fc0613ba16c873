//! What a request wants texts and numbers in.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use super::{Language, Locale, NumberFormats};
use crate::error::{Error, Result};

/// The language and the locale of a request, and the formats that it has used so far.
pub struct RequestLocale {
    language: Language,
    locale: Locale,
    formats: Mutex<HashMap<Locale, Arc<NumberFormats>>>,
}

impl RequestLocale {
    /// Of a client that wants these locales, the best first. Texts and numbers are chosen apart: a client that wants
    /// German before Russian gets German numbers and Russian texts. Without any, English.
    pub fn preferring(wanted: &[Locale]) -> Self {
        Self {
            language: wanted
                .iter()
                .find_map(Language::of)
                .unwrap_or(Language::English),
            locale: wanted.first().cloned().unwrap_or_else(Locale::english),
            formats: Mutex::default(),
        }
    }

    /// The language of texts: that of the argument `locale` where it is given, else what the request prefers.
    pub fn language(&self, argument: Option<&str>) -> Result<Language> {
        let Some(tag) = argument else {
            return Ok(self.language);
        };
        Locale::parse(tag)
            .and_then(|locale| Language::of(&locale))
            .ok_or_else(|| refused(tag, &Language::allowed()))
    }

    /// The formats of numbers: those of the argument `locale` where it is given, else what the request prefers.
    pub fn numbers(&self, argument: Option<&str>) -> Result<Arc<NumberFormats>> {
        let locale = match argument {
            None => self.locale.clone(),
            Some(tag) => Locale::parse(tag).ok_or_else(|| refused(tag, Locale::ALLOWED))?,
        };
        let mut formats = self.formats.lock().unwrap_or_else(PoisonError::into_inner);
        let formats = formats
            .entry(locale.clone())
            .or_insert_with(|| Arc::new(NumberFormats::new(locale)));
        Ok(Arc::clone(formats))
    }
}

fn refused(tag: &str, allowed: &str) -> Error {
    let shown: String = tag.chars().take(60).collect();
    Error::invalid("locale", shown, allowed)
}
