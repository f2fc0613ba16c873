//! Which kind of channel a touch came by, where it names no channel: ordered rules, the first match wins.

use std::sync::LazyLock;

use entity::values::{ChannelKind, TouchKind};
use regex::{Regex, RegexBuilder};
use sea_orm::ActiveEnum;

use super::channel_defaults;
use crate::store::Origin;

/// What of a touch a rule looks at.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    async_graphql::Enum,
    serde::Serialize,
    serde::Deserialize,
)]
#[graphql(name = "ChannelRuleField")]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RuleField {
    /// The tag utm_source.
    Source,
    /// The tag utm_medium.
    Medium,
    /// Both tags as `source / medium`, empty where one is missing: `google / cpc`.
    SourceMedium,
    /// The tag utm_campaign.
    Campaign,
    /// The host of the page that the visitor came from, without `www.`.
    Referrer,
    /// The kind of the touch, such as CLICK or CALL.
    TouchKind,
}

/// A rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelRule {
    /// What it looks at.
    pub field: RuleField,
    /// A regular expression for the whole value, letters in either case.
    pub pattern: String,
    /// The kind of channel of what matches.
    pub kind: ChannelKind,
}

/// The most rules of a team.
pub const MOST_RULES: usize = 200;
/// The longest pattern, in bytes.
pub const LONGEST_PATTERN: usize = 1_000;
/// The largest a pattern may become in memory, in bytes.
const LARGEST_PATTERN: usize = 1 << 18;

/// Rules, ready to be used.
#[derive(Clone)]
pub struct ChannelRules(Vec<(ChannelRule, Regex)>);

static DEFAULTS: LazyLock<ChannelRules> = LazyLock::new(|| {
    // A test holds that each of them is a regular expression.
    ChannelRules::new(channel_defaults::rules()).unwrap_or(ChannelRules(vec![]))
});

impl ChannelRules {
    /// The rules of a team that has none of its own.
    pub fn defaults() -> &'static Self {
        &DEFAULTS
    }

    /// Rules in their order; the place and the text of the first that is none otherwise.
    pub fn new(rules: Vec<ChannelRule>) -> Result<Self, (usize, String)> {
        let compiled = |(place, rule): (usize, ChannelRule)| match regex(&rule.pattern) {
            Ok(regex) => Ok((rule, regex)),
            Err(error) => Err((place, error.to_string())),
        };
        rules
            .into_iter()
            .enumerate()
            .map(compiled)
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// The rules in their order.
    pub fn rules(&self) -> impl Iterator<Item = &ChannelRule> {
        self.0.iter().map(|(rule, _)| rule)
    }

    /// The kind of channel of a touch that names no channel. What no rule matches is told by the kind of the touch, is
    /// direct without tags and referrer, and OTHER else.
    pub fn kind(&self, origin: &Origin) -> ChannelKind {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let (source, medium) = (text(&origin.source), text(&origin.medium));
        let referrer = origin.referrer.as_deref().map(host).unwrap_or_default();
        let campaign = text(&origin.utm_campaign);
        let untagged = source.is_empty() && medium.is_empty() && campaign.is_empty();
        let both = if source.is_empty() && medium.is_empty() {
            String::new()
        } else {
            format!("{source} / {medium}")
        };
        let kind = origin.kind.to_value();
        let value = |field| match field {
            RuleField::Source => source.as_str(),
            RuleField::Medium => medium.as_str(),
            RuleField::SourceMedium => both.as_str(),
            RuleField::Campaign => campaign.as_str(),
            RuleField::Referrer => referrer.as_str(),
            RuleField::TouchKind => kind.as_str(),
        };
        let found = self.0.iter().find(|(rule, regex)| {
            let value = value(rule.field);
            !value.is_empty() && regex.is_match(value)
        });
        match found {
            Some((rule, _)) => rule.kind,
            None if !untagged => ChannelKind::Other,
            None if !referrer.is_empty() => ChannelKind::Referral,
            None => match origin.kind {
                TouchKind::Call => ChannelKind::Phone,
                TouchKind::Email => ChannelKind::Email,
                TouchKind::Offline => ChannelKind::Event,
                TouchKind::Click | TouchKind::Visit if origin.campaign.is_none() => {
                    ChannelKind::Direct
                }
                _ => ChannelKind::Other,
            },
        }
    }
}

