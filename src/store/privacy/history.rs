//! Former versions of rows that belong to customers: read for a person's document, cleared when the person is erased.

use sea_orm::{
    FromQueryResult, IdenStatic, Iterable, QueryResult,
    sea_query::{Alias, Expr, ExprTrait, Query, SelectStatement},
};

use super::person::{OfPerson, Texts, host};
use crate::{
    error::Result,
    store::{TeamStore, TeamWriter},
};

/// A row as it was, from one instant to another, in microseconds since 1970.
pub(super) struct Former<M> {
    pub row: M,
    pub recorded_at: i64,
    pub superseded_at: i64,
}

/// The columns under the name `f` that the tables of former versions have beside their rows'.
pub(super) const BOUNDS: [&str; 2] = ["recorded_at", "superseded_at"];

pub(super) fn bounds(row: &QueryResult) -> Result<[i64; 2]> {
    Ok([row.try_get("", BOUNDS[0])?, row.try_get("", BOUNDS[1])?])
}

/// A selection of columns of the former versions of a table.
pub(super) fn former(table: &str, columns: impl Iterator<Item = &'static str>) -> SelectStatement {
    let mut select = Query::select();
    for column in columns.chain(BOUNDS) {
        select.column((Alias::new("f"), Alias::new(column)));
    }
    select.from_as(Alias::new(format!("{table}_history")), Alias::new("f"));
    select
}

fn f(column: &str) -> Expr {
    Expr::col((Alias::new("f"), Alias::new(column)))
}

impl TeamStore {
    /// Former versions of rows: those of these customers, and of the rows with these ids.
    pub(super) async fn former_rows<E: OfPerson>(
        &self,
        customers: &[i64],
        ids: &[i64],
    ) -> Result<Vec<Former<E::Model>>> {
        let columns = E::Column::iter().map(|column| column.as_str());
        let mut select = former(E::TABLE, columns);
        let theirs = f("customer_id").is_in(customers.iter().copied());
        select.and_where(match ids.is_empty() {
            true => theirs,
            false => theirs.or(f("id").is_in(ids.iter().copied())),
        });
        let mut found = Vec::new();
        for row in self.rows_of_f(select).await? {
            let [recorded_at, superseded_at] = bounds(&row)?;
            found.push(Former {
                row: E::Model::from_query_result(&row, "")?,
                recorded_at,
                superseded_at,
            });
        }
        Ok(found)
    }
}

impl TeamWriter {
    /// Clears the former versions of a person's rows: those of these customers, the first of whom has the rows now.
    pub(super) async fn clear_history(&self, customers: &[i64], person: &Texts) -> Result<()> {
        for table in ["orders", "opportunity", "touchpoint"] {
            let (theirs, values) = self.theirs(table, customers);
            let sql = format!(
                "UPDATE {table}_history SET properties = '{{}}' WHERE team_id = $1 AND properties <> '{{}}' AND {theirs}"
            );
            self.execute(&sql, values).await?;
        }
        let referrer = |text: &str| Some(host(text)).filter(|host| host != text);
        self.replace_former("referrer", customers, |text| referrer(text).map(Some))
            .await?;
        for tag in ["utm_source", "utm_medium", "utm_campaign"] {
            self.replace_former(tag, customers, |text| person.tell_in(text).then_some(None))
                .await?;
        }
        Ok(())
    }

    /// A condition that former versions of a person's rows meet, with its values from `$2` on.
    fn theirs(&self, table: &str, customers: &[i64]) -> (String, Vec<sea_orm::Value>) {
        let (ids, values) = self.id_list(customers);
        let theirs = format!(
            "(customer_id IN ({ids}) OR id IN \
             (SELECT o.id FROM {table} o WHERE o.team_id = $1 AND o.customer_id = $2))"
        );
        (theirs, values)
    }

    /// Replaces texts of a column in former versions of touchpoints, where `replace` gives another one or none.
    async fn replace_former(
        &self,
        column: &'static str,
        customers: &[i64],
        replace: impl Fn(&str) -> Option<Option<String>>,
    ) -> Result<()> {
        let now = Query::select()
            .column(Alias::new("id"))
            .from(Alias::new("touchpoint"))
            .and_where(Expr::col(Alias::new("team_id")).eq(self.team().id))
            .and_where(Expr::col(Alias::new("customer_id")).is_in(customers.iter().copied()))
            .to_owned();
        let theirs = f("customer_id")
            .is_in(customers.iter().copied())
            .or(f("id").in_subquery(now));
        let select = Query::select()
            .distinct()
            .column((Alias::new("f"), Alias::new(column)))
            .from_as(Alias::new("touchpoint_history"), Alias::new("f"))
            .and_where(f(column).is_not_null())
            .and_where(theirs)
            .to_owned();
        for row in self.rows_of_f(select).await? {
            let text: String = row.try_get("", column)?;
            let Some(replacement) = replace(&text) else {
                continue;
            };
            let (theirs, mut values) = self.theirs("touchpoint", customers);
            let place = values.len() + 2;
            let sql = format!(
                "UPDATE touchpoint_history SET {column} = ${place} WHERE team_id = $1 AND {column} = ${} AND {theirs}",
                place + 1
            );
            values.extend([replacement.into(), text.into()]);
            self.execute(&sql, values).await?;
        }
        Ok(())
    }
}
