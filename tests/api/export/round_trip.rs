//! What was exported can be imported again.

use kpigraph::{
    auth::Role,
    import::{Format, ImportAsk, import},
};
use serde_json::{Value, json};

use super::{file, lines, send_everything};
use crate::{
    fixtures::start,
    support::{TestDatabase, on_both_databases},
};

const FILES: [(&str, Format); 15] = [
    ("stage-events", Format::StageEvents),
    ("opportunities", Format::Deals),
    ("orders", Format::Orders),
    ("refunds", Format::Refunds),
    ("touchpoints", Format::Touchpoints),
    ("conversions", Format::Conversions),
    ("surveys", Format::Surveys),
    ("content", Format::Content),
    ("costs", Format::Costs),
    ("ad-days", Format::AdStats),
    ("web-days", Format::WebStats),
    ("email-days", Format::EmailStats),
    ("social-days", Format::SocialStats),
    ("people-counts", Format::People),
    ("figures", Format::Figures),
];

/// The rows without what is each team's own, in an order of their own.
fn comparable(text: &str) -> Vec<String> {
    let (rows, _) = lines(text);
    let mut rows: Vec<String> = rows
        .into_iter()
        .map(|mut row| {
            let fields = row.as_object_mut().unwrap();
            for own in ["kpigraph_cursor", "kpigraph_id"] {
                fields.remove(own);
            }
            Value::Object(fields.clone()).to_string()
        })
        .collect();
    rows.sort_unstable();
    rows
}

on_both_databases! {
    async fn a_file_imported_into_another_team_gives_the_same_file_there(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        send_everything(&app, &token, 25).await;
        for format in ["ndjson", "csv"] {
            let slug = format!("copy-of-{format}");
            let copy = app.team(&slug).await;
            let other = app.token(&slug, Role::Owner);
            for (entity, layout) in FILES {
                let exported = file(&app, &token, &format!("{entity}.{format}?system=crm")).await;
                let ask = ImportAsk { source: "crm".into(), ..ImportAsk::new(layout) };
                let report = import(&copy, &ask, exported.as_bytes(), &|_| ()).await;
                let report = report.unwrap_or_else(|error| panic!("{entity}.{format}: {error}"));
                assert_eq!((report.refused, report.committed), (0, true), "{entity}.{format}: {report}");
                assert!(report.read >= 25, "{entity}: {report}");
            }
            for (entity, _) in FILES {
                let name = format!("{entity}.ndjson?system=crm");
                let (ours, theirs) = (file(&app, &token, &name).await, file(&app, &other, &name).await);
                assert_eq!(comparable(&ours), comparable(&theirs), "{entity}.{format}");
            }
        }
    }

    async fn an_export_is_recognised_without_its_format(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        send_everything(&app, &token, 3).await;
        let copy = app.team("copy").await;
        for entity in ["orders", "ad-days", "opportunities", "touchpoints"] {
            for format in ["csv", "ndjson"] {
                let exported = file(&app, &token, &format!("{entity}.{format}?system=crm")).await;
                let ask = ImportAsk { source: "crm".into(), ..ImportAsk::recognised() };
                let report = import(&copy, &ask, exported.as_bytes(), &|_| ()).await;
                let report = report.unwrap_or_else(|error| panic!("{entity}.{format}: {error}"));
                assert_eq!(report.refused, 0, "{entity}.{format}: {report}");
            }
        }
        let token = app.token("copy", Role::Owner);
        let (rows, _) = lines(&file(&app, &token, "orders.ndjson").await);
        assert_eq!(rows[0]["kpigraph_properties"], json!({ "shop": "main" }));
    }
}
