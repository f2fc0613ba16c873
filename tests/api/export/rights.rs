//! Who may export what.

use chrono::TimeDelta;
use kpigraph::{
    auth::{Role, Scope},
    export::Entity,
};

use super::{cells, file, get, lines, refusal, send_everything};
use crate::{
    fixtures::{fill, start},
    support::{TestDatabase, on_both_databases},
};

on_both_databases! {
    async fn an_entity_needs_its_scopes_and_hides_what_others_guard(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        send_everything(&app, &token, 3).await;
        let only = |scopes: &[Scope]| app.token_with("acme", Role::Owner, scopes.iter().copied(), TimeDelta::hours(1));
        let customers = only(&[Scope::CustomersRead]);
        for (name, token) in [
            ("orders.csv", only(&[Scope::CustomersRead, Scope::MetricsRead])),
            ("refunds.ndjson", only(&[Scope::MetricsRead])),
            ("customers.csv", only(&[Scope::MetricsRead, Scope::PersonalDataRead])),
            ("campaigns.csv", customers.clone()),
            ("budgets.csv", only(&[Scope::CampaignsRead])),
            ("ad-days.csv", customers.clone()),
        ] {
            assert_eq!(refusal(&app, &token, name).await, (403, "FORBIDDEN".to_owned()), "{name}");
        }
        let (columns, ..) = cells(&file(&app, &customers, "customers.csv").await);
        for personal in ["email", "name", "kpigraph_properties"] {
            assert!(!columns.iter().any(|name| name == personal), "{columns:?}");
        }
        let (all, ..) = cells(&file(&app, &token, "customers.csv").await);
        assert!(["email", "name", "kpigraph_properties"].iter().all(|name| all.iter().any(|column| column == name)));
        let (ads, ..) = cells(&file(&app, &only(&[Scope::MetricsRead]), "ad-days.csv").await);
        assert!(!ads.iter().any(|name| ["spend", "conversion_value"].contains(&name.as_str())), "{ads:?}");
        assert!(ads.iter().any(|name| name == "clicks"));
        let (deals, _) = lines(&file(&app, &customers, "opportunities.ndjson").await);
        assert!(deals.iter().all(|row| row.get("amount").is_none() && row.get("stage").is_some()), "{deals:?}");
    }

    async fn another_team_s_rows_are_nobody_else_s(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        fill(&team, "ours", 2).await;
        let other = app.team("other").await;
        fill(&other, "theirs", 2).await;
        let foreign = app.token("other", Role::Owner);
        let (rows, _) = lines(&file(&app, &foreign, "orders.ndjson").await);
        let after = rows[0]["kpigraph_cursor"].as_str().unwrap();
        for entity in Entity::ALL {
            let text = file(&app, &token, &format!("{entity}.csv")).await;
            assert!(!text.contains("theirs"), "{entity}: {text}");
        }
        // The place of a row of theirs is a place among ours, no more.
        let rest = file(&app, &token, &format!("orders.ndjson?after={after}")).await;
        assert_eq!(lines(&rest).0.len(), 0);
    }

    async fn whoever_is_unknown_and_what_there_is_not_is_refused_as_json(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        for bad in ["", "nonsense", "kpg_000000000000_x"] {
            let (status, headers, text) = get(&app, bad, "orders.csv").await;
            assert_eq!(status.as_u16(), 401, "{text}");
            assert!(text.contains("UNAUTHENTICATED"), "{text}");
            assert!(headers.contains_key("www-authenticate"));
        }
        for (name, status) in [
            ("nothing.csv", 404),
            ("orders.xlsx", 404),
            ("orders", 404),
            ("api_key.csv", 404),
            ("orders.csv?from=yesterday", 400),
            ("orders.csv?from=2026-02-01&to=2026-01-01", 400),
            ("orders.csv?colour=red", 400),
            ("customers.csv?from=2026-01-01", 400),
            ("dashboards.csv?system=crm", 400),
            ("orders.csv?system=%00", 400),
        ] {
            assert_eq!(refusal(&app, &token, name).await, (status, "BAD_USER_INPUT".to_owned()), "{name}");
        }
    }
}
