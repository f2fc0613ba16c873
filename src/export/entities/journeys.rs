//! Customers and what happens on their way.

use entity::{
    conversion, customer, opportunity, orders, refund, stage_event, survey_response, touchpoint,
    values::RefEntity as R,
};
use sea_orm::ActiveEnum;

use super::{Column, Exported, money, open, personal};
use crate::{auth::Scope, export::Cell, graphql::NodeType};

/// The breakdowns that a row has beyond its columns.
const PROPERTIES: &str = "kpigraph_properties";

impl Exported for customer::Entity {
    const SCOPES: &'static [Scope] = &[Scope::CustomersRead];
    const ID: Option<(customer::Column, Option<NodeType>, Option<R>)> = Some((
        customer::Column::Id,
        Some(NodeType::Customer),
        Some(R::Customer),
    ));
    const COLUMNS: &'static [Column<customer::Model>] = &[
        open("customer_id", |row, names| names.name(R::Customer, row.id)),
        open("created_at", |row, _| {
            row.acquired_at.unwrap_or(row.created_at).into()
        }),
        open("channel", |row, names| {
            names.place(R::Channel, row.acquired_channel_id.unwrap_or(0), None)
        }),
        open("campaign", |row, names| {
            names.place(R::Campaign, row.acquired_campaign_id.unwrap_or(0), None)
        }),
        personal("email", |row, _| Cell::of(row.email.as_deref(), Cell::from)),
        personal("name", |row, _| Cell::of(row.name.as_deref(), Cell::from)),
        open("country", |row, _| {
            Cell::of(row.country.as_deref(), Cell::from)
        }),
        open("stage", |row, _| {
            Cell::of(row.lifecycle, |stage| Cell::text(stage.to_value()))
        }),
        open("kpigraph_acquired_at", |row, _| {
            Cell::of(row.acquired_at, Cell::from)
        }),
        open("kpigraph_first_order_day", |row, _| {
            Cell::of(row.first_order_day, Cell::from)
        }),
        open("kpigraph_second_order_day", |row, _| {
            Cell::of(row.second_order_day, Cell::from)
        }),
        open("kpigraph_source_updated_at", |row, _| {
            Cell::of(row.source_updated_at, Cell::from)
        }),
        open("kpigraph_created_at", |row, _| row.created_at.into()),
        open("kpigraph_version", |row, _| Cell::Int(row.version.into())),
        personal(PROPERTIES, |row, _| Cell::Json(row.properties.clone())),
    ];

    fn id(row: &customer::Model) -> i64 {
        row.id
    }

    fn refers(row: &customer::Model) -> Vec<(R, i64)> {
        vec![
            (R::Campaign, row.acquired_campaign_id.unwrap_or(0)),
            (R::Channel, row.acquired_channel_id.unwrap_or(0)),
        ]
    }
}

impl Exported for stage_event::Entity {
    const SCOPES: &'static [Scope] = &[Scope::CustomersRead];
    const DAY: Option<stage_event::Column> = Some(stage_event::Column::Day);
    const SOURCE: Option<stage_event::Column> = Some(stage_event::Column::Source);
    const ID: Option<(stage_event::Column, Option<NodeType>, Option<R>)> = Some((
        stage_event::Column::Id,
        Some(NodeType::StageEvent),
        Some(R::StageEvent),
    ));
    const COLUMNS: &'static [Column<stage_event::Model>] = &[
        open("customer_id", |row, names| {
            names.name(R::Customer, row.customer_id)
        }),
        open("stage", |row, _| Cell::text(row.stage.to_value())),
        open("entered_at", |row, _| row.entered_at.into()),
        open("kpigraph_day", |row, _| row.day.into()),
        open("kpigraph_first_entry", |row, _| Cell::Flag(row.first_entry)),
        open("kpigraph_source", |row, _| Cell::text(row.source.as_str())),
    ];

    fn id(row: &stage_event::Model) -> i64 {
        row.id
    }

    fn refers(row: &stage_event::Model) -> Vec<(R, i64)> {
        vec![(R::Customer, row.customer_id)]
    }
}

