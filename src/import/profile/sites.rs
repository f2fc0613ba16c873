//! Reports of web analytics and mailing programs, and logs of call tracking.

use super::{How, Profile, always, take};
use crate::import::Format;

pub(super) const ALL: &[Profile] = &[
    Profile {
        name: "ga4",
        title: "Google Analytics 4, traffic acquisition",
        format: Format::WebStats,
        source: "ga4",
        signs: &[
            &[
                "session_default_channel_group",
                "session_primary_channel_group",
                "session_primary_channel_group_default_channel_group",
                "session_source_medium",
                "session_campaign",
                "standard_channelgruppe_für_sitzung",
            ],
            &["sessions", "sitzungen", "sesiones", "sessioni"],
        ],
        columns: &[
            take("date", &["date", "day", "datum", "fecha", "data"]),
            take(
                "channel",
                &[
                    "session_default_channel_group",
                    "session_primary_channel_group",
                    "session_primary_channel_group_default_channel_group",
                    "session_source_medium",
                    "standard_channelgruppe_für_sitzung",
                ],
            ),
            take("campaign_id", &["session_campaign"]),
            take("country", &["country", "country_id"]),
            take("device", &["device_category"]),
            take(
                "landing_page",
                &["landing_page", "landing_page_query_string"],
            ),
            take(
                "sessions",
                &["sessions", "sitzungen", "sesiones", "sessioni"],
            ),
            take(
                "engaged_sessions",
                &["engaged_sessions", "sitzungen_mit_interaktionen"],
            ),
            take(
                "key_events",
                &["key_events", "conversions", "schlüsselereignisse"],
            ),
            take("revenue", &["total_revenue", "gesamtumsatz"]),
            take("currency", &["currency"]),
            take("pageviews", &["views"]),
            take("engagement_seconds", &["user_engagement"]),
        ],
        span: None,
    },
    Profile {
        name: "mailchimp",
        title: "Mailchimp, campaign report",
        format: Format::EmailStats,
        source: "mailchimp",
        signs: &[
            &["send_date"],
            &["total_recipients"],
            &["successful_deliveries"],
            &["unique_opens"],
        ],
        columns: &[
            take("date", &["send_date"]),
            always("channel", "Mailchimp"),
            take("campaign_id", &["unique_id", "title", "subject"]),
            take("sent", &["total_recipients"]),
            take("delivered", &["successful_deliveries"]),
            take("unique_opens", &["unique_opens"]),
            take("unique_clicks", &["unique_clicks"]),
            take("unsubscribes", &["unsubscribes"]),
            take("bounces", &["total_bounces"]),
            take("complaints", &["abuse_complaints"]),
            take("title", &["title"]),
            take("audience", &["audience", "list"]),
        ],
        span: None,
    },
    Profile {
        name: "activecampaign",
        title: "ActiveCampaign, campaign performance",
        format: Format::EmailStats,
        source: "activecampaign",
        signs: &[
            &["campaign", "campaign_name"],
            &["send_date", "last_sent_date"],
            &["sends", "total_sends"],
            &["unique_opens", "opens"],
            &["unsubscribes"],
        ],
        columns: &[
            take("date", &["send_date", "last_sent_date"]),
            always("channel", "ActiveCampaign"),
            take("campaign_id", &["campaign_id", "campaign", "campaign_name"]),
            take("sent", &["sends", "total_sends"]),
            take("delivered", &["delivered", "deliveries"]),
            take("unique_opens", &["unique_opens", "opens"]),
            take("machine_opens", &["machine_opens"]),
            take("unique_clicks", &["unique_clicks", "link_clicks", "clicks"]),
            take("unsubscribes", &["unsubscribes"]),
            take("bounces", &["bounces", "total_bounces"]),
            take("complaints", &["spam_complaints", "complaints"]),
        ],
        span: None,
    },
    Profile {
        name: "call-tracking",
        title: "Call tracking, log of calls",
        format: Format::Touchpoints,
        source: "call_tracking",
        signs: &[
            &["call_id", "call_sid", "id"],
            &["start_time", "call_start_time", "called_at", "date_time"],
            &[
                "caller_number",
                "customer_phone_number",
                "caller_id",
                "caller_phone_number",
            ],
            &["duration", "duration_seconds", "call_duration", "talk_time"],
        ],
        columns: &[
            take("touch_id", &["call_id", "call_sid", "id"]),
            take(
                "customer_id",
                &[
                    "caller_number",
                    "customer_phone_number",
                    "caller_id",
                    "caller_phone_number",
                ],
            ),
            take(
                "occurred_at",
                &["start_time", "call_start_time", "called_at", "date_time"],
            ),
            always("kind", "CALL"),
            take("channel", &["source", "source_name", "tracking_source"]).or("Phone"),
            take("campaign", &["campaign", "campaign_name"]),
            take("utm_source", &["utm_source"]),
            take("utm_medium", &["utm_medium", "medium"]),
            take("utm_campaign", &["utm_campaign"]),
            take(
                "is_conversion",
                &["qualified", "qualified_call", "lead_status"],
            )
            .how(How::Values((
                &[
                    ("yes", "true"),
                    ("true", "true"),
                    ("1", "true"),
                    ("good_lead", "true"),
                    ("good lead", "true"),
                    ("qualified", "true"),
                ],
                Some("false"),
            ))),
            take("value", &["value", "lead_value"]),
            take(
                "duration",
                &["duration", "duration_seconds", "call_duration", "talk_time"],
            ),
            take(
                "tracking_number",
                &["tracking_number", "tracking_phone_number"],
            ),
        ],
        span: None,
    },
];
