//! The state of social accounts on some days: of each account the last known one counts.

use sea_orm::sea_query::{Alias, Expr, Query, ValueTuple};

use super::{
    Cut, Fact, Filter, Key,
    joins::Dimensions,
    scan::{decode_key, group},
};
use crate::{error::Result, store::TeamStore, time::Calendar};
use chrono::NaiveDate;

/// The same account in one breakdown, at a later day that lies no later than the day asked.
const LATER: &str = "SELECT 1 FROM social_day x WHERE x.team_id = f.team_id AND x.campaign_id = f.campaign_id \
     AND x.source = f.source AND x.channel_id = f.channel_id AND x.country = f.country AND x.device = f.device \
     AND x.properties = f.properties AND x.day > f.day AND x.day <= w.column2";

impl TeamStore {
    /// Followers at the end of each of these days, by the place of the day in the list and the cuts but for time.
    pub async fn followers_on(
        &self,
        days: &[NaiveDate],
        cuts: &[Cut],
        filter: &Filter,
        calendar: &Calendar,
    ) -> Result<Vec<(usize, Vec<Key>, i64)>> {
        if days.is_empty() {
            return Ok(Vec::new());
        }
        let mut dimensions = Dimensions::new(Fact::Followers, self.backend(), calendar);
        // The days come first, because joins go with the table before them.
        let mut select = Query::select();
        let asked = days
            .iter()
            .zip(0_i64..)
            .map(|(day, place)| ValueTuple::Two(place.into(), (*day).into()));
        select
            .from_values(asked, "w")
            .from_as(Fact::Followers.table(), "f");
        select
            .and_where(Expr::cust("f.day <= w.column2"))
            .and_where(Expr::cust(format!("NOT EXISTS ({LATER})")));
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
        group(&mut select, Expr::cust("w.column1"), "place".into());
        select.expr_as(
            Expr::cust("CAST(SUM(f.followers) AS BIGINT)"),
            Alias::new("followers"),
        );
        let rows = self.rows_of_f(select).await?;
        rows.iter()
            .map(|row| {
                let key = cuts
                    .iter()
                    .enumerate()
                    .map(|(place, cut)| decode_key(row, cut, &format!("k{place}")))
                    .collect::<Result<_>>()?;
                let place = row.try_get::<i64>("", "place")?;
                Ok((
                    usize::try_from(place).unwrap_or(0),
                    key,
                    row.try_get("", "followers")?,
                ))
            })
            .collect()
    }
}
