//! Attribution: two data sets of journeys against the answers of independent tools, for every model.

use std::{collections::BTreeMap, fmt::Write, fs::File, path::Path};

use entity::{channel, values::ChannelKind};
use kpigraph::{
    import::Format,
    store::{FactTable, TeamStore},
    time::DateRange,
};
use serde_json::{Value, json};

use crate::{
    expected::golden,
    support::{TestDatabase, json::path, new_team, on_both_databases, shared_data},
    team::{Team, service},
};

const REPORT: &str = "query ($input: AttributionReportInput!) { attribution(input: $input) {
    rows { dimension { label } credits { model conversions revenue { amount } } }
    unattributed { conversions }
    reconciliation { attributed unattributed total }
} }";

/// The models of the golden answers that one report can give, by the names there.
const MODELS: [(&str, &str); 6] = [
    ("FIRST_TOUCH", "first_touch"),
    ("LAST_TOUCH", "last_touch"),
    ("LINEAR", "linear"),
    ("POSITION_BASED", "position_40_20_40"),
    ("MARKOV", "markov_order1"),
    ("SHAPLEY", "shapley"),
];

async fn report(team: &Team<'_>, days: [&str; 2], models: &[&str], half_life: f64) -> Value {
    let input = json!({
        "period": { "range": { "from": days[0], "to": days[1] } },
        "models": models,
        "groupBy": "CHANNEL",
        "restartAfterConversion": true,
        "options": { "attribution": { "lookbackDays": 120, "halfLifeDays": half_life } },
    });
    team.ask(REPORT, json!({ "input": input })).await["attribution"].take()
}

/// Fails unless every channel's credit by `model` is the golden one: to a billionth, and amounts to `slack` besides.
fn assert_credits(report: &Value, model: &str, golden: &Value, slack: f64) {
    let mut found = BTreeMap::new();
    for row in report["rows"].as_array().unwrap() {
        let name = row["dimension"]["label"].as_str().unwrap().to_owned();
        let credits = row["credits"].as_array().unwrap();
        let credit = credits
            .iter()
            .find(|credit| credit["model"] == model)
            .unwrap();
        found.insert(name, credit.clone());
    }
    let expected = golden["conversions"].as_object().unwrap();
    assert_eq!(
        found.keys().collect::<Vec<_>>(),
        expected.keys().collect::<Vec<_>>(),
        "{model}"
    );
    for (channel, credit) in &found {
        for (at, of, slack) in [
            ("conversions", "conversions", 0.0),
            ("revenue.amount", "value", slack),
        ] {
            let number: f64 = path(credit, at).as_str().unwrap().parse().unwrap();
            let expected = golden[of][channel].as_f64().unwrap();
            assert!(
                (number - expected).abs() <= 1e-9 * expected.abs() + slack,
                "{model}: {of} of {channel} is {number}, not {expected}"
            );
        }
    }
}

/// Fails unless the credits of every model add up to the total, to the last digit.
fn assert_whole(report: &Value, total: &str) {
    let mut sums: BTreeMap<&str, rust_decimal::Decimal> = BTreeMap::new();
    for row in report["rows"].as_array().unwrap() {
        for credit in row["credits"].as_array().unwrap() {
            let count: rust_decimal::Decimal =
                credit["conversions"].as_str().unwrap().parse().unwrap();
            *sums.entry(credit["model"].as_str().unwrap()).or_default() += count;
        }
    }
    for (model, sum) in sums {
        assert_eq!(sum, total.parse().unwrap(), "{model}");
    }
    assert_eq!(report["reconciliation"]["total"], total);
    assert_eq!(report["unattributed"]["conversions"], "0");
}

on_both_databases! {
    async fn journeys_of_events_are_credited_as_independent_tools_credit_them(database: TestDatabase) {
        let Some(shared) = shared_data("kaggle: attribution") else { return };
        let app = service(&database, "2018-08-15").await;
        let team = Team::new(&app, new_team("kaggle")).await;
        let file = "kaggle_attr_excerpt/canonical/touchpoints.csv.gz";
        team.load(Format::Touchpoints, &shared, file, None).await;
        let golden = golden(&shared, "attribution_kaggle_attr_excerpt");

        let mut models: Vec<&str> = MODELS.iter().map(|(model, _)| *model).collect();
        models.push("TIME_DECAY");
        let report = report(&team, ["2018-07-01", "2018-07-31"], &models, 7.0).await;
        for (model, name) in MODELS.into_iter().chain([("TIME_DECAY", "time_decay_7d")]) {
            assert_credits(&report, model, &golden["models"][name], 0.0);
        }
        assert_whole(&report, "1838");
    }

    async fn hundred_thousand_journeys_are_credited_as_independent_tools_credit_them(database: TestDatabase) {
        let Some(shared) = shared_data("pathdata: attribution") else { return };
        let app = service(&database, "2026-06-15").await;
        let team = Team::new(&app, new_team("paths")).await;
        load_paths(&database, &team.store, &shared).await;
        let golden = golden(&shared, "attribution_pathdata");

        // Amounts are kept in micros; 250 paths have a finer value.
        let slack = 250.0 * 0.5e-6;
        let days = ["2026-02-01", "2026-05-31"];
        let mut models: Vec<&str> = MODELS.iter().map(|(model, _)| *model).collect();
        models.push("TIME_DECAY");
        // A step of a path is a day here, so that ages in steps are ages in days.
        let answer = report(&team, days, &models, 1.0).await;
        for (model, name) in MODELS.into_iter().chain([("TIME_DECAY", "time_decay_by_position_h1")]) {
            assert_credits(&answer, model, &golden["models"][name], slack);
        }
        assert_whole(&answer, "19785");
        let slower = report(&team, days, &["TIME_DECAY"], 7.0).await;
        assert_credits(&slower, "TIME_DECAY", &golden["models"]["time_decay_by_position_h7"], slack);
    }
}

