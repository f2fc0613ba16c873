//! Tables that data connectors make of advertising platforms, by the connectors' names of columns.

use super::{How, Profile, always, take};
use crate::import::Format;

macro_rules! ads {
    ($name:literal, $title:literal, $source:literal, $channel:literal, $signs:expr, [$($column:expr),* $(,)?]) => {
        Profile {
            name: concat!($name, "-connector"),
            title: concat!($title, ", table of a connector"),
            format: Format::AdStats,
            source: $source,
            signs: $signs,
            columns: &[always("channel", $channel), $($column),*],
            span: None,
        }
    };
}

pub(super) const ALL: &[Profile] = &[
    ads!(
        "google-ads",
        "Google Ads",
        "google_ads",
        "Google Ads",
        &[
            &["cost_micros"],
            &["ad_network_type"],
            &["customer_id"],
            &["date"]
        ],
        [
            take("date", &["date"]),
            take("campaign_id", &["campaign_id", "id"]),
            take("campaign_name", &["campaign_name", "name"]),
            take("impressions", &["impressions"]),
            take("clicks", &["clicks"]),
            take("spend", &["cost_micros"]).how(How::Micros),
            take("conversions", &["conversions"]),
            take("conversion_value", &["conversions_value"]),
            take("device", &["device"]),
            take("network", &["ad_network_type"]),
            take("ad_group", &["ad_group_id"]),
            take("ad", &["ad_id"]),
        ]
    ),
    // The table knows ads and their account; campaigns stand in a table of their own.
    ads!(
        "meta-ads",
        "Meta Ads",
        "meta_ads",
        "Meta Ads",
        &[
            &["inline_link_clicks"],
            &["ad_id", "campaign_id"],
            &["account_id"],
            &["spend"],
            &["date"]
        ],
        [
            take("date", &["date"]),
            take("campaign_id", &["campaign_id", "account_id"]),
            take("campaign_name", &["campaign_name"]),
            take("impressions", &["impressions"]),
            take("clicks", &["clicks", "inline_link_clicks"]),
            take("spend", &["spend"]),
            take("ad", &["ad_id"]),
        ]
    ),
    ads!(
        "linkedin-ads",
        "LinkedIn Ads",
        "linkedin_ads",
        "LinkedIn Ads",
        &[
            &["cost_in_local_currency"],
            &["one_click_leads"],
            &["campaign_id"],
            &["day", "date"]
        ],
        [
            take("date", &["day", "date"]),
            take("campaign_id", &["campaign_id"]),
            take("impressions", &["impressions"]),
            take("clicks", &["clicks"]),
            take("spend", &["cost_in_local_currency"]),
            take(
                "conversions",
                &["external_website_conversions", "one_click_leads"]
            )
            .how(How::Sum),
            take("conversion_value", &["conversion_value_in_local_currency"]),
            take("engagements", &["total_engagements"]),
            take("video_views", &["video_views"]),
        ]
    ),
    ads!(
        "microsoft-ads",
        "Microsoft Ads",
        "microsoft_ads",
        "Microsoft Ads",
        &[
            &["delivered_match_type", "bid_match_type", "ad_distribution"],
            &["campaign_id"],
            &["spend"],
            &["date"]
        ],
        [
            take("date", &["date"]),
            take("campaign_id", &["campaign_id"]),
            take("impressions", &["impressions"]),
            take("clicks", &["clicks"]),
            take("spend", &["spend"]),
            take("conversions", &["conversions"]),
            take("conversion_value", &["revenue"]),
            take("currency", &["currency_code"]),
            take("device", &["device_type"]),
            take("network", &["network"]),
        ]
    ),
    ads!(
        "tiktok-ads",
        "TikTok Ads",
        "tiktok_ads",
        "TikTok Ads",
        &[
            &["stat_time_hour", "stat_time_day"],
            &["campaign_id"],
            &["spend"],
            &["video_play_actions"]
        ],
        [
            take("date", &["stat_time_day", "stat_time_hour"]),
            take("campaign_id", &["campaign_id"]),
            take("impressions", &["impressions"]),
            take("clicks", &["clicks"]),
            take("spend", &["spend"]),
            take("conversions", &["conversion"]),
            take("conversion_value", &["total_purchase_value"]),
            take("video_views", &["video_play_actions"]),
        ]
    ),
    ads!(
        "pinterest-ads",
        "Pinterest Ads",
        "pinterest_ads",
        "Pinterest Ads",
        &[&["spend_in_micro_dollar"], &["campaign_id"], &["date"]],
        [
            take("date", &["date"]),
            take("campaign_id", &["campaign_id"]),
            take("campaign_name", &["campaign_name"]),
            take("impressions", &["impression_1", "impression_2"]).how(How::Sum),
            take("clicks", &["clickthrough_1", "clickthrough_2"]).how(How::Sum),
            take("spend", &["spend_in_micro_dollar"]).how(How::Micros),
            take("conversions", &["total_conversions"]),
            take(
                "conversion_value",
                &["total_conversions_value_in_micro_dollar"]
            )
            .how(How::Micros),
            always("currency", "USD"),
        ]
    ),
    ads!(
        "reddit-ads",
        "Reddit Ads",
        "reddit_ads",
        "Reddit Ads",
        &[
            &[
                "legacy_click_conversions_attribution_window_day",
                "video_watched_3_seconds"
            ],
            &["ecpm"],
            &["campaign_id"],
            &["spend"]
        ],
        [
            take("date", &["date"]),
            take("campaign_id", &["campaign_id"]),
            take("impressions", &["impressions"]),
            take("clicks", &["clicks"]),
            take("spend", &["spend"]).how(How::Micros),
            take("region", &["region"]),
        ]
    ),
    ads!(
        "snapchat-ads",
        "Snapchat Ads",
        "snapchat_ads",
        "Snapchat Ads",
        &[
            &["swipes"],
            &["screen_time_millis"],
            &["campaign_id"],
            &["spend"]
        ],
        [
            take("date", &["date"]),
            take("campaign_id", &["campaign_id"]),
            take("impressions", &["impressions"]),
            take("clicks", &["swipes"]),
            take("spend", &["spend"]).how(How::Micros),
            take("conversions", &["conversion_purchases"]),
            take("conversion_value", &["conversion_purchases_value"]).how(How::Micros),
            take("video_views", &["video_views"]),
        ]
    ),
    ads!(
        "x-ads",
        "X Ads",
        "x_ads",
        "X Ads",
        &[&["billed_charge_local_micro"], &["campaign_id"], &["date"]],
        [
            take("date", &["date"]),
            take("campaign_id", &["campaign_id"]),
            take("impressions", &["impressions"]),
            take("clicks", &["clicks"]),
            take("spend", &["billed_charge_local_micro"]).how(How::Micros),
            take("conversions", &["conversion_purchases_metric"]),
            take("engagements", &["engagements"]),
            take("video_views", &["video_total_views"]),
            take("placement", &["placement"]),
        ]
    ),
    ads!(
        "amazon-ads",
        "Amazon Ads",
        "amazon_ads",
        "Amazon Ads",
        &[
            &["campaign_budget_type"],
            &["purchases_30_d"],
            &["campaign_id"],
            &["cost"]
        ],
        [
            take("date", &["date"]),
            take("campaign_id", &["campaign_id"]),
            take("campaign_name", &["campaign_name"]),
            take("impressions", &["impressions"]),
            take("clicks", &["clicks"]),
            take("spend", &["cost"]),
            take("conversions", &["purchases_30_d"]),
            take("conversion_value", &["sales_30_d"]),
            take("currency", &["campaign_budget_currency_code"]),
        ]
    ),
    ads!(
        "apple-search-ads",
        "Apple Search Ads",
        "apple_search_ads",
        "Apple Search Ads",
        &[
            &["taps"],
            &["local_spend_amount"],
            &["id", "campaign_id"],
            &["date"]
        ],
        [
            take("date", &["date"]),
            take("campaign_id", &["campaign_id", "id"]),
            take("impressions", &["impressions"]),
            take("clicks", &["taps"]),
            take("spend", &["local_spend_amount"]),
            take("currency", &["local_spend_currency"]),
            take("conversions", &["conversions", "tap_installs"]),
        ]
    ),
];
