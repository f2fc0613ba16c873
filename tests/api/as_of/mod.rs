//! `asOf`: what a report said on an earlier day is told again from the facts as they were known then.

mod edges;
mod facts;
mod replay;

use kpigraph::{
    auth::Role,
    import::{Format, ImportAsk, Report, import},
    store::TeamStore,
    time::Clock,
};
use serde_json::{Value, json};

use crate::support::{App, TestDatabase, json::path, new_team};

/// The service at an instant. Several of one database are the same service on different days.
pub struct Then {
    pub app: App,
    pub team: TeamStore,
    pub token: String,
    pub at: &'static str,
}

impl Then {
    /// The service at this instant, and the team of this name, made when there is none yet.
    pub async fn of(database: &TestDatabase, slug: &str, at: &'static str) -> Self {
        let instant = at.parse().expect("a test writes an instant");
        let app = App::start(database, Clock::fixed(instant)).await;
        let (team, token) = Self::team(&app, slug).await;
        Self {
            app,
            team,
            token,
            at,
        }
    }

    /// The service at noon of this day of June 2026, with the team `acme`.
    pub async fn on(database: &TestDatabase, at: &'static str) -> Self {
        Self::of(database, "acme", at).await
    }

    /// A team of the service, made when there is none yet, and a token of its owner.
    pub async fn team(app: &App, slug: &str) -> (TeamStore, String) {
        let team = match app.store.administer().team(slug).await {
            Ok(team) => team,
            Err(_) => app.team_with(new_team(slug)).await,
        };
        (team, app.token(slug, Role::Owner))
    }

    /// Imports a file, also in part.
    pub async fn load(&self, format: Format, text: &str) -> Report {
        load(&self.team, format, text).await
    }

    /// The answer at this instant, or at this instant as of an earlier one.
    pub async fn tell(&self, as_of: Option<&str>) -> Value {
        tell(&self.app, &self.token, as_of).await
    }

    /// A KPI's value in June, now or as of an earlier instant.
    pub async fn june(&self, key: &str, as_of: Option<&str>) -> Value {
        let input = json!({ "metrics": [key], "period": june(), "options": { "asOf": as_of } });
        let answer = self.metrics(input).await;
        path(&answer, "nodes.0.values.0.value").clone()
    }

    /// An answer to `metrics` with all that a value says but its provenance.
    pub async fn metrics(&self, input: Value) -> Value {
        ask(&self.app, &self.token, input).await
    }
}

pub async fn load(team: &TeamStore, format: Format, text: &str) -> Report {
    let ask = ImportAsk {
        partial: true,
        ..ImportAsk::new(format)
    };
    let read = import(team, &ask, text.as_bytes(), &|_| ()).await;
    read.expect("the file can be read")
}

pub fn june() -> Value {
    json!({ "range": { "from": "2026-06-01", "to": "2026-06-30" } })
}

const METRICS: [&str; 32] = [
    "SPEND",
    "IMPRESSIONS",
    "CTR",
    "CPC",
    "CONVERSIONS",
    "CPA",
    "ROAS",
    "SESSIONS",
    "CONVERSION_RATE",
    "ORDERS",
    "REVENUE",
    "AOV",
    "GROSS_MARGIN",
    "NEW_CUSTOMERS",
    "NEW_CUSTOMER_REVENUE",
    "ACTIVE_CUSTOMERS",
    "RETURNING_CUSTOMERS",
    "REPEAT_PURCHASE_RATE",
    "CAC",
    "ROI",
    "MARKETING_COST",
    "MER",
    "LEADS",
    "MQLS",
    "COST_PER_MQL",
    "WON_DEALS",
    "WON_AMOUNT",
    "WIN_RATE",
    "REVENUE_GROWTH",
    "LEAD_CLOSE_RATE",
    "PAID_CAC",
    "BUDGET_PACING",
];

/// Much of the catalogue, cut in several ways, compared, by the door of `metrics`; and the doors of the team and of
/// campaigns.
pub async fn tell(app: &App, token: &str, as_of: Option<&str>) -> Value {
    let groupings = [
        (json!([]), json!({ "preset": "THIS_MONTH" })),
        (
            json!([{ "dimension": "TIME", "grain": "DAY" }]),
            json!({ "trailing": { "count": 5, "grain": "DAY", "includeCurrent": true } }),
        ),
        (json!([{ "dimension": "CAMPAIGN" }]), june()),
        (
            json!([{ "dimension": "LIFECYCLE" }, { "dimension": "COHORT", "grain": "WEEK" }]),
            json!({ "preset": "ALL_TIME" }),
        ),
        (json!([{ "dimension": "COUNTRY" }]), june()),
    ];
    let mut told = Vec::new();
    for (groups, period) in groupings {
        let options = json!({ "asOf": as_of, "compareTo": { "to": "PREVIOUS_PERIOD" } });
        let input =
            json!({ "metrics": METRICS, "groupBy": groups, "period": period, "options": options });
        told.push(ask(app, token, input).await);
    }
    let fields = "period { from to complete elapsedShare } spend { ...v } roas { ...v } revenue { ...v } cac { ...v }";
    let doors = format!(
        "query ($options: KpiOptions) {{
            viewer {{ team {{ kpis(period: {{ preset: THIS_MONTH }}, options: $options) {{ {fields} }} }} }}
            campaigns {{ nodes {{ name kpis(period: {{ preset: THIS_MONTH }}, options: $options) {{ {fields} }} }} }}
        }} {VALUE}"
    );
    let mut answer = app
        .graphql(token, &doors, json!({ "options": { "asOf": as_of } }))
        .await;
    // Campaigns are what they are today: only those with facts are told of then.
    let mut doors = answer["data"].take();
    if let Some(nodes) = doors["campaigns"]["nodes"].as_array_mut() {
        nodes.retain(|node| {
            let code = &node["kpis"]["spend"]["undefinedReason"]["code"];
            code != "NO_DATA" && node["kpis"]["spend"]["value"] != "0"
        });
    }
    told.push(doors);
    Value::Array(told)
}

const QUERY: &str = "query ($input: MetricsInput!) { metrics(input: $input, first: 100) {
    totalCount totals { values { ...v } }
    nodes { dimensions { key label } bucket { from to complete elapsedShare label } values { ...v } }
    meta { period { from to complete elapsedShare label } comparedTo { from to complete elapsedShare }
        freshness { source fact lastLoadedAt dataFrom dataThrough provisionalFrom } } } }";

const VALUE: &str = "fragment v on KpiValue { metric { key } value float formatted numerator denominator
    money { amount currency } undefinedReason { code message } quality { complete estimated provisional asOf }
    comparison { baseline { value } period { from to complete elapsedShare } absolute relative trend verdict } }";

async fn ask(app: &App, token: &str, input: Value) -> Value {
    let query = format!("{QUERY} {VALUE}");
    let mut answer = app.graphql(token, &query, json!({ "input": input })).await;
    answer["data"]["metrics"].take()
}
