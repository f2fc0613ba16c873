//! Daily facts: staged by an import, published in one step; and which days each source has delivered.

use chrono::NaiveDate;
use entity::{ad_day_staged, source_load};
use sea_orm::ColumnTrait;

use super::{TeamStore, TeamWriter};
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

/// What became of staged rows, in rows of the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Published {
    /// New or changed.
    pub written: u64,
    /// As they already were.
    pub unchanged: u64,
}

/// The natural key of a daily fact but for the team.
const KEY: [&str; 7] = [
    "campaign_id",
    "day",
    "source",
    "channel_id",
    "country",
    "device",
    "properties",
];
const VALUES: [&str; 9] = [
    "impressions",
    "clicks",
    "video_views",
    "watch_seconds",
    "engagements",
    "spend",
    "conversions",
    "conversion_value",
    "currency",
];

impl TeamStore {
    /// What each source has delivered.
    pub async fn source_loads(&self) -> Result<Vec<source_load::Model>> {
        let mut rows = self.select::<source_load::Entity>().all().await?;
        rows.sort_by(|a, b| (&a.source, &a.fact).cmp(&(&b.source, &b.fact)));
        Ok(rows)
    }
}

impl TeamWriter {
    /// Adds rows to a load that is being staged. Rows of one load with the same key add up.
    pub async fn stage_ads(&self, rows: Vec<ad_day_staged::Model>) -> Result<()> {
        use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
        let mut conflict = OnConflict::columns(
            std::iter::once("team_id")
                .chain(std::iter::once("load_id"))
                .chain(KEY)
                .map(sea_orm::sea_query::Alias::new),
        );
        for column in VALUES
            .iter()
            .filter(|column| **column != "currency")
            .chain(&["row_count"])
        {
            let sum = Expr::col(("ad_day_staged", *column)).add(Expr::col(("excluded", *column)));
            conflict.value(*column, sum);
        }
        self.write::<ad_day_staged::Entity>(rows, Some(conflict))
            .await
    }

    /// Replaces what `source` delivered before for the campaigns and days of the load by the load, and forgets the
    /// load. Rows that stay as they were are not written.
    pub async fn publish_ads(&self, load_id: i64, source: &str) -> Result<Published> {
        let values = || vec![load_id.into()];
        let key = |left: &str, right: &str| {
            KEY.map(|column| format!("{left}.{column} = {right}.{column}"))
                .join(" AND ")
        };
        let same = VALUES
            .map(|column| format!("f.{column} = s.{column}"))
            .join(" AND ");
        self.refresh_statistics(&[FactTable::AdDay]).await?;
        let staged = self.staged_rows("", values()).await?;
        let unchanged = self
            .staged_rows(
                &format!(
                    " AND EXISTS (SELECT 1 FROM ad_day f WHERE f.team_id = s.team_id AND {} AND {same})",
                    key("f", "s")
                ),
                values(),
            )
            .await?;
        let mut gone = values();
        gone.push(source.into());
        self.execute(
            &format!(
                "DELETE FROM ad_day WHERE team_id = $1 AND source = $3 \
                 AND EXISTS (SELECT 1 FROM ad_day_staged s WHERE s.team_id = ad_day.team_id AND s.load_id = $2 \
                 AND s.campaign_id = ad_day.campaign_id AND s.day = ad_day.day) \
                 AND NOT EXISTS (SELECT 1 FROM ad_day_staged s WHERE s.team_id = ad_day.team_id AND s.load_id = $2 \
                 AND {} AND {})",
                key("s", "ad_day"),
                VALUES.map(|column| format!("s.{column} = ad_day.{column}")).join(" AND "),
            ),
            gone,
        )
        .await?;
        let columns = KEY.iter().chain(&VALUES).copied().collect::<Vec<_>>();
        let selected = columns
            .iter()
            .map(|column| format!("s.{column}"))
            .collect::<Vec<_>>()
            .join(", ");
        self.execute(
            &format!(
                "INSERT INTO ad_day (team_id, {}) SELECT s.team_id, {selected} FROM ad_day_staged s \
                 WHERE s.team_id = $1 AND s.load_id = $2 \
                 AND NOT EXISTS (SELECT 1 FROM ad_day f WHERE f.team_id = s.team_id AND {})",
                columns.join(", "),
                key("f", "s"),
            ),
            values(),
        )
        .await?;
        self.delete::<ad_day_staged::Entity>(ad_day_staged::Column::LoadId.eq(load_id))
            .await?;
        Ok(Published {
            written: staged.saturating_sub(unchanged),
            unchanged,
        })
    }

    async fn staged_rows(&self, condition: &str, values: Vec<sea_orm::Value>) -> Result<u64> {
        let sql = format!(
            "SELECT CAST(COALESCE(SUM(s.row_count), 0) AS BIGINT) AS n FROM ad_day_staged s \
             WHERE s.team_id = $1 AND s.load_id = $2{condition}"
        );
        Ok(u64::try_from(self.number(&sql, values).await?).unwrap_or(0))
    }

    /// Notes that a source has delivered these days of a fact now. Days delivered before stay noted.
    pub async fn note_load(
        &self,
        source: &str,
        table: FactTable,
        days: Option<DateRange>,
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
        };
        self.upsert::<source_load::Entity>(vec![row]).await
    }
}
