//! What the demo team watches and tries out: an alert rule for the month's budgets, one for the price of clicks, and the
//! test of a subject line.

use entity::{
    alert_rule::{self, AlertCondition, AlertOp},
    experiment, experiment_variant,
};

use super::{
    channels::Channel,
    money::CURRENCY,
    plan::Plan,
    rhythm::{FIRST_DAY, at},
};
use crate::{
    error::Result,
    insight::scope::Scope,
    kpi::{Kpi, graphql_name},
    store::{
        TeamWriter,
        measures::{Cut, Dimension, Key},
    },
    time::Grain,
};

/// Name, exposures, conversions.
const VARIANTS: [(&str, i64, i64); 2] = [
    ("Your new office is ready", 4_120, 412),
    ("Is your office ready?", 4_087, 478),
];

/// Writes the rules and the experiment.
pub async fn write(writer: &TeamWriter, plan: &Plan) -> Result<()> {
    let made = at(FIRST_DAY, 0, 0);
    let rule = |name: &str, kpi: Kpi, grain: Grain, scope: Scope| {
        Ok::<_, crate::error::Error>(alert_rule::Model {
            team_id: 0,
            id: writer.id(),
            name: name.to_owned(),
            metric: graphql_name(kpi),
            scope: scope.to_json()?,
            grain: graphql_name(grain),
            condition: AlertCondition::Anomaly,
            op: None,
            threshold: None,
            min_volume: None,
            enabled: true,
            created_at: made,
            updated_at: made,
            version: 1,
        })
    };
    let search = Scope(vec![(
        Cut::By(Dimension::Channel),
        Key::Id(plan.channel(Channel::GoogleAds)),
    )]);
    let dear = rule(
        "Clicks on Google Ads cost oddly much",
        Kpi::Cpc,
        Grain::Day,
        search,
    )?;
    let overspent = alert_rule::Model {
        condition: AlertCondition::Value,
        op: Some(AlertOp::Gt),
        threshold: Some(1_100_000),
        ..rule(
            "The month's budgets run out early",
            Kpi::BudgetPacing,
            Grain::Month,
            Scope::default(),
        )?
    };
    writer
        .insert::<alert_rule::Entity>(vec![dear, overspent])
        .await?;
    let test = experiment::Model {
        team_id: 0,
        id: writer.id(),
        name: "Subject line of the newsletter".to_owned(),
        hypothesis: Some("A question makes more readers click.".to_owned()),
        starts_on: FIRST_DAY,
        ends_on: FIRST_DAY.checked_add_days(chrono::Days::new(13)),
        created_at: made,
        updated_at: made,
        version: 1,
    };
    let variants = (0..).zip(VARIANTS);
    let variants =
        variants.map(
            |(place, (name, exposures, conversions))| experiment_variant::Model {
                team_id: 0,
                experiment_id: test.id,
                place,
                name: name.to_owned(),
                exposures,
                conversions,
                value: None,
                currency: CURRENCY.to_owned(),
            },
        );
    let variants = variants.collect();
    writer.insert::<experiment::Entity>(vec![test]).await?;
    writer.insert::<experiment_variant::Entity>(variants).await
}
