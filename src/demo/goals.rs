//! What the demo team wants to reach this year, and an example of a benchmark.

use chrono::{Datelike, NaiveDate};
use entity::{
    benchmark,
    goal::{self, BaselineSource, GoalKind},
};
use rust_decimal::Decimal;

use super::{
    campaigns::CAMPAIGNS,
    money::CURRENCY,
    plan::Plan,
    rhythm::{FIRST_DAY, at},
};
use crate::{
    error::Result,
    kpi::{
        Kpi,
        goal::{Scope, ScopePart},
        graphql_name,
    },
    store::{TeamWriter, measures::Dimension},
    time::Grain,
};

/// A goal of the year: its KPI, baseline and target in thousandths, and the campaign that it is about.
struct Wish {
    name: &'static str,
    kpi: Kpi,
    kind: GoalKind,
    baseline: i64,
    target: i64,
    campaign: Option<&'static str>,
}

const WISHES: [Wish; 4] = [
    Wish {
        name: "Revenue of the year",
        kpi: Kpi::Revenue,
        kind: GoalKind::Accumulate,
        baseline: 1_350_000_000,
        target: 1_600_000_000,
        campaign: None,
    },
    Wish {
        name: "Cheaper customers",
        kpi: Kpi::Cac,
        kind: GoalKind::ReachLevel,
        baseline: 95_000,
        target: 80_000,
        campaign: None,
    },
    Wish {
        name: "More who come again",
        kpi: Kpi::RepeatPurchaseRate,
        kind: GoalKind::ReachLevel,
        baseline: 200,
        target: 300,
        campaign: None,
    },
    Wish {
        name: "Brand Search that pays",
        kpi: Kpi::Roas,
        kind: GoalKind::ReachLevel,
        baseline: 6_000,
        target: 7_000,
        campaign: Some("brand-search"),
    },
];

/// Writes an objective of the year that `last` lies in, with its key results, and the benchmark.
pub async fn write(writer: &TeamWriter, plan: &Plan, last: NaiveDate) -> Result<()> {
    let year = |month, day| NaiveDate::from_ymd_opt(last.year(), month, day);
    let (Some(first), Some(deadline)) = (year(1, 1), year(12, 31)) else {
        return Ok(());
    };
    let made = at(FIRST_DAY, 0, 0);
    let objective = goal::Model {
        team_id: 0,
        id: writer.id(),
        name: format!("Grow without paying more for it in {}", last.year()),
        kind: None,
        metric: None,
        scope: Scope::default().to_json(),
        baseline: None,
        baseline_source: None,
        target: None,
        currency: None,
        grain: None,
        starts_on: first,
        deadline,
        owner: "Dana, head of marketing".to_owned(),
        key_result_of: None,
        review_every: graphql_name(Grain::Quarter),
        archived: false,
        created_at: made,
        updated_at: made,
        version: 1,
    };
    let mut rows = vec![objective.clone()];
    for wish in &WISHES {
        let grain = match wish.kind {
            GoalKind::Accumulate => Grain::Day,
            GoalKind::ReachLevel => Grain::Month,
        };
        let number = |thousandths| Decimal::new(thousandths, 3).normalize().to_string();
        let is_money = matches!(wish.kpi, Kpi::Revenue | Kpi::Cac);
        rows.push(goal::Model {
            id: writer.id(),
            name: wish.name.to_owned(),
            kind: Some(wish.kind),
            metric: Some(graphql_name(wish.kpi)),
            scope: scope(plan, wish.campaign).to_json(),
            baseline: Some(number(wish.baseline)),
            baseline_source: Some(BaselineSource::Given),
            target: Some(number(wish.target)),
            currency: is_money.then(|| CURRENCY.to_owned()),
            grain: Some(graphql_name(grain)),
            key_result_of: Some(objective.id),
            review_every: graphql_name(Grain::Month),
            ..objective.clone()
        });
    }
    writer.insert::<goal::Entity>(rows).await?;
    let benchmark = benchmark::Model {
        team_id: 0,
        id: writer.id(),
        metric: graphql_name(Kpi::Ctr),
        industry: "office furniture".to_owned(),
        p25: Some("0.012".to_owned()),
        p50: "0.02".to_owned(),
        p75: Some("0.035".to_owned()),
        currency: None,
        source: "Demo: made-up figures, an example of a benchmark".to_owned(),
        as_of: FIRST_DAY,
        created_at: made,
        updated_at: made,
        version: 1,
    };
    writer.insert::<benchmark::Entity>(vec![benchmark]).await
}

fn scope(plan: &Plan, campaign: Option<&str>) -> Scope {
    let found = CAMPAIGNS
        .iter()
        .filter(|known| Some(known.key) == campaign)
        .map(|known| ScopePart {
            dimension: Dimension::Campaign,
            property: None,
            ids: vec![plan.campaign(known)],
            texts: vec![],
        });
    Scope::new(found.collect())
}
