//! Daily facts are delivered whole: a load gathers its rows beside the facts and is then published in one step, which
//! replaces what the source said before of the same campaigns and days.

use chrono::NaiveDate;
use entity::{TeamOwned, ad_day_staged, web_day_staged};
use sea_orm::{
    ColumnTrait, IdenStatic, Value,
    sea_query::{Alias, Expr, ExprTrait, OnConflict, Query},
};

use super::{FactTable, TeamWriter};
use crate::error::Result;

/// What became of staged rows, in rows of the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Published {
    /// New or changed.
    pub written: u64,
    /// As they already were.
    pub unchanged: u64,
}

/// A table of rows that a load has read but not yet published.
pub trait Staged: TeamOwned {
    /// Where they are published.
    const FACT: FactTable;
    /// The column of the load.
    const LOAD: Self::Column;
    /// The natural key of a fact but for the team.
    const KEY: &'static [&'static str];
    /// The figures, which add up.
    const SUMS: &'static [&'static str];
    /// What else a fact says.
    const REST: &'static [&'static str];
}

impl Staged for ad_day_staged::Entity {
    const FACT: FactTable = FactTable::AdDay;
    const LOAD: ad_day_staged::Column = ad_day_staged::Column::LoadId;
    const KEY: &'static [&'static str] = &[
        "campaign_id",
        "day",
        "source",
        "channel_id",
        "country",
        "device",
        "properties",
    ];
    const SUMS: &'static [&'static str] = &[
        "impressions",
        "clicks",
        "video_views",
        "watch_seconds",
        "engagements",
        "spend",
        "conversions",
        "conversion_value",
    ];
    const REST: &'static [&'static str] = &["currency"];
}

impl Staged for web_day_staged::Entity {
    const FACT: FactTable = FactTable::WebDay;
    const LOAD: web_day_staged::Column = web_day_staged::Column::LoadId;
    const KEY: &'static [&'static str] = &[
        "campaign_id",
        "day",
        "source",
        "channel_id",
        "country",
        "device",
        "properties",
        "landing_page",
    ];
    const SUMS: &'static [&'static str] = &[
        "sessions",
        "engaged_sessions",
        "converted_sessions",
        "pageviews",
        "engagement_seconds",
        "key_events",
        "revenue",
    ];
    const REST: &'static [&'static str] = &["currency"];
}

/// `a.x = b.x AND …`
fn equal<'c>(a: &str, b: &str, columns: impl IntoIterator<Item = &'c &'static str>) -> String {
    let pairs = columns
        .into_iter()
        .map(|column| format!("{a}.{column} = {b}.{column}"));
    pairs.collect::<Vec<_>>().join(" AND ")
}

impl TeamWriter {
    /// The first day that this transaction changed or took back of what a source had delivered by the day; `None` when
    /// it did neither, and for facts that are not delivered so.
    pub(super) async fn restated_from(
        &self,
        source: &str,
        table: FactTable,
    ) -> Result<Option<NaiveDate>> {
        if !matches!(table, FactTable::AdDay | FactTable::WebDay) {
            return Ok(None);
        }
        let mut select = Query::select();
        select
            .expr_as(Expr::cust("MIN(f.day)"), "day")
            .from_as(self.history_of(table.name())?, "f")
            .and_where(Expr::cust("f.source").eq(source))
            .and_where(Expr::cust("f.superseded_at").eq(self.at()));
        match self.rows_of_f(select).await?.first() {
            Some(row) => Ok(row.try_get("", "day")?),
            None => Ok(None),
        }
    }

    /// Adds rows to a load that is being staged. Rows of one load with the same key add up.
    pub async fn stage<S: Staged>(&self, rows: Vec<S::Model>) -> Result<()> {
        let table = S::default().to_string();
        let key = ["team_id", S::LOAD.as_str()]
            .into_iter()
            .chain(S::KEY.iter().copied());
        let mut conflict = OnConflict::columns(key.map(Alias::new));
        for column in S::SUMS.iter().chain(&["row_count"]) {
            let sum = Expr::col((Alias::new(&table), Alias::new(*column)))
                .add(Expr::col((Alias::new("excluded"), Alias::new(*column))));
            conflict.value(Alias::new(*column), sum);
        }
        self.write::<S>(rows, Some(conflict)).await
    }

    /// Replaces what `source` delivered before for the campaigns and days of the load by the load, and forgets the
    /// load. Rows that stay as they were are not written.
    pub async fn publish<S: Staged>(&self, load_id: i64, source: &str) -> Result<Published> {
        let (fact, staged) = (S::FACT.name(), S::default().to_string());
        let values = || -> Vec<Value> { vec![load_id.into()] };
        let all = || S::KEY.iter().chain(S::SUMS).chain(S::REST);
        self.refresh_statistics(&[S::FACT]).await?;
        let rows = |condition: &str| {
            format!(
                "SELECT CAST(COALESCE(SUM(s.row_count), 0) AS BIGINT) AS n FROM {staged} s \
                 WHERE s.team_id = $1 AND s.load_id = $2{condition}"
            )
        };
        let as_before = format!(
            " AND EXISTS (SELECT 1 FROM {fact} f WHERE f.team_id = s.team_id AND {})",
            equal("f", "s", all())
        );
        let read = self.number(&rows(""), values()).await?;
        let unchanged = self.number(&rows(&as_before), values()).await?;
        let gone = format!(
            "source = $3 AND EXISTS (SELECT 1 FROM {staged} s WHERE s.team_id = {fact}.team_id AND s.load_id = $2 \
             AND s.campaign_id = {fact}.campaign_id AND s.day = {fact}.day) \
             AND NOT EXISTS (SELECT 1 FROM {staged} s WHERE s.team_id = {fact}.team_id AND s.load_id = $2 AND {})",
            equal("s", fact, all()),
        );
        self.withdraw(fact, &gone, vec![load_id.into(), source.into()])
            .await?;
        let columns: Vec<&str> = all().copied().collect();
        // What is still there is as it was. Looking for it in the statement itself would take PostgreSQL time that grows
        // with the square of the rows: it goes through a table that was empty when it planned.
        let new = format!(
            "FROM {staged} s WHERE s.team_id = $1 AND s.load_id = $2 ON CONFLICT DO NOTHING"
        );
        self.record_from(fact, &columns, "s", &new, values())
            .await?;
        self.delete::<S>(S::LOAD.eq(load_id)).await?;
        let count = |rows: i64| u64::try_from(rows).unwrap_or(0);
        Ok(Published {
            written: count(read.saturating_sub(unchanged)),
            unchanged: count(unchanged),
        })
    }
}
