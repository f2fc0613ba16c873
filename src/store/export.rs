//! Reading whole tables by pages of their keys, in short statements, for exports.

use chrono::NaiveDate;
use entity::{TeamOwned, external_ref, values::RefEntity};
use sea_orm::{
    ColumnTrait, ColumnType, Iterable, ModelTrait, Order, PrimaryKeyToColumn, Value,
    sea_query::{Cond, Expr, ExprTrait, SimpleExpr},
};

use super::{TeamStore, sql::bytewise};
use crate::{
    error::{Error, Result},
    time::DateRange,
};

/// Which rows of a table are read; what is `None` does not narrow.
#[derive(Clone, Debug)]
pub struct RowFilter<E: TeamOwned> {
    /// Of these days, by a column.
    pub days: Option<(E::Column, Option<NaiveDate>, Option<NaiveDate>)>,
    /// Of a source, by a column.
    pub source: Option<(E::Column, String)>,
    /// Those that a system has a name for, by the column of their ids.
    pub named: Option<(E::Column, RefEntity, String)>,
}

impl TeamStore {
    /// The rows after the one with a key, in the order of the keys, bytewise on both databases.
    pub async fn rows_after<E>(
        &self,
        filter: &RowFilter<E>,
        after: Option<&[String]>,
        most: u64,
    ) -> Result<Vec<E::Model>>
    where
        E: TeamOwned,
    {
        let mut select = self.select::<E>().limit(most);
        let mut keys = Vec::new();
        for column in key_columns::<E>() {
            let plain = Expr::col((E::default(), column));
            let key = match is_text::<E>(column) {
                true => bytewise(self.backend(), plain),
                false => plain,
            };
            select = select.order_by(key.clone(), Order::Asc);
            keys.push((column, key));
        }
        match after {
            Some(after) => {
                let values = values::<E>(after)?;
                if let Some(bound) = bound::<E>(&values) {
                    select = select.filter(bound);
                }
                let keys = keys.into_iter().map(|(_, key)| key).zip(values);
                select = select.filter(beyond(keys.collect()));
            }
            // The campaign and the channel 0 stand for "none".
            None => {
                if let [(id, _)] = keys[..]
                    && id.def().get_column_type() == &ColumnType::BigInteger
                {
                    select = select.filter(id.gt(0));
                }
            }
        }
        if let Some((day, from, to)) = &filter.days {
            if let Some(from) = from {
                select = select.filter(day.gte(*from));
            }
            if let Some(to) = to {
                select = select.filter(day.lte(*to));
            }
        }
        if let Some((column, source)) = &filter.source {
            select = select.filter(column.eq(source.as_str()));
        }
        if let Some((id, entity, system)) = &filter.named {
            use external_ref::Column as R;
            let named = R::Entity.eq(*entity).and(R::System.eq(system.as_str()));
            let ids = self.column_where::<external_ref::Entity>(R::EntityId, named);
            select = select.filter(id.in_subquery(ids));
        }
        select.all().await
    }
}

/// The key of a row but for its team, as texts.
pub fn row_key<E>(row: &E::Model) -> Vec<String>
where
    E: TeamOwned,
    E::Model: ModelTrait<Entity = E>,
{
    let text = |column| match row.get(column) {
        Value::BigInt(Some(id)) => id.to_string(),
        Value::Int(Some(number)) => number.to_string(),
        Value::ChronoDate(Some(day)) => day.to_string(),
        Value::String(Some(text)) => text.to_string(),
        other => format!("{other:?}"),
    };
    key_columns::<E>().map(text).collect()
}

/// The days between two, either of which may be open; an error when they are the wrong way round.
pub fn days_between(from: Option<NaiveDate>, to: Option<NaiveDate>) -> Result<()> {
    match (from, to) {
        (Some(from), Some(to)) if DateRange::new(from, to).is_none() => Err(Error::invalid(
            "to",
            to,
            &format!("it lies before from, {from}"),
        )),
        _ => Ok(()),
    }
}

fn key_columns<E: TeamOwned>() -> impl Iterator<Item = E::Column> {
    E::PrimaryKey::iter().map(|key| key.into_column()).skip(1)
}

fn is_text<E: TeamOwned>(column: E::Column) -> bool {
    !matches!(
        column.def().get_column_type(),
        ColumnType::BigInteger | ColumnType::Integer | ColumnType::Date
    )
}

/// The values of a key that a cursor tells.
fn values<E: TeamOwned>(texts: &[String]) -> Result<Vec<Value>> {
    let foreign = || Error::BadInput("after: a cursor of this very export is needed".into());
    let columns: Vec<E::Column> = key_columns::<E>().collect();
    if columns.len() != texts.len() {
        return Err(foreign());
    }
    let value = |(column, text): (&E::Column, &String)| match column.def().get_column_type() {
        ColumnType::BigInteger => text.parse::<i64>().ok().map(Value::from),
        ColumnType::Integer => text.parse::<i32>().ok().map(Value::from),
        ColumnType::Date => {
            let day = text.parse::<NaiveDate>().ok();
            // Both databases know these days.
            day.filter(|_| text.len() == 10).map(Value::from)
        }
        _ => (!text.contains('\0')).then(|| Value::from(text.clone())),
    };
    let values = columns.iter().zip(texts).map(value);
    values.collect::<Option<_>>().ok_or_else(foreign)
}

/// A bound by the columns before the first text, which both databases find in the key's index.
fn bound<E: TeamOwned>(values: &[Value]) -> Option<SimpleExpr> {
    let first: Vec<(E::Column, Value)> = key_columns::<E>()
        .zip(values.iter().cloned())
        .take_while(|(column, _)| !is_text::<E>(*column))
        .collect();
    if first.is_empty() {
        return None;
    }
    let columns = first
        .iter()
        .map(|(column, _)| Expr::col((E::default(), *column)));
    let (columns, values): (Vec<SimpleExpr>, Vec<SimpleExpr>) = columns
        .zip(first.iter().map(|(_, value)| Expr::value(value.clone())))
        .unzip();
    Some(Expr::tuple(columns).gte(Expr::tuple(values)))
}

/// Keys that come after these values.
fn beyond(keys: Vec<(SimpleExpr, Value)>) -> Cond {
    let mut rest: Option<Cond> = None;
    for (key, value) in keys.into_iter().rev() {
        let mut beyond = Cond::any().add(key.clone().gt(Expr::value(value.clone())));
        if let Some(rest) = rest {
            let same = key.eq(Expr::value(value));
            beyond = beyond.add(Cond::all().add(same).add(rest));
        }
        rest = Some(beyond);
    }
    rest.unwrap_or_else(Cond::any)
}
