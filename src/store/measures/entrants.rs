//! People who entered a lifecycle stage, and when each of them reached later ones: what funnels are made of.

use entity::values::LifecycleStage;
use sea_orm::{
    ActiveEnum, QueryResult,
    sea_query::{Alias, Expr, ExprTrait, SelectStatement},
};

use super::{Cut, Fact, Key, joins::Dimensions, scan::decode_key, template::seconds};
use crate::{
    error::{Error, Result},
    store::TeamStore,
    time::{Calendar, DateRange},
};

/// The most people of one funnel.
const MOST_ENTRANTS: usize = 250_000;

/// What to read.
pub struct EntrantsScan<'a> {
    /// The stages, in the order in which they are passed; the first is the one entered.
    pub steps: &'a [LifecycleStage],
    /// The days on which people entered the first stage.
    pub days: DateRange,
    /// What tells people apart, if anything.
    pub split: Option<&'a Cut>,
    /// Whether later stages count only when they were entered at or after the first.
    pub in_order: bool,
    /// By whose calendar.
    pub calendar: &'a Calendar,
}

/// One person.
pub struct Entrant {
    /// The value of the split.
    pub key: Key,
    /// When the person entered the first stage, in seconds from 1970.
    pub entered: i64,
    /// When the person reached each further step: entered it or a later stage for the first time. In seconds.
    pub reached: Vec<Option<i64>>,
}

impl TeamStore {
    /// The people who entered the first stage on some days. Who ordered for the first time or won a deal has become a
    /// CUSTOMER, who ordered again has come to REPEAT, whether stages were recorded or not.
    pub async fn entrants(&self, scan: &EntrantsScan<'_>) -> Result<Vec<Entrant>> {
        let Some((first, later)) = scan.steps.split_first() else {
            return Ok(Vec::new());
        };
        let rows = self
            .rows_of_f(self.entrants_statement(scan, *first, later))
            .await?;
        if rows.len() > MOST_ENTRANTS {
            return Err(Error::Limit(format!(
                "over {MOST_ENTRANTS} people entered the first step; ask a shorter period"
            )));
        }
        rows.iter().map(|row| entrant(row, scan, later)).collect()
    }

    fn entrants_statement(
        &self,
        scan: &EntrantsScan<'_>,
        first: LifecycleStage,
        later: &[LifecycleStage],
    ) -> SelectStatement {
        let by_order = first == LifecycleStage::Customer;
        let (fact, person) = match by_order {
            true => (Fact::FirstOrders, "f.id"),
            false => (Fact::Stages, "f.customer_id"),
        };
        let of = |table: &str, alias: &str| {
            format!(
                "FROM {table} {alias} WHERE {alias}.team_id = f.team_id AND {alias}.customer_id = {person}"
            )
        };
        let first_order = format!(
            "(SELECT MIN(x.ordered_at) {} AND x.counted)",
            of("orders", "x")
        );
        let entered = match by_order {
            true => first_order.as_str(),
            false => "f.entered_at",
        };
        let since = |column: &str| match scan.in_order {
            true => format!(" AND {column} >= {entered}"),
            false => String::new(),
        };
        let mut dimensions = Dimensions::new(fact, self.backend(), scan.calendar);
        let mut select = fact.select();
        select.and_where(Expr::cust(fact.day()).between(scan.days.from, scan.days.to));
        if !by_order {
            select.and_where(Expr::cust("f.stage").eq(first.to_value()));
        }
        let key = scan.split.and_then(|cut| dimensions.key(cut, &mut select));
        if let Some(key) = key {
            select.expr_as(key, Alias::new("k0"));
        }
        let backend = self.backend();
        let mut instant = |name: String, sql: &str| {
            select.expr_as(Expr::cust(seconds(backend, sql)), Alias::new(name));
        };
        instant("entered".into(), entered);
        for (place, step) in later.iter().enumerate() {
            let reached = at_or_after(*step);
            let events = of("stage_event", "e");
            let sql = format!(
                "(SELECT MIN(e.entered_at) {events} AND e.stage IN ({reached}){})",
                since("e.entered_at")
            );
            instant(format!("s{place}"), &sql);
        }
        let orders = format!(
            "{} AND x.counted{}",
            of("orders", "x"),
            since("x.ordered_at")
        );
        let nth = |offset: u8| {
            format!("(SELECT x.ordered_at {orders} ORDER BY x.ordered_at LIMIT 1 OFFSET {offset})")
        };
        instant("ordered".into(), &nth(0));
        instant("again".into(), &nth(1));
        let won = of("opportunity", "d");
        let won = format!(
            "(SELECT MIN(d.closed_at) {won} AND d.outcome = 'WON'{})",
            since("d.closed_at")
        );
        instant("won".into(), &won);
        select.limit(MOST_ENTRANTS as u64 + 1);
        select
    }
}

/// The stages that are reached with this one or after it, as a list of SQL texts.
fn at_or_after(step: LifecycleStage) -> String {
    let stages = WAY.iter().skip_while(|stage| **stage != step);
    let texts: Vec<String> = stages
        .map(|stage| format!("'{}'", stage.to_value()))
        .collect();
    texts.join(", ")
}

/// The way of a customer. CHURNED does not lead anywhere.
const WAY: [LifecycleStage; 8] = [
    LifecycleStage::Visitor,
    LifecycleStage::Lead,
    LifecycleStage::Mql,
    LifecycleStage::Sal,
    LifecycleStage::Sql,
    LifecycleStage::Sqo,
    LifecycleStage::Customer,
    LifecycleStage::Repeat,
];

fn entrant(
    row: &QueryResult,
    scan: &EntrantsScan<'_>,
    later: &[LifecycleStage],
) -> Result<Entrant> {
    let key = match scan.split {
        Some(cut) => decode_key(row, cut, "k0")?,
        None => Key::None,
    };
    let instant = |name: &str| -> Result<Option<i64>> { Ok(row.try_get("", name)?) };
    let (ordered, again, won) = (instant("ordered")?, instant("again")?, instant("won")?);
    let mut reached = Vec::with_capacity(later.len());
    for (place, step) in later.iter().enumerate() {
        let recorded = instant(&format!("s{place}"))?;
        let bought = match step {
            LifecycleStage::Repeat => [again, None],
            _ => [ordered, won],
        };
        reached.push(bought.into_iter().flatten().chain(recorded).min());
    }
    Ok(Entrant {
        key,
        entered: row.try_get("", "entered")?,
        reached,
    })
}