impl Exported for opportunity::Entity {
    const SCOPES: &'static [Scope] = &[Scope::CustomersRead];
    const DAY: Option<opportunity::Column> = Some(opportunity::Column::OpenedOn);
    const ID: Option<(opportunity::Column, Option<NodeType>, Option<R>)> = Some((
        opportunity::Column::Id,
        Some(NodeType::Opportunity),
        Some(R::Opportunity),
    ));
    const COLUMNS: &'static [Column<opportunity::Model>] = &[
        open("deal_id", |row, names| names.name(R::Opportunity, row.id)),
        open("lead_id", |row, names| {
            names.name_of(R::Customer, row.customer_id)
        }),
        open("opened_at", |row, _| Cell::of(row.opened_on, Cell::from)),
        open("closed_at", |row, _| Cell::of(row.closed_at, Cell::from)),
        open("outcome", |row, _| Cell::text(row.outcome.to_value())),
        open("stage", |row, _| Cell::of(row.stage.as_deref(), Cell::from)),
        money("amount", |row, _| Cell::of(row.amount, Cell::micros)),
        open("currency", |row, _| Cell::text(row.currency.as_str())),
        open("kpigraph_closed_on", |row, _| {
            Cell::of(row.closed_on, Cell::from)
        }),
        personal(PROPERTIES, |row, _| Cell::Json(row.properties.clone())),
    ];

    fn id(row: &opportunity::Model) -> i64 {
        row.id
    }

    fn refers(row: &opportunity::Model) -> Vec<(R, i64)> {
        vec![(R::Customer, row.customer_id.unwrap_or(0))]
    }
}

impl Exported for orders::Entity {
    const SCOPES: &'static [Scope] = &[Scope::MoneyRead];
    const DAY: Option<orders::Column> = Some(orders::Column::Day);
    const ID: Option<(orders::Column, Option<NodeType>, Option<R>)> =
        Some((orders::Column::Id, Some(NodeType::Order), Some(R::Order)));
    const COLUMNS: &'static [Column<orders::Model>] = &[
        open("order_id", |row, names| names.name(R::Order, row.id)),
        open("customer_id", |row, names| {
            names.name_of(R::Customer, row.customer_id)
        }),
        open("ordered_at", |row, _| row.ordered_at.into()),
        open("gross", |row, _| Cell::micros(row.gross)),
        open("discount", |row, _| Cell::micros(row.discount)),
        open("tax", |row, _| Cell::micros(row.tax)),
        open("shipping", |row, _| Cell::micros(row.shipping)),
        open("amount", |row, _| Cell::micros(row.net)),
        open("cost_of_goods", |row, _| {
            Cell::of(row.cost_of_goods, Cell::micros)
        }),
        open("currency", |row, _| Cell::text(row.currency.as_str())),
        open("status", |row, _| Cell::text(row.status.as_str())),
        open("country", |row, _| {
            Cell::of(row.country.as_deref(), Cell::from)
        }),
        open("device", |row, _| {
            Cell::of(row.device, |device| Cell::text(device.to_value()))
        }),
        open("kpigraph_day", |row, _| row.day.into()),
        open("kpigraph_counted", |row, _| Cell::Flag(row.counted)),
        open("kpigraph_refunded", |row, _| Cell::micros(row.refunded)),
        personal(PROPERTIES, |row, _| Cell::Json(row.properties.clone())),
    ];

    fn id(row: &orders::Model) -> i64 {
        row.id
    }

    fn refers(row: &orders::Model) -> Vec<(R, i64)> {
        vec![(R::Customer, row.customer_id.unwrap_or(0))]
    }
}

impl Exported for refund::Entity {
    const SCOPES: &'static [Scope] = &[Scope::MoneyRead];
    const DAY: Option<refund::Column> = Some(refund::Column::Day);
    const ID: Option<(refund::Column, Option<NodeType>, Option<R>)> =
        Some((refund::Column::Id, Some(NodeType::Refund), Some(R::Refund)));
    const COLUMNS: &'static [Column<refund::Model>] = &[
        open("refund_id", |row, names| names.name(R::Refund, row.id)),
        open("order_id", |row, names| names.name(R::Order, row.order_id)),
        open("refunded_at", |row, _| row.refunded_at.into()),
        open("amount", |row, _| Cell::micros(row.amount)),
        open("currency", |row, _| Cell::text(row.currency.as_str())),
        open("kpigraph_day", |row, _| row.day.into()),
    ];

    fn id(row: &refund::Model) -> i64 {
        row.id
    }

    fn refers(row: &refund::Model) -> Vec<(R, i64)> {
        vec![(R::Order, row.order_id)]
    }
}

