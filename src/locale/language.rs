//! The languages that texts are written in.

use super::Locale;

/// A language of the catalogue's texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    /// English, the language of the source.
    English,
    /// Chinese in simplified characters, with the terms of mainland China.
    SimplifiedChinese,
    /// Chinese in traditional characters, with the terms of Taiwan.
    TraditionalChinese,
    /// Russian.
    Russian,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 4] = [
        Self::English,
        Self::SimplifiedChinese,
        Self::TraditionalChinese,
        Self::Russian,
    ];

    /// What a client has to give.
    pub fn allowed() -> String {
        format!("texts are in {}", Self::ALL.map(Self::tag).join(", "))
    }

    /// Its BCP 47 tag.
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::SimplifiedChinese => "zh-CN",
            Self::TraditionalChinese => "zh-TW",
            Self::Russian => "ru",
        }
    }

    /// The language that is read where `locale` is: the same language in the same script. `zh-SG` reads `zh-CN`,
    /// `zh-HK` reads `zh-TW`. `None` when there is none.
    pub fn of(locale: &Locale) -> Option<Self> {
        let wanted = locale.language_and_script();
        Self::ALL.into_iter().find(|language| {
            Locale::parse(language.tag())
                .is_some_and(|offered| offered.language_and_script() == wanted)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_serves_every_region_that_writes_it_alike() {
        let read = |tag: &str| Locale::parse(tag).and_then(|locale| Language::of(&locale));
        for (tags, language) in [
            ("en en-US en-GB en-IN", Language::English),
            (
                "zh zh-CN zh-SG zh-Hans zh-Hans-HK zh-MY cmn",
                Language::SimplifiedChinese,
            ),
            (
                "zh-TW zh-HK zh-MO zh-Hant zh-Hant-CN cmn-TW ZH-tw",
                Language::TraditionalChinese,
            ),
            ("ru ru-RU ru-KZ", Language::Russian),
        ] {
            for tag in tags.split(' ') {
                assert_eq!(read(tag), Some(language), "{tag}");
            }
        }
        for other in ["de", "fr-CA", "uk", "ja", "zh-Latn", "en-Shaw"] {
            assert_eq!(read(other), None, "{other}");
            assert!(Locale::parse(other).is_some(), "{other}");
        }
        for wrong in [
            "", "x", "xx", "tlh", "english", "und", "*", "de_DE_", "zh-TW-", "日本",
        ] {
            assert_eq!(Locale::parse(wrong), None, "{wrong}");
        }
    }
}
