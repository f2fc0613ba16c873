//! Facts that sources deliver, and which days each source has delivered.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use entity::source_load;
use sea_orm::ColumnTrait;

use super::{TeamStore, TeamWriter, spans};
use crate::{error::Result, time::DateRange};

/// The tables that sources deliver, as `source_load` names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FactTable {
    /// Advertising.
    AdDay,
    /// Web site.
    WebDay,
    /// E-mail.
    EmailDay,
    /// Social accounts.
    SocialDay,
    /// Orders.
    Orders,
    /// Refunds.
    Refund,
    /// Lifecycle stages.
    StageEvent,
    /// Opportunities.
    Opportunity,
    /// Touchpoints.
    Touchpoint,
    /// Conversions.
    Conversion,
    /// Answers to surveys.
    SurveyResponse,
    /// Published content.
    ContentItem,
    /// Distinct people.
    PeopleCount,
    /// Figures that others count for the team.
    OutsideDay,
}

impl FactTable {
    /// The table's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::AdDay => "ad_day",
            Self::WebDay => "web_day",
            Self::EmailDay => "email_day",
            Self::SocialDay => "social_day",
            Self::Orders => "orders",
            Self::Refund => "refund",
            Self::StageEvent => "stage_event",
            Self::Opportunity => "opportunity",
            Self::Touchpoint => "touchpoint",
            Self::Conversion => "conversion",
            Self::SurveyResponse => "survey_response",
            Self::ContentItem => "content_item",
            Self::PeopleCount => "people_count",
            Self::OutsideDay => "outside_day",
        }
    }
}

impl TeamStore {
    /// What each source has delivered.
    pub async fn source_loads(&self) -> Result<Vec<source_load::Model>> {
        let mut rows = self.select::<source_load::Entity>().all().await?;
        rows.sort_by(|a, b| (&a.source, &a.fact).cmp(&(&b.source, &b.fact)));
        Ok(rows)
    }
}

impl TeamWriter {
    /// Notes that a source has delivered these days of a fact now, one by one. Days delivered before stay noted.
    pub async fn note_load(
        &self,
        source: &str,
        table: FactTable,
        days: Option<DateRange>,
    ) -> Result<()> {
        self.note_load_of_spans(source, table, days, &BTreeSet::new())
            .await
    }

    /// The same; `spans` are the days that single rows cover, which are booked on the last of them. Those noted before
    /// stay, but for those whose days this load delivered one by one.
    pub async fn note_load_of_spans(
        &self,
        source: &str,
        table: FactTable,
        days: Option<DateRange>,
        spans: &BTreeSet<DateRange>,
    ) -> Result<()> {
        let known = self
            .select::<source_load::Entity>()
            .filter(source_load::Column::Source.eq(source))
            .filter(source_load::Column::Fact.eq(table.name()))
            .one()
            .await?;
        let bound = |old: Option<NaiveDate>,
                     new: Option<NaiveDate>,
                     pick: fn(NaiveDate, NaiveDate) -> NaiveDate| {
            match (old, new) {
                (Some(old), Some(new)) => Some(pick(old, new)),
                (one, other) => one.or(other),
            }
        };
        let spans = spans::merge(known.as_ref(), days, spans)?;
        let row = source_load::Model {
            team_id: self.team().id,
            source: source.to_owned(),
            fact: table.name().to_owned(),
            data_from: bound(
                known.as_ref().and_then(|load| load.data_from),
                days.map(|days| days.from),
                NaiveDate::min,
            ),
            data_through: bound(
                known.and_then(|load| load.data_through),
                days.map(|days| days.to),
                NaiveDate::max,
            ),
            loaded_at: self.clock().now(),
            restated_from: self.restated_from(source, table).await?,
            spans,
        };
        self.tell_refreshed(source, days);
        self.upsert::<source_load::Entity>(vec![row]).await
    }
}
