//! Costs of the whole team, shared out among campaigns and channels by rule.

use entity::{ad_day, campaign, channel, cost_day, cost_item, values::CostAllocation};
use kpigraph::store::TeamStore;
use serde_json::{Value, json};

use super::{expect, may, metrics, table};
use crate::{
    fixtures::{self, ads, cost, deliver_all, start, units},
    support::{App, TestDatabase, json::path, on_both_databases},
};

/// May 1: campaign 1 spends 30 on channel 1 and 10 on channel 2, campaign 2 spends 60 on channel 1. May 2: nothing.
async fn spend(team: &TeamStore, rules: [CostAllocation; 2]) {
    let writer = team.begin("fixture").await.expect("a transaction begins");
    let ad = |campaign, channel, spend| ad_day::Model {
        spend: units(spend),
        ..ads(campaign, channel, "2026-05-01")
    };
    let (mut items, mut days) = (vec![], vec![]);
    for (id, on) in [(1, "2026-05-01"), (2, "2026-05-02")] {
        for (rule, more) in rules.iter().zip([0, 10]) {
            let (mut item, day) = cost(id + more, on, units(100), id == 1);
            item.allocation = *rule;
            items.push(item);
            days.push(day);
        }
    }
    let mut own = cost(99, "2026-05-01", units(7), false);
    own.0.campaign_id = 2;
    own.0.allocation = CostAllocation::Spend;
    items.push(own.0);
    days.push(own.1);
    let done = async {
        writer
            .insert::<channel::Entity>(vec![
                fixtures::channel(1, "Search"),
                fixtures::channel(2, "Social"),
            ])
            .await?;
        writer
            .insert::<campaign::Entity>(vec![
                fixtures::campaign(1, "One"),
                fixtures::campaign(2, "Two"),
            ])
            .await?;
        writer
            .insert::<ad_day::Entity>(vec![ad(1, 1, 30), ad(1, 2, 10), ad(2, 1, 60)])
            .await?;
        writer.insert::<cost_item::Entity>(items).await?;
        writer.insert::<cost_day::Entity>(days).await
    };
    done.await.expect("the rows are written");
    deliver_all(&writer, "shop", "2026-05-01", "2026-05-31").await;
    writer.commit().await.expect("the transaction commits");
}

async fn by(app: &App, token: &str, group: Value, filter: Value) -> Vec<(String, String)> {
    let input = json!({ "metrics": ["MARKETING_COST"], "period": may(), "groupBy": group, "filter": filter,
        "fill": "NONE" });
    table(&metrics(app, token, input).await)
}

on_both_databases! {
    async fn costs_follow_ad_spend_or_are_parted_evenly_and_add_up(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        spend(&team, [CostAllocation::Spend, CostAllocation::Evenly]).await;
        let campaigns = json!([{ "dimension": "CAMPAIGN" }]);
        // Of May 1 by spend: 40 and 60 of 100; evenly: 50 each. Campaign 2 has 7 of its own. May 2 stays nobody's.
        let rows = by(&app, &token, campaigns.clone(), Value::Null).await;
        assert_eq!(rows, expect(&[("(none)", "200"), ("One", "130"), ("Two", "177")]));
        let channels = by(&app, &token, json!([{ "dimension": "CHANNEL" }]), Value::Null).await;
        // Channel 1 has 90 of 100 by spend; evenly 37.50 of campaign 1 and all 50 of campaign 2. The 7 name no channel.
        assert_eq!(channels, expect(&[("(none)", "207"), ("Search", "267.5"), ("Social", "32.5")]));
        let days = json!([{ "dimension": "TIME", "grain": "DAY" }, { "dimension": "CAMPAIGN" }]);
        let days = by(&app, &token, days, Value::Null).await;
        assert_eq!(days, expect(&[("2026-05-01/One", "130"), ("2026-05-01/Two", "177"), ("2026-05-02/(none)", "200")]));
        let search = json!({ "dimension": { "dimension": "CHANNEL_KIND", "op": "EQ", "values": ["PAID_SEARCH"] } });
        let filtered = by(&app, &token, campaigns, search).await;
        assert_eq!(filtered, expect(&[("One", "130"), ("Two", "170")]), "what names no channel is of no kind");
        let total = metrics(&app, &token, json!({ "metrics": ["MARKETING_COST"], "period": may() })).await;
        assert_eq!(path(&total, "totals.values.0.value"), "507");
    }

    async fn costs_without_a_rule_stay_the_whole_teams(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        spend(&team, [CostAllocation::None, CostAllocation::None]).await;
        let rows = by(&app, &token, json!([{ "dimension": "CAMPAIGN" }]), Value::Null).await;
        assert_eq!(rows, expect(&[("(none)", "400"), ("One", "40"), ("Two", "67")]));
    }
}