/// The day on which all paths end.
const LAST_DAY: &str = "2026-05-31";

/// Makes each conversion and each null of a path a person with that path, a touch a day. The database multiplies the
/// paths itself: half a million touches take seconds so.
async fn load_paths(database: &TestDatabase, team: &TeamStore, shared: &Path) {
    let file = File::open(shared.join("pathdata/pathdata.csv.gz")).unwrap();
    let mut reader = csv::Reader::from_reader(flate2::read::GzDecoder::new(file));
    let last: chrono::NaiveDate = LAST_DAY.parse().unwrap();
    let mut channels: BTreeMap<String, i64> = BTreeMap::new();
    let (mut paths, mut steps) = (Vec::new(), Vec::new());
    for (path, record) in (1..).zip(reader.records()) {
        let record = record.unwrap();
        let places: Vec<&str> = record[0].split(" > ").collect();
        let value: rust_decimal::Decimal = record[2].parse::<rust_decimal::Decimal>().unwrap();
        let micros = (value * rust_decimal::Decimal::from(1_000_000)).round();
        paths.push(format!(
            "({path}, {}, {}, {micros})",
            &record[1], &record[3]
        ));
        for (step, place) in places.iter().enumerate() {
            let next = i64::try_from(channels.len()).unwrap() + 1;
            let channel = *channels.entry((*place).to_owned()).or_insert(next);
            let ago = chrono::Days::new((places.len() - 1 - step) as u64);
            let day = last.checked_sub_days(ago).unwrap();
            steps.push(format!("({path}, {step}, {channel}, '{day}')"));
        }
    }
    let writer = team.begin("fixture").await.unwrap();
    let rows = channels.into_iter().map(|(name, id)| channel::Model {
        team_id: 0,
        id,
        name,
        kind: ChannelKind::Other,
        paid: false,
        archived: false,
        created_at: Default::default(),
        updated_at: Default::default(),
        version: 1,
    });
    writer
        .insert::<channel::Entity>(rows.collect())
        .await
        .unwrap();
    let days = DateRange::new(last, last);
    writer
        .note_load("paths", FactTable::Conversion, days)
        .await
        .unwrap();
    writer.commit().await.unwrap();

    let run = async |sql: &str| {
        database
            .execute(sql)
            .await
            .unwrap_or_else(|error| panic!("{error}"))
    };
    run("CREATE TABLE g_path (path BIGINT, won BIGINT, lost BIGINT, micros BIGINT)").await;
    run("CREATE TABLE g_step (path BIGINT, step BIGINT, channel BIGINT, day VARCHAR(10))").await;
    run("CREATE TABLE g_number (n BIGINT)").await;
    for (table, rows) in [("g_path", paths), ("g_step", steps)] {
        for chunk in rows.chunks(10_000) {
            run(&format!("INSERT INTO {table} VALUES {}", chunk.join(", "))).await;
        }
    }
    let mut numbers = String::from("INSERT INTO g_number VALUES (0)");
    for number in 1..20_000 {
        write!(numbers, ", ({number})").unwrap();
    }
    run(&numbers).await;
    let (as_day, as_time) = match database.is_postgres() {
        true => (
            "CAST(s.day AS DATE)",
            "CAST(s.day || ' 12:00:00+00' AS TIMESTAMPTZ)",
        ),
        false => ("s.day", "s.day || ' 12:00:00+00:00'"),
    };
    let each = "FROM g_path p JOIN g_number n ON n.n < p.won + p.lost";
    let person = "p.path * 100000 + n.n";
    let team = team.team().id;
    let time = as_time.replace("s.day", &format!("'{LAST_DAY}'"));
    run(&format!(
        "INSERT INTO customer (team_id, id, properties, created_at, updated_at, version) \
         SELECT {team}, {person}, '{{}}', {time}, {time}, 1 {each}"
    ))
    .await;
    run(&format!(
        "INSERT INTO touchpoint (team_id, id, customer_id, occurred_at, day, kind, channel_id, properties) \
         SELECT {team}, ({person}) * 100 + s.step, {person}, {as_time}, {as_day}, 'CLICK', s.channel, '{{}}' \
         {each} JOIN g_step s ON s.path = p.path"
    ))
    .await;
    let day = as_day.replace("s.day", &format!("'{LAST_DAY}'"));
    run(&format!(
        "INSERT INTO conversion (team_id, id, customer_id, kind, occurred_at, day, value, currency) \
         SELECT {team}, {person}, {person}, 'sale', {time}, {day}, \
         p.micros / p.won + CASE WHEN n.n < p.micros % p.won THEN 1 ELSE 0 END, 'EUR' {each} WHERE n.n < p.won"
    ))
    .await;
    for table in ["g_path", "g_step", "g_number"] {
        run(&format!("DROP TABLE {table}")).await;
    }
    run("ANALYZE").await;
}