fn regex(pattern: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(&format!("^(?:{pattern})$"))
        .case_insensitive(true)
        .size_limit(LARGEST_PATTERN)
        .build()
}

/// The host of an address, in lower case, without port and `www.`.
fn host(address: &str) -> String {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let host = rest[..end].rsplit('@').next().unwrap_or_default();
    let host = host
        .split(':')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    host.strip_prefix("www.")
        .map_or(host.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(kind: TouchKind, tags: [&str; 3], referrer: &str) -> Origin {
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let [source, medium, campaign] = tags.map(text);
        Origin {
            kind,
            campaign: None,
            channel: None,
            source,
            medium,
            utm_campaign: campaign,
            referrer: text(referrer),
        }
    }

    #[test]
    fn every_default_pattern_is_a_regular_expression() {
        let rules = channel_defaults::rules();
        let count = rules.len();
        assert!(
            count <= MOST_RULES
                && rules
                    .iter()
                    .all(|rule| rule.pattern.len() <= LONGEST_PATTERN)
        );
        let compiled =
            ChannelRules::new(rules).map_err(|(place, error)| format!("{place}: {error}"));
        assert_eq!(compiled.map(|rules| rules.0.len()), Ok(count));
    }

    #[test]
    fn the_defaults_find_the_kind_that_web_analytics_would() {
        use ChannelKind as K;
        for (tags, referrer, kind) in [
            (["google", "cpc", ""], "", K::PaidSearch),
            (["Bing", "PPC", "brand"], "", K::PaidSearch),
            (["facebook", "paid_social", ""], "", K::PaidSocial),
            (["instagram.com", "cpc", ""], "", K::PaidSocial),
            (["youtube", "cpv", ""], "", K::Video),
            (["anything", "banner", ""], "", K::Display),
            (["google", "organic", ""], "", K::OrganicSearch),
            (
                ["", "", ""],
                "https://www.google.de/search?q=x",
                K::OrganicSearch,
            ),
            (["", "", ""], "https://yandex.ru/", K::OrganicSearch),
            (["", "", ""], "https://l.facebook.com/x", K::OrganicSocial),
            (["linkedin", "social", ""], "", K::OrganicSocial),
            (["spring", "e-mail", ""], "", K::Email),
            (["newsletter", "", ""], "", K::Email),
            (["partner", "affiliate", ""], "", K::Affiliate),
            (["blog.example", "referral", ""], "", K::Referral),
            (
                ["", "", ""],
                "http://user@blog.example:80/post",
                K::Referral,
            ),
            (["", "", ""], "", K::Direct),
            (["(direct)", "(none)", ""], "", K::Direct),
            (["strange", "means", ""], "", K::Other),
            (["", "", "spring"], "", K::Other),
        ] {
            let origin = origin(TouchKind::Click, tags, referrer);
            assert_eq!(
                ChannelRules::defaults().kind(&origin),
                kind,
                "{tags:?} {referrer}"
            );
        }
        for (touch, kind) in [
            (TouchKind::Call, K::Phone),
            (TouchKind::Email, K::Email),
            (TouchKind::Offline, K::Event),
            (TouchKind::Visit, K::Direct),
            (TouchKind::View, K::Other),
        ] {
            let origin = origin(touch, [""; 3], "");
            assert_eq!(ChannelRules::defaults().kind(&origin), kind, "{touch:?}");
        }
    }

    #[test]
    fn the_first_rule_that_matches_the_whole_value_decides() {
        let rule = |field, pattern: &str, kind| ChannelRule {
            field,
            pattern: pattern.into(),
            kind,
        };
        let rules = ChannelRules::new(vec![
            rule(RuleField::Source, "goog", ChannelKind::Other),
            rule(RuleField::Source, "google", ChannelKind::Video),
            rule(RuleField::Source, "goo.*", ChannelKind::Event),
        ]);
        let rules = rules.map_err(|(_, error)| error).unwrap();
        let google = origin(TouchKind::Click, ["GOOGLE", "cpc", ""], "");
        assert_eq!(rules.kind(&google), ChannelKind::Video);
        let bad = ChannelRules::new(vec![rule(RuleField::Source, "(", ChannelKind::Other)]);
        assert_eq!(bad.map(|_| ()).map_err(|(place, _)| place), Err(0));
    }
}
