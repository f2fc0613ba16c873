//! Tables of connectors that hold no facts of a team: told apart so that nobody wonders why they cannot be imported.

use super::{ColumnName, find};

/// A table: the columns by which it is recognised, and what it holds.
type Table = (&'static [&'static str], &'static str);

const TABLES: &[Table] = &[
    (
        &["action_type", "ad_id", "value"],
        "Meta Ads' actions by ad",
    ),
    (
        &["id", "account_id", "name", "updated_time"],
        "Meta Ads' names of campaigns",
    ),
    (
        &["advertising_channel_type", "serving_status"],
        "Google Ads' settings of campaigns",
    ),
    (
        &["modified_time", "time_zone", "account_id"],
        "Microsoft Ads' settings of campaigns",
    ),
    (
        &["adgroup_id", "advertiser_id", "ad_text"],
        "TikTok Ads' texts of ads",
    ),
    (
        &["property_industry", "property_annualrevenue"],
        "HubSpot's companies",
    ),
    (
        &["processing_type", "list_version"],
        "HubSpot's lists of contacts",
    ),
    (
        &["pipeline_id", "label", "display_order"],
        "HubSpot's pipelines and their stages",
    ),
    (
        &["deal_id", "date_entered", "value"],
        "HubSpot's former stages of deals",
    ),
    (&["num_included", "content_id"], "HubSpot's mailings"),
    (
        &["referer", "user_agent", "url"],
        "HubSpot's clicks in mails, without the recipient",
    ),
    (
        &["duration", "user_agent", "ip_address"],
        "HubSpot's openings of mails, without the recipient",
    ),
    (
        &["bcc", "reply_to", "subject"],
        "HubSpot's mails sent, without the recipient",
    ),
    (
        &["email_campaign_id", "sent_by_id", "recipient"],
        "HubSpot's events of mails",
    ),
    (
        &["subject_line", "list_id", "send_time"],
        "Mailchimp's mailings, without their figures",
    ),
    (
        &["member_id", "campaign_id", "combination_id", "list_id"],
        "Mailchimp's recipients of mailings",
    ),
    (
        &["permission_reminder", "date_created"],
        "Mailchimp's audiences",
    ),
    (&["member_count", "list_id"], "Mailchimp's segments"),
    (
        &["segment_id", "member_id"],
        "Mailchimp's members of segments",
    ),
    (
        &["reason", "campaign_id", "member_id"],
        "Mailchimp's unsubscriptions",
    ),
    (&["account_source", "billing_city"], "Salesforce's accounts"),
    (
        &["reports_to_id", "mailing_city"],
        "Salesforce's contacts, whose stage stands with the leads",
    ),
    (
        &["pricebook_entry_id", "unit_price"],
        "Salesforce's items of opportunities",
    ),
    (
        &["fivetran_start", "stage_name"],
        "Salesforce's former versions of opportunities",
    ),
];

/// What a table of a connector holds that has nothing to import.
pub(in crate::import) fn beside(names: &[ColumnName]) -> Option<&'static str> {
    let has = |(columns, _): &&Table| {
        columns
            .iter()
            .all(|column| find(names, &[column]).is_some())
    };
    TABLES.iter().find(has).map(|(_, title)| *title)
}
