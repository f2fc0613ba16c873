//! What is delivered by the day, and exchange rates.

use entity::{
    ad_day, email_day, fx_rate, outside_day, people_count, social_day, values::RefEntity as R,
    web_day,
};
use rust_decimal::Decimal;

use super::{Column, Exported, money, open};
use crate::{auth::Scope, export::Cell};

const PROPERTIES: &str = "kpigraph_properties";
const SCOPES: &[Scope] = &[Scope::MetricsRead];

/// A table of daily figures: by which day it is narrowed, its first columns, where each row was counted, and the rest.
macro_rules! daily {
    ($table:ident, $day:ident, [$($first:expr),* $(,)?], [$($rest:expr),* $(,)?]) => {
        impl Exported for $table::Entity {
            const SCOPES: &'static [Scope] = SCOPES;
            const DAY: Option<$table::Column> = Some($table::Column::$day);
            const SOURCE: Option<$table::Column> = Some($table::Column::Source);
            const COLUMNS: &'static [Column<$table::Model>] = &[
                $($first,)*
                open("channel", |row, names| {
                    names.place(R::Channel, row.channel_id, Some(&row.source))
                }),
                open("campaign_id", |row, names| {
                    names.place(R::Campaign, row.campaign_id, Some(&row.source))
                }),
                open("country", |row, _| Cell::text(row.country.as_str())),
                $($rest,)*
                open("kpigraph_source", |row, _| Cell::text(row.source.as_str())),
            ];

            fn refers(row: &$table::Model) -> Vec<(R, i64)> {
                vec![(R::Campaign, row.campaign_id), (R::Channel, row.channel_id)]
            }
        }
    };
}

macro_rules! count {
    ($name:ident) => {
        open(stringify!($name), |row, _| Cell::Int(row.$name))
    };
}

macro_rules! device {
    () => {
        open("device", |row, _| Cell::text(row.device.as_str()))
    };
}

macro_rules! properties {
    () => {
        open(PROPERTIES, |row, _| Cell::Json(row.properties.clone()))
    };
}

daily!(
    ad_day,
    Day,
    [
        open("date", |row, _| row.day.into()),
        open("campaign_name", |row, names| names
            .title(R::Campaign, row.campaign_id)),
    ],
    [
        device!(),
        count!(impressions),
        count!(clicks),
        count!(video_views),
        count!(watch_seconds),
        count!(engagements),
        money("spend", |row, _| Cell::micros(row.spend)),
        open("conversions", |row, _| Cell::micros(row.conversions)),
        money("conversion_value", |row, _| Cell::micros(
            row.conversion_value
        )),
        open("currency", |row, _| Cell::text(row.currency.as_str())),
        properties!(),
    ]
);
daily!(
    web_day,
    Day,
    [open("date", |row, _| row.day.into())],
    [
        device!(),
        open("landing_page", |row, _| Cell::text(
            row.landing_page.as_str()
        )),
        count!(sessions),
        count!(engaged_sessions),
        count!(converted_sessions),
        count!(pageviews),
        count!(engagement_seconds),
        count!(key_events),
        money("revenue", |row, _| Cell::micros(row.revenue)),
        open("currency", |row, _| Cell::text(row.currency.as_str())),
        properties!(),
    ]
);
daily!(
    email_day,
    Day,
    [open("date", |row, _| row.day.into())],
    [
        device!(),
        count!(sent),
        count!(delivered),
        count!(unique_opens),
        count!(machine_opens),
        count!(unique_clicks),
        count!(unsubscribes),
        count!(bounces),
        count!(complaints),
        properties!(),
    ]
);
daily!(
    social_day,
    Day,
    [open("date", |row, _| row.day.into())],
    [
        device!(),
        count!(followers),
        count!(followers_gained),
        count!(followers_lost),
        count!(mentions),
        count!(engagements),
        count!(impressions),
        count!(likes),
        count!(shares),
        properties!(),
    ]
);
daily!(
    people_count,
    FromDay,
    [
        open("kind", |row, _| Cell::text(row.kind.as_str())),
        open("from", |row, _| row.from_day.into()),
        open("to", |row, _| row.to_day.into()),
    ],
    [device!(), count!(people)]
);
daily!(
    outside_day,
    Day,
    [
        open("figure", |row, _| Cell::text(row.figure.as_str())),
        open("date", |row, _| row.day.into()),
    ],
    [
        // Whether a figure is an amount of money its name tells, not its table.
        money("value", |row, _| Cell::micros(row.value)),
        open("currency", |row, _| Cell::text(row.currency.as_str())),
        properties!(),
    ]
);

impl Exported for fx_rate::Entity {
    const SCOPES: &'static [Scope] = SCOPES;
    const DAY: Option<fx_rate::Column> = Some(fx_rate::Column::Day);
    const SOURCE: Option<fx_rate::Column> = Some(fx_rate::Column::Source);
    const COLUMNS: &'static [Column<fx_rate::Model>] = &[
        open("date", |row, _| row.day.into()),
        open("from", |row, _| Cell::text(row.from_currency.as_str())),
        open("to", |row, _| Cell::text(row.to_currency.as_str())),
        open("rate", |row, _| {
            Cell::Number(Decimal::new(row.rate_nanos, 9).normalize())
        }),
        open("kpigraph_source", |row, _| Cell::text(row.source.as_str())),
    ];
}
