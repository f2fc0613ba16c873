//! Exports of customer relationship management.

use super::{How, Profile, always, take};
use crate::import::Format;

/// Stages of HubSpot's contacts, by their names and by their keys.
pub(super) const LIFECYCLE: How = How::Values((
    &[
        ("subscriber", "VISITOR"),
        ("lead", "LEAD"),
        ("marketingqualifiedlead", "MQL"),
        ("marketing qualified lead", "MQL"),
        ("salesqualifiedlead", "SQL"),
        ("sales qualified lead", "SQL"),
        ("opportunity", "SQO"),
        ("customer", "CUSTOMER"),
        ("evangelist", "CUSTOMER"),
        ("other", "LEAD"),
    ],
    None,
));

/// How the stages of deals end; all others are open.
pub(super) const OUTCOME: How = How::Values((
    &[
        ("closed won", "WON"),
        ("closedwon", "WON"),
        ("won", "WON"),
        ("closed/won", "WON"),
        ("gewonnen", "WON"),
        ("closed lost", "LOST"),
        ("closedlost", "LOST"),
        ("lost", "LOST"),
        ("closed/lost", "LOST"),
        ("verloren", "LOST"),
    ],
    Some("OPEN"),
));

/// Stages of Salesforce's leads.
const LEAD_STATUS: How = How::Values((
    &[
        ("open - not contacted", "LEAD"),
        ("open", "LEAD"),
        ("new", "LEAD"),
        ("unqualified", "LEAD"),
        ("nurturing", "LEAD"),
        ("closed - not converted", "LEAD"),
        ("marketing qualified", "MQL"),
        ("mql", "MQL"),
        ("contacted", "SAL"),
        ("working", "SAL"),
        ("working - contacted", "SAL"),
        ("qualified", "SQL"),
        ("closed - converted", "SQO"),
        ("converted", "SQO"),
    ],
    Some("LEAD"),
));

const CREATED: &[&str] = &[
    "create_date",
    "created_date",
    "erstellungsdatum",
    "fecha_de_creación",
    "date_de_création",
];

pub(super) const ALL: &[Profile] = &[
    Profile {
        name: "hubspot-contacts",
        title: "HubSpot, contacts",
        format: Format::Leads,
        source: "hubspot",
        signs: &[
            &["record_id", "datensatz_id", "contact_id"],
            &["email", "e_mail"],
            &["lifecycle_stage", "lifecycle_phase"],
            CREATED,
        ],
        columns: &[
            take("lead_id", &["record_id", "datensatz_id", "contact_id"]),
            take("created_at", CREATED),
            take(
                "channel",
                &[
                    "original_source",
                    "original_traffic_source",
                    "ursprüngliche_quelle",
                ],
            ),
            take("campaign", &["original_source_drill_down_1_campaign"]),
            take("email", &["email", "e_mail"]),
            take("name", &["first_name", "last_name"]).how(How::Joined),
            take("country", &["country_region_code", "ip_country_code"]),
            take("stage", &["lifecycle_stage", "lifecycle_phase"]).how(LIFECYCLE),
            take("owner", &["contact_owner"]),
            take("company", &["associated_company", "company_name"]),
            take("lead_status", &["lead_status"]),
        ],
        span: None,
    },
    Profile {
        name: "hubspot-deals",
        title: "HubSpot, deals",
        format: Format::Deals,
        source: "hubspot",
        signs: &[
            &["record_id", "datensatz_id", "deal_id"],
            &["deal_stage", "deal_phase"],
            &["pipeline"],
            &["deal_name"],
        ],
        columns: &[
            take("deal_id", &["record_id", "datensatz_id", "deal_id"]),
            take(
                "lead_id",
                &["associated_contact_ids", "associated_contact_id"],
            )
            .how(How::First),
            take("opened_at", CREATED),
            take("closed_at", &["close_date", "abschlussdatum"]),
            take("outcome", &["deal_stage", "deal_phase"]).how(OUTCOME),
            take("stage", &["deal_stage", "deal_phase"]),
            take("amount", &["amount", "betrag"]),
            take("currency", &["currency", "deal_currency"]),
            take("pipeline", &["pipeline"]),
            take("owner", &["deal_owner"]),
            take("deal", &["deal_name"]),
        ],
        span: None,
    },
    Profile {
        name: "salesforce-leads",
        title: "Salesforce, report of leads",
        format: Format::Leads,
        source: "salesforce",
        signs: &[
            &["lead_id"],
            &["lead_status", "status"],
            &["lead_source", "company_account", "company", "lead_owner"],
            &["created_date", "create_date"],
        ],
        columns: &[
            take("lead_id", &["lead_id"]),
            take("created_at", &["created_date", "create_date"]),
            take("channel", &["lead_source"]),
            take("campaign", &["campaign_name", "campaign_id"]),
            take("email", &["email"]),
            take("name", &["first_name", "last_name"]).how(How::Joined),
            take("country", &["country", "country_code"]),
            take("stage", &["lead_status", "status"]).how(LEAD_STATUS),
            take("lead_status", &["lead_status", "status"]),
            take("owner", &["lead_owner"]),
            take("company", &["company_account", "company"]),
            take("industry", &["industry"]),
            take("rating", &["rating"]),
        ],
        span: None,
    },
    Profile {
        name: "salesforce-opportunities",
        title: "Salesforce, report of opportunities",
        format: Format::Deals,
        source: "salesforce",
        signs: &[
            &["opportunity_id"],
            &["stage"],
            &["opportunity_name", "opportunity_owner"],
            &["close_date"],
        ],
        columns: &[
            take("deal_id", &["opportunity_id"]),
            take("lead_id", &["contact_id", "primary_contact_id"]),
            take("opened_at", &["created_date", "create_date"]),
            take("closed_at", &["close_date"]),
            take("outcome", &["stage"]).how(OUTCOME),
            take("stage", &["stage"]),
            take("amount", &["amount"]),
            take("currency", &["amount_currency", "currency"]),
            take("owner", &["opportunity_owner"]),
            take("account", &["account_name"]),
            take("type", &["type"]),
            take("lead_source", &["lead_source"]),
            take("opportunity", &["opportunity_name"]),
        ],
        span: None,
    },
    Profile {
        name: "mailchimp-audience",
        title: "Mailchimp, exported audience",
        format: Format::Leads,
        source: "mailchimp",
        signs: &[
            &["email_address"],
            &["optin_time"],
            &["member_rating"],
            &["leid", "euid"],
        ],
        columns: &[
            take("lead_id", &["euid", "leid"]),
            take("created_at", &["optin_time", "confirm_time"]),
            always("channel", "Mailchimp"),
            take("email", &["email_address"]),
            take("name", &["first_name", "last_name"]).how(How::Joined),
            take("country", &["cc"]),
            take("member_rating", &["member_rating"]),
        ],
        span: None,
    },
];
