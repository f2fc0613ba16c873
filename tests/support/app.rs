//! A running service, and a client that talks to it.

use std::{net::SocketAddr, sync::Arc, thread, time::Duration};

use actix_web::rt::System;
use chrono::TimeDelta;
use kpigraph::{
    auth::{self, Role, Scope, Signer, Verifier},
    config::Settings,
    server::Server,
    store::{ConnectOptions, NewTeam, Store, TeamStore},
    time::Clock,
};
use reqwest::{StatusCode, header::HeaderMap};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::oneshot;

use super::{TestDatabase, new_team};

/// The service on a free port of this machine, stopped when this value is dropped.
pub struct App {
    /// Where it listens.
    pub address: SocketAddr,
    /// Where Prometheus may read, if the settings say so.
    pub metrics: Option<SocketAddr>,
    /// The same database as the service's, through connections of its own.
    pub store: Store,
    /// The service's clock.
    pub clock: Clock,
    /// A client that knows nothing of tokens.
    pub client: reqwest::Client,
    signer: Signer,
    _data_dir: TempDir,
    _stop: oneshot::Sender<()>,
}

impl App {
    /// Starts the service with default settings and a development key.
    pub async fn start(database: &TestDatabase, clock: Clock) -> Self {
        Self::start_with(database, clock, |_| ()).await
    }

    /// Starts the service with settings changed by `change`.
    pub async fn start_with(
        database: &TestDatabase,
        clock: Clock,
        change: impl FnOnce(&mut Settings),
    ) -> Self {
        let data_dir = tempfile::tempdir().expect("a temporary folder can be made");
        let mut settings = Settings {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            data_dir: data_dir.path().to_owned(),
            database_url: Some(database.url.clone().into()),
            ..Settings::default()
        };
        change(&mut settings);
        let signer = auth::signer(&settings.auth, &settings.data_dir).expect("tokens can be made");
        let store = database.store(clock).await;
        let options = ConnectOptions {
            statement_timeout: Duration::from_secs(settings.statement_timeout_seconds),
            ..database.options()
        };
        let served = Store::connect(&options, clock).await;
        let served = served.expect("the test database opens");
        let ((address, metrics), stop) = serve(settings, served, clock).await;
        Self {
            address,
            metrics,
            store,
            clock,
            client: reqwest::Client::new(),
            signer,
            _data_dir: data_dir,
            _stop: stop,
        }
    }

    /// The URL of a path such as `/graphql`.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Makes a team: EUR, UTC, weeks from Monday, fiscal years from January.
    pub async fn team(&self, slug: &str) -> TeamStore {
        self.team_with(new_team(slug)).await
    }

    /// Makes a team.
    pub async fn team_with(&self, team: NewTeam) -> TeamStore {
        self.store
            .administer()
            .create_team(&team)
            .await
            .expect("the team can be made")
    }

    /// A token that is good for an hour and has all of the role's scopes. There need not be such a team.
    pub fn token(&self, team: &str, role: Role) -> String {
        self.mint(team, role, None, TimeDelta::hours(1))
    }

    /// A token that asks for `scopes` only and ends `ttl` from now, or ended in the past.
    pub fn token_with(
        &self,
        team: &str,
        role: Role,
        scopes: impl IntoIterator<Item = Scope>,
        ttl: TimeDelta,
    ) -> String {
        self.mint(team, role, Some(scopes.into_iter().collect()), ttl)
    }

    fn mint(&self, team: &str, role: Role, scopes: Option<auth::Scopes>, ttl: TimeDelta) -> String {
        let team = team.parse().expect("a test names a valid team");
        self.signer
            .mint(&self.clock, &team, role, scopes, ttl, "tester")
            .0
    }

    /// The answer, with `data`, to an operation that succeeds.
    ///
    /// # Panics
    /// When the status is not 200 or the answer has errors.
    pub async fn graphql(&self, token: &str, query: &str, variables: Value) -> Value {
        self.graphql_counted(token, query, variables).await.0
    }

    /// The same, with the number of SQL statements that it took.
    pub async fn graphql_counted(
        &self,
        token: &str,
        query: &str,
        variables: Value,
    ) -> (Value, u32) {
        let (status, headers, mut body) = self.graphql_raw(token, query, variables).await;
        assert_eq!(status, StatusCode::OK, "{query}: {body:#}");
        assert!(body.get("errors").is_none(), "{query}: {body:#}");
        // What it cost is another matter, and what is left of the allowance changes by itself.
        if let Some(fields) = body.as_object_mut() {
            fields.remove("extensions");
        }
        (body, sql_statements(&headers))
    }

    /// Sends an operation, without a token when `token` is empty. A body that is not JSON becomes a text.
    pub async fn graphql_raw(
        &self,
        token: &str,
        query: &str,
        variables: Value,
    ) -> (StatusCode, HeaderMap, Value) {
        let body = json!({ "query": query, "variables": variables });
        let mut request = self.client.post(self.url("/graphql")).json(&body);
        if !token.is_empty() {
            request = request.bearer_auth(token);
        }
        let answer = request.send().await.expect("the service answers");
        let (status, headers) = (answer.status(), answer.headers().clone());
        let text = answer.text().await.expect("the answer can be read");
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        (status, headers, body)
    }
}

/// How many SQL statements the answer with these headers took.
///
/// # Panics
/// When the answer does not say.
pub fn sql_statements(headers: &HeaderMap) -> u32 {
    headers
        .get("x-kpigraph-sql-statements")
        .and_then(|value| value.to_str().ok()?.parse().ok())
        .unwrap_or_else(|| panic!("the answer does not count its SQL statements: {headers:?}"))
}

/// Runs the service on a thread of its own, as actix's workers want a system around them, until the sender is dropped.
async fn serve(
    settings: Settings,
    store: Store,
    clock: Clock,
) -> ((SocketAddr, Option<SocketAddr>), oneshot::Sender<()>) {
    let (tell_address, address) = oneshot::channel();
    let (stop, stopped) = oneshot::channel();
    thread::spawn(move || {
        let system = System::new();
        system.block_on(async {
            let verifier = Verifier::new(&settings.auth, &settings.data_dir, clock)
                .expect("the settings of tokens are right");
            let server = Server::build(&settings, store, Arc::new(verifier), None)
                .expect("the service starts");
            tell_address
                .send((server.address(), server.metrics_address()))
                .expect("the test waits for the address");
            tokio::select! {
                ended = server.run() => ended.expect("the service runs"),
                _ = stopped => (),
            }
        });
        System::current().stop();
        system.run().expect("the workers stop");
    });
    let address = address
        .await
        .expect("the service starts; its thread said why it did not");
    (address, stop)
}
