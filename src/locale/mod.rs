//! Languages of texts, and numbers in the way of a locale.
//!
//! English texts stand in the source beside what they describe; the other languages are Fluent files under `locales/`.
//! Numbers follow CLDR, which ICU4X brings along. What a request wants is its [`RequestLocale`].

mod language;
mod numbers;
mod request;
mod tag;
mod texts;

pub use language::Language;
pub use numbers::NumberFormats;
pub use request::RequestLocale;
pub use tag::Locale;
#[cfg(test)]
pub(crate) use texts::ids_by_file;
pub use texts::text;
