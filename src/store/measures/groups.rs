//! Facts of certain groups: what an answer's rows stand for, turned back into a condition.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::sea_query::{Cond, Condition, Expr, ExprTrait, Func, SelectStatement, SimpleExpr};

use super::{Cut, Key, joins::Dimensions};

/// Stands for the cohort of those who never ordered: a bucket before every day that is allowed.
const NO_COHORT: &str = "-999999999";

/// The condition that a fact belongs to one of the groups. Never unknown, so that `not` means what it says.
pub(super) fn condition(
    cuts: &[Cut],
    keys: &[Vec<Key>],
    dimensions: &mut Dimensions<'_>,
    select: &mut SelectStatement,
) -> Condition {
    let mut parts = Vec::with_capacity(cuts.len());
    for cut in cuts {
        match dimensions.key(cut, select) {
            Some(expr) => parts.push(known(cut, expr)),
            None => return Cond::all().add(Expr::cust("1 = 0")),
        }
    }
    // The cut with the most values goes into lists, so that few conditions stand beside each other.
    let distinct = |place: &usize| {
        let values: BTreeSet<_> = keys.iter().filter_map(|key| key.get(*place)).collect();
        values.len()
    };
    let Some(listed) = (0..cuts.len()).max_by_key(distinct) else {
        return Cond::all();
    };
    let mut lists: BTreeMap<Vec<&Key>, Vec<&Key>> = BTreeMap::new();
    for key in keys {
        let others = key.iter().enumerate().filter(|(place, _)| *place != listed);
        let others = others.map(|(_, part)| part).collect();
        lists.entry(others).or_default().extend(key.get(listed));
    }
    let lists = lists.into_iter().map(|(others, list)| {
        let list = list.into_iter().map(|key| value(&cuts[listed], key));
        let mut all = Cond::all().add(parts[listed].clone().is_in(list));
        let places = (0..cuts.len()).filter(|place| *place != listed);
        for (place, key) in places.zip(others) {
            all = all.add(parts[place].clone().eq(value(&cuts[place], key)));
        }
        all
    });
    either(lists.collect())
}

/// One of the conditions, as a tree that is no deeper than it must be: SQLite bounds how deep expressions may be.
fn either(mut conditions: Vec<Condition>) -> Condition {
    if conditions.len() > 2 {
        let second = conditions.split_off(conditions.len() / 2);
        conditions = vec![either(conditions), either(second)];
    }
    match conditions.is_empty() {
        true => Cond::all().add(Expr::cust("1 = 0")),
        false => conditions.into_iter().fold(Cond::any(), Cond::add),
    }
}

/// The key's expression with what stands for nothing in place of unknown.
fn known(cut: &Cut, expr: SimpleExpr) -> SimpleExpr {
    let nothing = match cut {
        Cut::Time(_) => return expr,
        Cut::Cohort(_) => NO_COHORT,
        Cut::By(dimension) if dimension.is_id() => "0",
        _ => "''",
    };
    Func::coalesce([expr, Expr::cust(nothing)]).into()
}

fn value(cut: &Cut, key: &Key) -> SimpleExpr {
    match (cut, key) {
        (_, Key::Id(id)) => Expr::value(*id),
        (_, Key::Text(text)) => Expr::value(text.as_str()),
        (_, Key::Bucket(index)) => Expr::value(*index),
        (Cut::Cohort(_), _) => Expr::cust(NO_COHORT),
        (Cut::By(dimension), _) if dimension.is_id() => Expr::value(0_i64),
        (_, Key::None | Key::Others) => Expr::value(""),
    }
}
