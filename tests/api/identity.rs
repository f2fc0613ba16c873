//! Who may ask what: tokens, scopes, and that the token's team is the only team.

use chrono::TimeDelta;
use kpigraph::auth::{AuthSettings, IssuerSettings, Role, Scope, signer};
use reqwest::header::WWW_AUTHENTICATE;
use serde_json::{Value, json};

use crate::{
    fixtures::{clock, fill, global_id, refusal, start},
    support::{
        App, TestDatabase,
        json::{path, text},
        on_both_databases,
    },
};

/// A token of another issuer, well formed and in time.
fn foreign_token() -> String {
    let issuer = IssuerSettings {
        issuer: "https://elsewhere.example".to_owned(),
        audience: "kpigraph".to_owned(),
        algorithms: vec!["HS256".to_owned()],
        secret: Some("0123456789abcdef0123456789abcdef".to_owned().into()),
        public_key_file: None,
        jwks_file: None,
        jwks_url: None,
        claims: None,
    };
    let settings = AuthSettings {
        issuers: vec![issuer],
        ..AuthSettings::default()
    };
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let signer = signer(&settings, folder.path()).expect("tokens can be made");
    let team = "acme".parse().expect("the slug is valid");
    signer
        .mint(
            &clock(),
            &team,
            Role::Owner,
            None,
            TimeDelta::hours(1),
            "tester",
        )
        .0
}

fn without(app: &App, scope: Scope) -> String {
    let scopes = Scope::ALL.into_iter().filter(|other| *other != scope);
    app.token_with("acme", Role::Owner, scopes, TimeDelta::hours(1))
}

