//! What bulk mutations take, and how items become the rows that loads work with.

use async_graphql::{InputObject, InputType};
use entity::values::RefEntity;

use super::{
    ad_days::AdDayUpsert, benchmarks::BenchmarkUpsert, content::ContentUpsert,
    conversions::ConversionUpsert, costs::CostUpsert, customers::CustomerUpsert,
    email_days::EmailDayUpsert, exchange_rates::ExchangeRateUpsert, figures::FigureUpsert,
    opportunities::OpportunityUpsert, orders::OrderUpsert, people_counts::PeopleCountUpsert,
    refunds::RefundUpsert, social_days::SocialDayUpsert, stage_events::StageEventUpsert,
    surveys::SurveyAnswerUpsert, touchpoints::TouchpointUpsert, web_days::WebDayUpsert,
};
use crate::{
    auth::Scope,
    graphql::{
        external_ref::RefInput,
        global_id::{GlobalId, NodeType},
        kpi_input::DateRangeInput,
        scalars::CurrencyCode,
    },
    import::bulk::{BulkMode, Given, Kind, Named},
};

/// An item of a bulk mutation.
pub trait Item: InputType {
    /// What it is.
    const KIND: Kind;
    /// The mutation that takes it.
    const MUTATION: &'static str;
    /// What a caller needs to send it.
    const SCOPE: Scope = Scope::Ingest;

    /// The item as a row: each field under the name of its column.
    fn given(self) -> Given;
}

/// Rows to create or update.
#[derive(InputObject)]
#[graphql(
    concrete(name = "UpsertCustomersInput", params(CustomerUpsert)),
    concrete(name = "UpsertOrdersInput", params(OrderUpsert)),
    concrete(name = "UpsertStageEventsInput", params(StageEventUpsert)),
    concrete(name = "UpsertOpportunitiesInput", params(OpportunityUpsert)),
    concrete(name = "UpsertRefundsInput", params(RefundUpsert)),
    concrete(name = "UpsertTouchpointsInput", params(TouchpointUpsert)),
    concrete(name = "UpsertConversionsInput", params(ConversionUpsert)),
    concrete(name = "UpsertCostsInput", params(CostUpsert)),
    concrete(name = "UpsertSurveyAnswersInput", params(SurveyAnswerUpsert)),
    concrete(name = "UpsertContentInput", params(ContentUpsert)),
    concrete(name = "UpsertExchangeRatesInput", params(ExchangeRateUpsert)),
    concrete(name = "UpsertBenchmarksInput", params(BenchmarkUpsert))
)]
pub struct UpsertInput<T: InputType> {
    /// A name for this call, 1 to 200 characters. For 7 days a call of the same name and content is answered as this
    /// one was, without being worked through again.
    pub idempotency_key: Option<String>,
    /// Who tells, 1 to 60 characters without blanks around them, such as `hubspot`. Ids are this source's.
    pub source: String,
    /// Whether good rows are written when others are bad. Default: PARTIAL.
    pub mode: Option<BulkMode>,
    /// Say what would happen and write nothing. Default: false.
    pub dry_run: Option<bool>,
    /// The rows, 1 to 5000. Of several with the same key the last counts, the others fail.
    pub items: Vec<T>,
}

/// Daily figures to create or update. Each row replaces what the source said of the same key.
#[derive(InputObject)]
#[graphql(
    concrete(name = "UpsertAdDaysInput", params(AdDayUpsert)),
    concrete(name = "UpsertWebDaysInput", params(WebDayUpsert)),
    concrete(name = "UpsertEmailDaysInput", params(EmailDayUpsert)),
    concrete(name = "UpsertSocialDaysInput", params(SocialDayUpsert)),
    concrete(name = "UpsertPeopleCountsInput", params(PeopleCountUpsert)),
    concrete(name = "UpsertFiguresInput", params(FigureUpsert))
)]
pub struct UpsertDaysInput<T: InputType> {
    /// A name for this call, 1 to 200 characters. For 7 days a call of the same name and content is answered as this
    /// one was, without being worked through again.
    pub idempotency_key: Option<String>,
    /// Who tells, 1 to 60 characters without blanks around them, such as `google_ads`. Ids are this source's.
    pub source: String,
    /// Whether good rows are written when others are bad. Default: PARTIAL.
    pub mode: Option<BulkMode>,
    /// Say what would happen and write nothing. Default: false.
    pub dry_run: Option<bool>,
    /// Days of which these rows are all that the source has: what it said of other keys in them goes away. One bad row
    /// keeps the whole call from being written then, whatever the mode.
    pub replace_window: Option<DateRangeInput>,
    /// The rows, 1 to 5000; none is allowed with `replaceWindow`. Of several with the same key the last counts, the
    /// others fail.
    pub items: Vec<T>,
}

/// A breakdown that has no field of its own.
#[derive(InputObject)]
pub struct PropertyInput {
    /// Its name, such as `ad_set`.
    key: String,
    /// What it is for this row; blank is as if it was not given.
    value: String,
}

/// Breakdowns as pairs.
pub fn pairs(properties: Option<Vec<PropertyInput>>) -> Vec<(String, String)> {
    let properties = properties.unwrap_or_default().into_iter();
    properties
        .map(|property| (property.key, property.value))
        .collect()
}

/// The code of a currency.
pub fn code(currency: Option<CurrencyCode>) -> Option<String> {
    currency.map(|currency| currency.0)
}

/// Rows that name things as clients do.
pub trait Naming {
    /// The row with a customer.
    fn customer(self, column: &'static str, field: &'static str, named: Option<RefInput>) -> Self;
    /// The row with a campaign.
    fn campaign(self, column: &'static str, field: &'static str, named: Option<RefInput>) -> Self;
    /// The row with a channel.
    fn channel(self, column: &'static str, field: &'static str, named: Option<RefInput>) -> Self;
}

impl Naming for Given {
    fn customer(self, column: &'static str, field: &'static str, given: Option<RefInput>) -> Self {
        let named = given.map(|given| named(given, NodeType::Customer));
        self.naming(column, field, RefEntity::Customer, named)
    }

    fn campaign(self, column: &'static str, field: &'static str, given: Option<RefInput>) -> Self {
        let named = given.map(|given| named(given, NodeType::Campaign));
        self.naming(column, field, RefEntity::Campaign, named)
    }

    fn channel(self, column: &'static str, field: &'static str, given: Option<RefInput>) -> Self {
        let named = given.map(|given| named(given, NodeType::Channel));
        self.naming(column, field, RefEntity::Channel, named)
    }
}

fn named(given: RefInput, node: NodeType) -> Named {
    match given {
        RefInput::Id(id) => GlobalId::expect("id", &id, node).map_or(Named::Nobody, Named::Id),
        RefInput::External(name) => Named::External {
            system: name.system,
            id: name.id,
        },
    }
}
