//! Distinct people as sources counted them: only what was counted for exactly the breakdown asked can answer.

use chrono::NaiveDate;
use sea_orm::sea_query::{Alias, Expr, ExprTrait};

use super::{
    Cut, Dimension, Fact, Filter, Key, Measure,
    joins::Dimensions,
    scan::{decode_key, group},
};
use crate::{
    error::Result,
    store::TeamStore,
    time::{Calendar, DateRange},
};

/// The columns of a breakdown, and what says that a row is not broken down by it.
const BREAKDOWN: [(Dimension, &str); 4] = [
    (Dimension::Campaign, "f.campaign_id <> 0"),
    (Dimension::Channel, "f.channel_id <> 0"),
    (Dimension::Country, "f.country <> ''"),
    (Dimension::Device, "f.device <> ''"),
];

/// Counts of one group over some days.
pub struct PeopleRow {
    /// The group's values, in the order of the cuts, time left out.
    pub key: Vec<Key>,
    /// The days that were counted as one.
    pub days: DateRange,
    /// The people of the only count there is; `None` where there are several, which do not add up.
    pub people: Option<i64>,
}

impl TeamStore {
    /// The counts of a measure within `days` that are broken down by exactly what is cut or filtered by.
    pub async fn people(
        &self,
        measure: Measure,
        cuts: &[Cut],
        filter: &Filter,
        days: DateRange,
        calendar: &Calendar,
    ) -> Result<Vec<PeopleRow>> {
        let mut dimensions = Dimensions::new(Fact::People, self.backend(), calendar);
        let mut select = Fact::People.select();
        select
            .and_where(Expr::cust("f.kind").eq(measure.sql()))
            .and_where(Expr::cust("f.from_day").gte(days.from))
            .and_where(Expr::cust("f.to_day").lte(days.to));
        for (dimension, broken_down) in BREAKDOWN {
            let asked = cuts.iter().any(|cut| names(cut.dimension(), dimension))
                || Dimension::ALL
                    .into_iter()
                    .any(|named| names(named, dimension) && filter.names(named));
            let condition = Expr::cust(broken_down);
            select.and_where(if asked { condition } else { condition.not() });
        }
        let condition = filter.condition(&mut dimensions, &mut select);
        select.cond_where(condition);
        let cuts: Vec<&Cut> = cuts
            .iter()
            .filter(|cut| !matches!(cut, Cut::Time(_)))
            .collect();
        for (place, cut) in cuts.iter().enumerate() {
            let key = dimensions
                .key(cut, &mut select)
                .unwrap_or_else(|| Expr::cust("NULL"));
            group(&mut select, key, format!("k{place}"));
        }
        for column in ["from_day", "to_day"] {
            group(
                &mut select,
                Expr::cust(format!("f.{column}")),
                column.into(),
            );
        }
        select.expr_as(Expr::cust("COUNT(*)"), Alias::new("counts"));
        select.expr_as(Expr::cust("MAX(f.people)"), Alias::new("people"));
        let rows = self.rows_of_f(select).await?;
        rows.iter()
            .map(|row| {
                let key = cuts
                    .iter()
                    .enumerate()
                    .map(|(place, cut)| decode_key(row, cut, &format!("k{place}")))
                    .collect::<Result<_>>()?;
                let only = row.try_get::<i64>("", "counts")? == 1;
                let people = row.try_get::<i64>("", "people")?;
                Ok(PeopleRow {
                    key,
                    days: DateRange {
                        from: row.try_get::<NaiveDate>("", "from_day")?,
                        to: row.try_get::<NaiveDate>("", "to_day")?,
                    },
                    people: only.then_some(people),
                })
            })
            .collect()
    }
}

/// Whether naming a dimension breaks counts down by a column of theirs.
fn names(named: Dimension, column: Dimension) -> bool {
    use Dimension as D;
    match column {
        D::Campaign => matches!(
            named,
            D::Campaign | D::Objective | D::Source | D::Medium | D::UtmCampaign
        ),
        D::Channel => matches!(named, D::Channel | D::ChannelKind),
        column => named == column,
    }
}
