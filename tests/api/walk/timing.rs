//! How long answers take for ids of another team and for ids of nobody. The walk counts their statements; this measures.

use std::time::{Duration, Instant};

use kpigraph::auth::Role;
use serde_json::{Value, json};

use super::{BLUE, RED};
use crate::{
    fixtures::{clock, fill, global_id},
    support::{App, TestDatabase},
};

/// How many ids of each kind are asked for.
const IDS: usize = 400;

const NODE: &str = "query ($id: ID!) { node(id: $id) { __typename id } }";
const MUTATION: &str = "mutation ($id: ID!) { archiveCampaign(input: { id: $id, version: 1 }) {
    campaign { id } errors { code message path } } }";

/// What is asked with an id.
#[derive(Debug, Clone, Copy)]
enum Question {
    Node,
    Mutation,
    Export,
}

impl Question {
    /// The answer without the id, and how long it took.
    async fn ask(self, app: &App, token: &str, id: &str) -> (String, Duration) {
        let graphql = |query: &str| {
            let body = json!({ "query": query, "variables": { "id": id } });
            app.client.post(app.url("/graphql")).json(&body)
        };
        let request = match self {
            Self::Node => graphql(NODE),
            Self::Mutation => graphql(MUTATION),
            Self::Export => {
                let is = json!({ "dimension": "CAMPAIGN", "op": "EQ", "values": [id] });
                let input = json!({ "metrics": ["SPEND"], "groupBy": [{ "dimension": "CAMPAIGN" }],
                    "period": { "preset": "ALL_TIME" }, "filter": { "dimension": is } });
                let request = app.client.post(app.url("/export/metrics.csv"));
                request.json(&json!({ "input": input }))
            }
        };
        let request = request.bearer_auth(token);
        let begun = Instant::now();
        let answer = request.send().await.expect("the service answers");
        let text = answer.text().await.expect("the answer can be read");
        let took = begun.elapsed();
        (without_cost(&text).replace(id, "<id>"), took)
    }
}

/// The answer but for its cost, which tells what is left of the caller's own allowance.
fn without_cost(text: &str) -> String {
    let Ok(Value::Object(mut answer)) = serde_json::from_str(text) else {
        return text.to_owned();
    };
    answer.remove("extensions");
    Value::Object(answer).to_string()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement, to be read: docs/isolation.md"]
async fn foreign_ids_take_as_long_as_unknown_ones() {
    measure("SQLite", TestDatabase::sqlite()).await;
    if let Some(database) = TestDatabase::postgres().await {
        measure("PostgreSQL", database).await;
    }
}

async fn measure(kind: &str, database: TestDatabase) {
    let app = App::start(&database, clock()).await;
    let (blue, red) = (app.team(BLUE).await, app.team(RED).await);
    fill(&blue, BLUE, 3).await;
    let foreign = fill(&red, RED, IDS).await.campaigns;
    let token = app.token(BLUE, Role::Owner);
    for question in [Question::Node, Question::Mutation, Question::Export] {
        // As far from each other as the ids of campaigns are, so that neither kind lies closer together in an index.
        let pairs = foreign.iter().map(|id| [*id, id - 1_234_567]);
        let (mut theirs, mut nobodys) = (Vec::new(), Vec::new());
        for (round, pair) in pairs.enumerate() {
            let [id, unknown] = pair.map(|id| global_id("Campaign", id));
            // Neither kind always follows the other.
            let mut both = [(&id, &mut theirs), (&unknown, &mut nobodys)];
            if round % 2 == 1 {
                both.reverse();
            }
            let mut answers = Vec::new();
            for (id, times) in both {
                let (answer, took) = question.ask(&app, &token, id).await;
                answers.push(answer);
                times.push(took);
            }
            assert_eq!(answers[0], answers[1], "{question:?}");
        }
        report(kind, question, theirs, nobodys);
    }
}

/// Prints the quartiles of both kinds, and how often an id of the other team took longer than one of nobody: half of
/// the pairs, where time tells nothing.
fn report(kind: &str, question: Question, mut theirs: Vec<Duration>, mut nobodys: Vec<Duration>) {
    let longer: usize = theirs
        .iter()
        .map(|one| nobodys.iter().filter(|other| one > *other).count())
        .sum();
    let share = 100.0 * longer as f64 / (theirs.len() * nobodys.len()) as f64;
    let mut quartiles = Vec::new();
    for times in [&mut theirs, &mut nobodys] {
        times.sort();
        let at = |quarter: usize| times[(times.len() - 1) * quarter / 4].as_micros();
        quartiles.push(format!("{} / {} / {}", at(1), at(2), at(3)));
    }
    println!(
        "| {kind} | {question:?} | {} | {} | {share:.1} % |",
        quartiles[0], quartiles[1]
    );
}