on_both_databases! {
    async fn a_request_without_a_good_token_is_refused_with_a_challenge(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let expired = app.token_with("acme", Role::Owner, Scope::ALL, TimeDelta::hours(-1));
        let nobody = app.token("nobody", Role::Owner);
        let (head, _) = token.rsplit_once('.').expect("a token has three parts");
        let forged = format!("{head}.AAAA");
        for (token, why) in [
            ("", "a bearer token is needed"),
            ("garbage", "not a signed JSON web token"),
            (&expired, "expired"),
            (&foreign_token(), "issuer is not known"),
            (&forged, "signature"),
            (&nobody, "team does not exist"),
        ] {
            let (status, headers, body) = app.graphql_raw(token, "{ __typename }", json!({})).await;
            assert_eq!(status, 401, "{why}: {body}");
            let challenge = headers[WWW_AUTHENTICATE].to_str().expect("the challenge is a text");
            assert!(challenge.starts_with("Bearer realm=\"kpigraph\""), "{challenge}");
            assert_eq!(challenge.contains("invalid_token"), !token.is_empty(), "{challenge}");
            assert_eq!(text(&body, "errors.0.extensions.code"), "UNAUTHENTICATED");
            assert!(text(&body, "errors.0.message").contains(why), "{body}");
        }
    }

    async fn every_root_field_needs_its_scope_and_names_it(database: TestDatabase) {
        let (app, team, _) = start(&database).await;
        let rows = fill(&team, "own", 1).await;
        let node = |kind: &str, id: i64| format!("{{ node(id: \"{}\") {{ id }} }}", global_id(kind, id));
        let kpis = "period: { preset: LAST_MONTH }";
        for (scope, query) in [
            (Scope::CampaignsRead, "{ campaigns { totalCount } }".to_owned()),
            (Scope::CampaignsRead, "{ channels { totalCount } }".to_owned()),
            (Scope::CampaignsRead, node("Campaign", rows.campaigns[0])),
            (Scope::CampaignsRead, node("Channel", rows.channels[0])),
            (Scope::CustomersRead, "{ customers { totalCount } }".to_owned()),
            (Scope::CustomersRead, node("Customer", rows.customers[0])),
            (Scope::MoneyRead, node("Order", rows.orders[0])),
            (Scope::MetricsRead, format!("{{ metrics(input: {{ metrics: [CTR], {kpis} }}) {{ totalCount }} }}")),
            (Scope::MetricsRead, format!("{{ viewer {{ team {{ kpis({kpis}) {{ ctr {{ value }} }} }} }} }}")),
            (Scope::CampaignsWrite, "mutation { createCampaign(input: { name: \"n\", objective: SALES }) {
                campaign { id } } }".to_owned()),
            (Scope::CampaignsWrite, "mutation { updateCampaign(input: { id: \"x\", version: 1 }) {
                campaign { id } } }".to_owned()),
            (Scope::CampaignsWrite, "mutation { archiveCampaign(input: { id: \"x\", version: 1 }) {
                campaign { id } } }".to_owned()),
            (Scope::CampaignsWrite, "mutation { createChannel(input: { name: \"n\", kind: EMAIL, paid: true }) {
                channel { id } } }".to_owned()),
            (Scope::CampaignsWrite, "mutation { updateChannel(input: { id: \"x\", version: 1 }) {
                channel { id } } }".to_owned()),
            (Scope::CampaignsWrite, "mutation { archiveChannel(input: { id: \"x\", version: 1 }) {
                channel { id } } }".to_owned()),
            (Scope::CustomersWrite, "mutation { upsertCustomers(input: { source: \"crm\", items: [{ ref: { id: \"1\" } }] }) {
                counts { created } } }".to_owned()),
        ] {
            let (code, message) = refusal(&app, &without(&app, scope), &query, json!({})).await;
            assert_eq!(code, "FORBIDDEN", "{query}");
            assert!(message.contains(scope.as_str()), "{query}: {message}");
            let token = app.token("acme", Role::Owner);
            app.graphql(&token, &query, json!({})).await;
        }
        let (_, _, body) = app.graphql_raw(
            &without(&app, Scope::MetricsRead),
            "{ viewer { subject role scopes team { slug } } metricCatalog { key } }",
            json!({}),
        ).await;
        assert!(body.get("errors").is_none(), "who calls and the catalogue need no scope: {body:#}");
    }

    async fn without_money_read_amounts_are_withheld_and_the_rest_is_answered(database: TestDatabase) {
        let (app, team, owner) = start(&database).await;
        fill(&team, "own", 1).await;
        let token = without(&app, Scope::MoneyRead);
        let query = "query { viewer { team { kpis(period: { preset: LAST_MONTH }) {
            ctr { value } orders { value } spend { ...v } revenue { ...v } roas { ...v } cac { ...v } roi { ...v } } } }
            metrics(input: { metrics: [CTR, SPEND], period: { preset: LAST_MONTH } }) { nodes { values { ...v } } } }
            fragment v on KpiValue { value float formatted numerator denominator money { amount }
                undefinedReason { code } }";
        let answer = app.graphql(&token, query, json!({})).await;
        let kpis = path(&answer, "data.viewer.team.kpis");
        assert_eq!(text(kpis, "ctr.value"), "0.01");
        assert_eq!(text(kpis, "orders.value"), "1");
        let withheld = json!({ "value": null, "float": null, "formatted": null, "numerator": null,
            "denominator": null, "money": null, "undefinedReason": { "code": "NOT_PERMITTED" } });
        for money in ["spend", "revenue", "roas", "cac", "roi"] {
            assert_eq!(kpis[money], withheld, "{money}");
        }
        assert_eq!(path(&answer, "data.metrics.nodes.0.values.1"), &withheld);
        let open = app.graphql(&owner, query, json!({})).await;
        assert_eq!(text(&open, "data.viewer.team.kpis.spend.value"), "5");
        let order = "{ campaigns(orderBy: { kpi: { metric: SPEND, period: { preset: LAST_MONTH } } }) { nodes { id } } }";
        app.graphql(&token, order, json!({})).await;
    }

    async fn without_money_read_budgets_and_orders_are_null_and_say_why(database: TestDatabase) {
        let (app, team, owner) = start(&database).await;
        fill(&team, "own", 1).await;
        let token = without(&app, Scope::MoneyRead);
        let query = "{ campaigns { nodes { name budget { total { amount } } } } }";
        let (status, _, body) = app.graphql_raw(&token, query, json!({})).await;
        assert_eq!(status, 200);
        assert_eq!(path(&body, "data.campaigns.nodes.0"), &json!({ "name": "own campaign 000", "budget": null }));
        assert_eq!(text(&body, "errors.0.extensions.code"), "FORBIDDEN");
        assert_eq!(path(&body, "errors.0.path"), &json!(["campaigns", "nodes", 0, "budget"]));
        let open = app.graphql(&owner, query, json!({})).await;
        assert_eq!(text(&open, "data.campaigns.nodes.0.budget.total.amount"), "300");
        let orders = "{ customers { nodes { orders { totalCount } } } }";
        assert_eq!(refusal(&app, &token, orders, json!({})).await.0, "FORBIDDEN");
    }

    async fn without_personal_data_read_names_and_addresses_are_null_and_say_why(database: TestDatabase) {
        let (app, team, owner) = start(&database).await;
        let rows = fill(&team, "own", 1).await;
        let token = without(&app, Scope::PersonalDataRead);
        let query = "{ customers { nodes { id email name country } } }";
        let (status, _, body) = app.graphql_raw(&token, query, json!({})).await;
        assert_eq!(status, 200);
        let id = global_id("Customer", rows.customers[0]);
        let shown = json!({ "id": id, "email": null, "name": null, "country": "DE" });
        assert_eq!(path(&body, "data.customers.nodes.0"), &shown);
        let errors = path(&body, "errors").as_array().expect("errors are a list");
        assert_eq!(errors.len(), 2, "{body:#}");
        assert!(errors.iter().all(|error| text(error, "extensions.code") == "FORBIDDEN"));
        let open = app.graphql(&owner, query, json!({})).await;
        assert_eq!(text(&open, "data.customers.nodes.0.email"), "0@own.example");
        for filter in ["email: \"0@own.example\"", "nameContains: \"own\""] {
            let query = format!("{{ customers(filter: {{ {filter} }}) {{ totalCount }} }}");
            assert_eq!(refusal(&app, &token, &query, json!({})).await.0, "FORBIDDEN", "{filter}");
        }
    }

    async fn the_viewer_is_who_the_token_says_and_its_team_the_only_one(database: TestDatabase) {
        let (app, _, _) = start(&database).await;
        app.team("other").await;
        let query = "{ viewer { subject role scopes team { slug } } }";
        for team in ["acme", "other"] {
            let scopes = [Scope::CampaignsRead, Scope::TeamAdmin];
            let token = app.token_with(team, Role::Viewer, scopes, TimeDelta::hours(1));
            let answer = app.graphql(&token, query, json!({})).await;
            let viewer = json!({ "subject": "tester", "role": "VIEWER", "scopes": ["CAMPAIGNS_READ"],
                "team": { "slug": team } });
            assert_eq!(path(&answer, "data.viewer"), &viewer);
        }
        let by_header = app.client.post(app.url("/graphql")).bearer_auth(app.token("acme", Role::Owner))
            .header("X-Team", "other").json(&json!({ "query": query })).send().await.expect("an answer");
        let body: Value = by_header.json().await.expect("the answer is JSON");
        assert_eq!(text(&body, "data.viewer.team.slug"), "acme");
    }
}
