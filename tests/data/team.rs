//! A team of a running service: what is imported into it, and what it answers.

use std::{fmt, fs::File, io::Read, path::Path};

use kpigraph::{
    auth::Role,
    import::{Format, ImportAsk, ImportError, Report, import},
    store::{NewTeam, TeamStore},
    time::Clock,
};
use serde_json::{Value, json};

use crate::support::{App, TestDatabase, json};

/// Asks one page of `metrics`.
pub const METRICS: &str = "query ($input: MetricsInput!, $after: String) {
    metrics(input: $input, first: 1000, after: $after) {
        totalCount
        pageInfo { hasNextPage endCursor }
        nodes {
            dimensions { key label }
            values {
                metric { key } value undefinedReason { code }
                comparison { absolute relative baseline { value undefinedReason { code } } }
            }
        }
    }
}";

/// A service whose clock stands at noon of this day, in UTC.
pub async fn service(database: &TestDatabase, day: &str) -> App {
    let noon = format!("{day}T12:00:00Z").parse().unwrap();
    App::start(database, Clock::fixed(noon)).await
}

/// A team, and a token of its owner.
pub struct Team<'a> {
    pub app: &'a App,
    pub store: TeamStore,
    pub token: String,
}

impl<'a> Team<'a> {
    /// Makes the team.
    pub async fn new(app: &'a App, team: NewTeam) -> Self {
        let token = app.token(team.slug.as_str(), Role::Owner);
        let store = app.team_with(team).await;
        Self { app, store, token }
    }

    /// Imports a file whose rows are all good and new. The source is the name of the data set.
    pub async fn load(&self, format: Format, shared: &Path, file: &str, day: Option<&str>) {
        let ask = ImportAsk {
            source: file.split('/').next().unwrap().to_owned(),
            day: day.map(|day| day.parse().unwrap()),
            ..ImportAsk::new(format)
        };
        let input = File::open(shared.join(file)).unwrap();
        let report = self.read(&ask, input).await.unwrap();
        assert!(report.committed && report.read > 0, "{report}");
        assert_eq!(report.written, report.read, "{report}");
    }

    /// Imports.
    pub async fn read(&self, ask: &ImportAsk, input: impl Read) -> Result<Report, ImportError> {
        import(&self.store, ask, input, &|_| ()).await
    }

    /// Imports a file whose rows are all good and new, and gives the report.
    pub async fn file(&self, ask: &ImportAsk, shared: &Path, file: &str) -> Report {
        let input = File::open(shared.join(file)).unwrap();
        let report = self.read(ask, input).await.unwrap();
        assert!(report.committed, "{report}");
        assert_eq!(
            (report.written, report.refused),
            (report.read, 0),
            "{report}"
        );
        report
    }

    /// Imports a text that refuses nothing as a whole.
    pub async fn text(&self, format: Format, text: &str) -> Report {
        let ask = ImportAsk::new(format);
        self.read(&ask, text.as_bytes()).await.unwrap()
    }

    /// The `data` of an answer without errors.
    pub async fn ask(&self, query: &str, variables: Value) -> Value {
        let mut answer = self.app.graphql(&self.token, query, variables).await;
        answer["data"].take()
    }

    /// All rows of a `metrics` question, page by page.
    pub async fn metrics(&self, input: Value) -> Vec<Row> {
        let mut rows = Vec::new();
        let mut after = Value::Null;
        loop {
            let variables = json!({ "input": input, "after": after });
            let page = self.ask(METRICS, variables).await["metrics"].take();
            let nodes = page["nodes"].as_array().unwrap();
            rows.extend(nodes.iter().cloned().map(Row));
            if page["pageInfo"]["hasNextPage"] == false {
                assert_eq!(page["totalCount"], rows.len());
                return rows;
            }
            after = page["pageInfo"]["endCursor"].clone();
        }
    }

    /// The one row of a question that groups by nothing.
    pub async fn total(&self, metrics: &[&str], from: &str, to: &str) -> Row {
        let rows = self.metrics(question(metrics, &[], from, to)).await;
        rows.into_iter().next().expect("there is one row")
    }
}

/// A `metrics` question over days, grouped by dimensions: a grain of time as `TIME:DAY`, a property as `PROPERTY:age`.
/// Buckets without facts are left out.
pub fn question(metrics: &[&str], by: &[&str], from: &str, to: &str) -> Value {
    let group = |name: &&str| match name.split_once(':') {
        Some(("TIME", grain)) => json!({ "dimension": "TIME", "grain": grain }),
        Some((dimension, property)) => json!({ "dimension": dimension, "property": property }),
        None => json!({ "dimension": name }),
    };
    json!({
        "metrics": metrics,
        "groupBy": by.iter().map(group).collect::<Vec<_>>(),
        "period": { "range": { "from": from, "to": to } },
        "fill": "NONE",
    })
}

/// A row of an answer to [`METRICS`].
pub struct Row(pub Value);

impl Row {
    /// The labels of the row's dimensions, joined by `|`.
    pub fn name(&self) -> String {
        let dimensions = self.0["dimensions"].as_array().unwrap();
        let labels: Vec<&str> = dimensions
            .iter()
            .map(|dimension| json::text(dimension, "label"))
            .collect();
        labels.join("|")
    }

    /// The key in a dimension, by its place.
    pub fn key(&self, place: usize) -> Option<&str> {
        json::path(&self.0, &format!("dimensions.{place}.key")).as_str()
    }

    /// All that is said of a metric.
    pub fn value(&self, metric: &str) -> &Value {
        let values = self.0["values"].as_array().unwrap();
        let found = values.iter().find(|value| value["metric"]["key"] == metric);
        found.unwrap_or_else(|| panic!("no {metric} in {self}"))
    }

    /// A metric's number; `None` when it is null, which then has a reason.
    pub fn get(&self, metric: &str) -> Option<&str> {
        let value = self.value(metric);
        assert_eq!(
            value["value"].is_null(),
            value["undefinedReason"].is_object(),
            "{self}"
        );
        value["value"].as_str()
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#}", self.0)
    }
}
