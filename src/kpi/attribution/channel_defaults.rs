//! The rules of teams that have none of their own, in the manner of GA4's default channel group.

use entity::values::ChannelKind::{self, *};

use super::channel_rules::{ChannelRule, RuleField};

const SEARCH: &str = r"(.*\.)?(google|bing|yahoo|duckduckgo|ecosia|baidu|yandex|naver|daum|seznam|sogou|so|360|qwant|startpage|brave|ask|aol|msn|lycos|rambler)(\.[a-z]{2,3}){0,2}(_ads|ads)?";
const SOCIAL: &str = r"(.*\.)?(facebook|fb|meta|instagram|ig|threads|twitter|x|t\.co|linkedin|lnkd|tiktok|pinterest|reddit|snapchat|vk|vkontakte|ok|weibo|wechat|weixin|xiaohongshu|douyin|quora|tumblr|xing|telegram|t\.me|whatsapp|line|mastodon|bsky|discord)(\.[a-z]{2,6}){0,2}(_ads|ads)?";
const VIDEO: &str = r"(.*\.)?(youtube|youtu\.be|vimeo|twitch|dailymotion|bilibili|youku|iqiyi|netflix|hulu|disneyplus|rutube)(\.[a-z]{2,3}){0,2}";
const PAID: &str = r"(.*cp.*|ppc|retargeting|remarketing|paid.*)";

/// The rules in their order: what is said to be bought before what is not, names of places before bare media.
pub fn rules() -> Vec<ChannelRule> {
    let rule = |field, pattern: String, kind: ChannelKind| ChannelRule {
        field,
        pattern,
        kind,
    };
    let both = |source: &str, medium: &str, kind| {
        rule(
            RuleField::SourceMedium,
            format!("{source} / {medium}"),
            kind,
        )
    };
    let medium = |pattern: &str, kind| rule(RuleField::Medium, pattern.into(), kind);
    vec![
        both(r"\(?direct\)?", r"(\(none\)|\(not set\)|none)?", Direct),
        both(VIDEO, PAID, Video),
        both(SOCIAL, PAID, PaidSocial),
        medium("paid[-_ ]?social", PaidSocial),
        both(SEARCH, PAID, PaidSearch),
        medium(
            "(display|banner|expandable|interstitial|cpm|programmatic)",
            Display,
        ),
        medium("affiliates?", Affiliate),
        medium("(cpc|ppc|sem|paid[-_ ]?search)", PaidSearch),
        medium("(paid[-_ ]?video|.*video.*|cpv)", Video),
        rule(RuleField::Source, VIDEO.into(), Video),
        medium(
            "organic[-_ ]?social|(social|sm)([-_ ]?(network|media))?",
            OrganicSocial,
        ),
        rule(RuleField::Source, SOCIAL.into(), OrganicSocial),
        medium("organic|organic[-_ ]?search|seo", OrganicSearch),
        medium("(e[-_ ]?mail|newsletter|mailing)", Email),
        rule(
            RuleField::Source,
            "(e[-_ ]?mail|newsletter|mailchimp|klaviyo|hubspot_email)".into(),
            Email,
        ),
        medium("(phone|call|telephone)", Phone),
        medium("(event|webinar|fair|trade[-_ ]?show|offline)", Event),
        medium("(referral|app|link|partner)", Referral),
        rule(
            RuleField::SourceMedium,
            format!("{SEARCH} / "),
            OrganicSearch,
        ),
        rule(RuleField::Referrer, SEARCH.into(), OrganicSearch),
        rule(RuleField::Referrer, SOCIAL.into(), OrganicSocial),
        rule(RuleField::Referrer, VIDEO.into(), Video),
    ]
}
