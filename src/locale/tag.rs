//! Locales as clients name them.

use std::sync::LazyLock;

use icu_locale::{LanguageIdentifier, LocaleCanonicalizer, LocaleExpander};

static CANONICAL: LazyLock<LocaleCanonicalizer> = LazyLock::new(LocaleCanonicalizer::new_extended);
static LIKELY: LazyLock<LocaleExpander> = LazyLock::new(LocaleExpander::new_extended);

/// A locale whose language CLDR knows, such as `en-IN`, in canonical form: `iw` is `he`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Locale(pub(super) icu_locale::Locale);

impl Locale {
    /// What a client has to give.
    pub const ALLOWED: &str =
        "a BCP 47 tag of a language that CLDR knows is needed, such as en, de-DE, ru or zh-TW";

    /// The locale of a BCP 47 tag. `None` when the tag is malformed or its language unknown to CLDR.
    pub fn parse(tag: &str) -> Option<Self> {
        let mut locale: icu_locale::Locale = tag.parse().ok()?;
        CANONICAL.canonicalize(&mut locale);
        let language = LanguageIdentifier::from(locale.id.language);
        (with_likely_subtags(language.clone()) != language).then_some(Self(locale))
    }

    /// American English.
    pub fn english() -> Self {
        Self(icu_locale::locale!("en"))
    }

    /// Language and script, with those that are likely where the tag leaves them out: `zh-SG` is written in `Hans`.
    pub(super) fn language_and_script(&self) -> LanguageIdentifier {
        let mut written = with_likely_subtags(self.0.id.clone());
        written.region = None;
        written.variants.clear();
        written
    }
}

fn with_likely_subtags(mut language: LanguageIdentifier) -> LanguageIdentifier {
    LIKELY.maximize(&mut language);
    language
}
