//! Texts in the languages of the catalogue, and numbers in the way of the client's locale.

use chrono::TimeDelta;
use reqwest::header::ACCEPT_LANGUAGE;
use serde_json::{Value, json};

use super::shop;
use crate::{
    fixtures::start,
    support::{App, TestDatabase, json::path, on_both_databases},
};
use kpigraph::auth::{Role, Scope};

const MAY: &str = "period: { range: { from: \"2026-05-01\", to: \"2026-05-31\" } }";

/// The answer to a client that sends `Accept-Language`.
async fn ask(app: &App, token: &str, accept: &str, query: &str) -> Value {
    let request = app.client.post(app.url("/graphql")).bearer_auth(token);
    let request = request
        .header(ACCEPT_LANGUAGE, accept)
        .json(&json!({ "query": query }));
    let answer = request.send().await.expect("the service answers");
    answer.json().await.expect("the answer is JSON")
}

/// The formatted KPIs of the shop's May.
async fn written(app: &App, token: &str, accept: &str, argument: &str) -> Value {
    let query = format!(
        "{{ viewer {{ team {{ kpis({MAY}) {{ spend {{ formatted{argument} }} impressions {{ formatted{argument} }}
            ctr {{ formatted{argument} }} roi {{ formatted{argument} }} }} }} }} }}"
    );
    let answer = ask(app, token, accept, &query).await;
    let kpis = path(&answer, "data.viewer.team.kpis");
    json!(["spend", "impressions", "ctr", "roi"].map(|kpi| &kpis[kpi]["formatted"]))
}

on_both_databases! {
    async fn numbers_are_written_in_the_way_of_the_locale_that_the_client_prefers(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        shop(&team).await;
        let english = json!(["€250.00", "40,000", "1.25%", "-36.36%"]);
        let german = json!(["250,00\u{a0}€", "40.000", "1,25\u{a0}%", "-36,36\u{a0}%"]);
        let russian = json!(["250,00\u{a0}€", "40\u{a0}000", "1,25\u{a0}%", "-36,36\u{a0}%"]);
        for (accept, expected) in [
            ("", &english),
            ("*", &english),
            ("en-US,en;q=0.9", &english),
            ("de-DE,de;q=0.9,en;q=0.8", &german),
            ("en;q=0.1, ru;q=0.2, de;q=0.3", &german),
            ("de;q=0, ru;q=0.5, en;q=0.1", &russian),
            ("tlh, xx;q=0.9, not a language, ru-RU;q=0.3", &russian),
            ("zh-TW", &english),
        ] {
            assert_eq!(&written(&app, &token, accept, "").await, expected, "{accept}");
        }
        let argued = written(&app, &token, "ru", "(locale: \"de-DE\")").await;
        assert_eq!(argued, german, "the argument wins");
        assert_eq!(written(&app, &token, "ru", "(locale: null)").await, russian);
    }

    async fn the_catalogue_speaks_the_language_that_the_client_prefers(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        for (accept, expected) in [
            ("", "Return on ad spend"),
            ("fr-FR", "Return on ad spend"),
            ("zh", "广告支出回报率"),
            ("zh-Hans", "广告支出回报率"),
            ("zh-SG;q=0.8, de", "广告支出回报率"),
            ("zh-CN;q=0.1, zh-HK;q=0.2", "廣告支出報酬率"),
            ("zh-Hant", "廣告支出報酬率"),
            ("uk, ru;q=0.9, en;q=0.8", "Окупаемость рекламных расходов (ROAS)"),
        ] {
            let answer = ask(&app, &token, accept, "{ metricCatalog { key name } }").await;
            let entries = path(&answer, "data.metricCatalog").as_array().expect("a list").clone();
            let roas = entries.iter().find(|entry| entry["key"] == "ROAS").expect("ROAS");
            assert_eq!(roas["name"], expected, "{accept}");
        }
    }

    async fn an_argument_for_the_language_wins_and_the_nearest_one_first(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let query = "{ metricCatalog(locale: \"zh-TW\", stage: AWARENESS) {
            name own: name(locale: \"en-GB\") description(locale: \"ru\") } }";
        let answer = ask(&app, &token, "zh-CN", query).await;
        let first = path(&answer, "data.metricCatalog.0");
        assert_eq!(first["name"], "曝光次數");
        assert_eq!(first["own"], "Impressions");
        assert!(first["description"].as_str().expect("a text").starts_with("Сколько раз показана реклама."));
    }

    async fn reasons_are_given_in_the_same_languages(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let query = format!("{{ viewer {{ team {{ kpis({MAY}) {{ spend {{ formatted undefinedReason {{
            code message english: message(locale: \"en\") }} }} }} }} }} }}");
        let answer = ask(&app, &token, "zh-HK", &query).await;
        assert_eq!(path(&answer, "data.viewer.team.kpis.spend"), &json!({ "formatted": null, "undefinedReason": {
            "code": "NO_DATA",
            "message": "本期沒有任何資料來源提供 spend",
            "english": "no source has delivered spend for this period",
        } }));
        let poor = app.token_with("acme", Role::Owner, [Scope::MetricsRead], TimeDelta::hours(1));
        let answer = ask(&app, &poor, "ru", &query).await;
        let reason = path(&answer, "data.viewer.team.kpis.spend.undefinedReason");
        assert_eq!(reason["message"], "у токена нет права MONEY_READ");
    }

    async fn an_argument_that_names_no_locale_is_refused_with_what_is_allowed(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        shop(&team).await;
        let long = "x".repeat(5000);
        for wrong in ["", "tlh", "deutsch!", "de--DE", long.as_str()] {
            let query = format!("{{ viewer {{ team {{ kpis({MAY}) {{ spend {{ formatted(locale: \"{wrong}\") }} }} }} }} }}");
            let answer = ask(&app, &token, "de", &query).await;
            let error = path(&answer, "errors.0");
            assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT", "{wrong}");
            let message = error["message"].as_str().expect("a message");
            let shown: String = wrong.chars().take(60).collect();
            assert_eq!(message, format!("locale: '{shown}' is not allowed; a BCP 47 tag of a language that CLDR knows \
                is needed, such as en, de-DE, ru or zh-TW"));
        }
        for query in [
            "{ metricCatalog(locale: \"de\") { key } }",
            "{ metricCatalog { key name(locale: \"de\") } }",
            "{ metricCatalog { key description(locale: \"de\") } }",
        ] {
            let answer = ask(&app, &token, "de", query).await;
            let error = path(&answer, "errors.0");
            assert_eq!(error["message"], "locale: 'de' is not allowed; texts are in en, zh-CN, zh-TW, ru");
            assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT");
        }
    }
}