impl Exported for touchpoint::Entity {
    const SCOPES: &'static [Scope] = &[Scope::CustomersRead];
    const DAY: Option<touchpoint::Column> = Some(touchpoint::Column::Day);
    const ID: Option<(touchpoint::Column, Option<NodeType>, Option<R>)> = Some((
        touchpoint::Column::Id,
        Some(NodeType::Touchpoint),
        Some(R::Touchpoint),
    ));
    const COLUMNS: &'static [Column<touchpoint::Model>] = &[
        open("touch_id", |row, names| names.name(R::Touchpoint, row.id)),
        open("customer_id", |row, names| {
            names.name(R::Customer, row.customer_id)
        }),
        open("occurred_at", |row, _| row.occurred_at.into()),
        open("channel", |row, names| {
            names.place(R::Channel, row.channel_id.unwrap_or(0), None)
        }),
        open("campaign", |row, names| {
            names.place(R::Campaign, row.campaign_id.unwrap_or(0), None)
        }),
        open("kind", |row, _| Cell::text(row.kind.to_value())),
        open("utm_source", |row, _| {
            Cell::of(row.utm_source.as_deref(), Cell::from)
        }),
        open("utm_medium", |row, _| {
            Cell::of(row.utm_medium.as_deref(), Cell::from)
        }),
        open("utm_campaign", |row, _| {
            Cell::of(row.utm_campaign.as_deref(), Cell::from)
        }),
        open("referrer", |row, _| {
            Cell::of(row.referrer.as_deref(), Cell::from)
        }),
        open("kpigraph_day", |row, _| row.day.into()),
        personal(PROPERTIES, |row, _| Cell::Json(row.properties.clone())),
    ];

    fn id(row: &touchpoint::Model) -> i64 {
        row.id
    }

    fn refers(row: &touchpoint::Model) -> Vec<(R, i64)> {
        vec![
            (R::Customer, row.customer_id),
            (R::Campaign, row.campaign_id.unwrap_or(0)),
            (R::Channel, row.channel_id.unwrap_or(0)),
        ]
    }
}

impl Exported for conversion::Entity {
    const SCOPES: &'static [Scope] = &[Scope::CustomersRead];
    const DAY: Option<conversion::Column> = Some(conversion::Column::Day);
    const ID: Option<(conversion::Column, Option<NodeType>, Option<R>)> = Some((
        conversion::Column::Id,
        Some(NodeType::Conversion),
        Some(R::Conversion),
    ));
    const COLUMNS: &'static [Column<conversion::Model>] = &[
        open("conversion_id", |row, names| {
            names.name(R::Conversion, row.id)
        }),
        open("customer_id", |row, names| {
            names.name_of(R::Customer, row.customer_id)
        }),
        open("type", |row, _| Cell::text(row.kind.as_str())),
        open("occurred_at", |row, _| row.occurred_at.into()),
        money("value", |row, _| Cell::of(row.value, Cell::micros)),
        open("currency", |row, _| Cell::text(row.currency.as_str())),
        open("kpigraph_day", |row, _| row.day.into()),
    ];

    fn id(row: &conversion::Model) -> i64 {
        row.id
    }

    fn refers(row: &conversion::Model) -> Vec<(R, i64)> {
        vec![(R::Customer, row.customer_id.unwrap_or(0))]
    }
}

impl Exported for survey_response::Entity {
    const SCOPES: &'static [Scope] = &[Scope::CustomersRead];
    const DAY: Option<survey_response::Column> = Some(survey_response::Column::Day);
    const ID: Option<(survey_response::Column, Option<NodeType>, Option<R>)> =
        Some((survey_response::Column::Id, None, Some(R::SurveyResponse)));
    const COLUMNS: &'static [Column<survey_response::Model>] = &[
        open("answer_id", |row, names| {
            names.name(R::SurveyResponse, row.id)
        }),
        open("survey", |row, _| Cell::text(row.survey.as_str())),
        open("kind", |row, _| Cell::text(row.kind.to_value())),
        open("customer_id", |row, names| {
            names.name_of(R::Customer, row.customer_id)
        }),
        open("score", |row, _| Cell::Int(row.score.into())),
        open("scale_max", |row, _| Cell::Int(row.scale_max.into())),
        open("answered_at", |row, _| row.answered_at.into()),
        open("kpigraph_day", |row, _| row.day.into()),
    ];

    fn id(row: &survey_response::Model) -> i64 {
        row.id
    }

    fn refers(row: &survey_response::Model) -> Vec<(R, i64)> {
        vec![(R::Customer, row.customer_id.unwrap_or(0))]
    }
}
