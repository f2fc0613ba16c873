//! Settings: defaults, then a file, then the environment, then flags; later layers win.
//!
//! Every setting stands once, in the table below: it makes the field of [`Settings`], the flag with its help text,
//! and the check that names what is allowed.

mod allowed;
mod database_url;
mod error;
mod layers;
mod names;
mod or_none;
mod origins;

use std::{fmt, net::SocketAddr, path::PathBuf};

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::Url;

use self::{
    allowed::Allowed,
    names::{Initial, Scalar},
};
pub use self::{error::SettingsError, or_none::OrNone, origins::Origins};
use crate::{auth::AuthSettings, webhooks::Networks};

macro_rules! settings {
    ($(
        $(#[doc = $doc:literal])+
        $name:ident: $type:ty = $initial:ident($default:literal), $environment:literal, $allowed:expr;
    )+) => {
        /// Everything that can be set.
        #[derive(Debug, Clone, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct Settings {
            $(
                $(#[doc = $doc])+
                #[doc = concat!("\n\nDefault: ", $default, ". Environment: `", $environment, "`.")]
                pub $name: $type,
            )+
            /// Who may issue tokens. Set in the file, or in the environment below `KPIGRAPH_AUTH__`.
            #[serde(default)]
            pub auth: AuthSettings,
        }

        /// One flag per setting. The values are checked together with those of the other layers.
        #[derive(clap::Args, Clone, Default)]
        pub struct SettingsFlags {
            /// Settings file in TOML [default: kpigraph.toml, if it exists] [environment: KPIGRAPH_CONFIG]
            #[arg(long, value_name = "FILE")]
            pub config: Option<PathBuf>,
            $(
                $(#[doc = $doc])+
                #[arg(
                    long,
                    value_name = "VALUE",
                    help = concat!($($doc,)+ " [default: ", $default, "] [environment: ", $environment, "]").trim_start(),
                )]
                pub $name: Option<String>,
            )+
        }

        impl SettingsFlags {
            /// The given flags, by the name of their setting.
            fn given(&self) -> impl Iterator<Item = (&'static Scalar, &str)> {
                let values = [$(self.$name.as_deref()),+];
                SCALARS.iter().zip(values).filter_map(|(scalar, value)| Some((scalar, value?)))
            }
        }

        /// Every setting that is one value and has a flag, in the order of the fields.
        const SCALARS: &[Scalar] = &[$(
            Scalar {
                name: stringify!($name),
                environment: $environment,
                initial: Initial::$initial($default),
                allowed: $allowed,
            },
        )+];
    };
}

settings! {
    /// Address and port to listen on; beyond loopback only with a configured token issuer.
    listen: SocketAddr = Value("127.0.0.1:8080"), "KPIGRAPH_LISTEN", Allowed::Address;
    /// Directory for the embedded database, the development key and files that are being imported.
    data_dir: PathBuf = Value("./data"), "KPIGRAPH_DATA_DIR", Allowed::Path;
    /// Database: a sqlite: or postgres: URL.
    database_url: Option<SecretString> = Derived("the SQLite file kpigraph.db in the data directory"),
        "DATABASE_URL", Allowed::DatabaseUrl;
    /// The same PostgreSQL database by a role that owns its tables: migrations run as this role, requests never do.
    database_admin_url: Option<SecretString> = Derived("database_url"), "DATABASE_ADMIN_URL", Allowed::DatabaseUrl;
    /// Most connections to the database at the same time.
    database_connections: u32 = Value("10"), "KPIGRAPH_DATABASE_CONNECTIONS", Allowed::Range(1, 200);
    /// Seconds for which a database that is down at the start is tried again.
    database_wait_seconds: u64 = Value("30"), "KPIGRAPH_DATABASE_WAIT_SECONDS", Allowed::Range(0, 600);
    /// Seconds that opening a connection to the database may take.
    acquire_timeout_seconds: u64 = Value("3"), "KPIGRAPH_ACQUIRE_TIMEOUT_SECONDS", Allowed::Range(1, 60);
    /// Seconds after which PostgreSQL breaks off a single statement of a request.
    statement_timeout_seconds: u64 = Value("9"), "KPIGRAPH_STATEMENT_TIMEOUT_SECONDS", Allowed::Range(1, 600);
    /// Largest body of a request, in bytes.
    body_limit_bytes: usize = Value("8388608"), "KPIGRAPH_BODY_LIMIT_BYTES", Allowed::Range(1024, 67_108_864);
    /// Largest file that is uploaded for an import, in bytes.
    upload_limit_bytes: u64 = Value("1073741824"), "KPIGRAPH_UPLOAD_LIMIT_BYTES", Allowed::Range(1024, 1_099_511_627_776);
    /// Imports that this instance works on at the same time; with 0 it leaves them to others.
    import_jobs: usize = Value("2"), "KPIGRAPH_IMPORT_JOBS", Allowed::Range(0, 32);
    /// Largest GraphQL document, in bytes.
    max_document_bytes: usize = Value("131072"), "KPIGRAPH_MAX_DOCUMENT_BYTES", Allowed::Range(1024, 1_048_576);
    /// Most tokens of a GraphQL document.
    max_tokens: usize = Value("15000"), "KPIGRAPH_MAX_TOKENS", Allowed::Range(100, 100_000);
    /// Most aliases in a GraphQL document.
    max_aliases: usize = Value("100"), "KPIGRAPH_MAX_ALIASES", Allowed::Range(0, 10_000);
    /// Most directives in a GraphQL document.
    max_directives: usize = Value("100"), "KPIGRAPH_MAX_DIRECTIVES", Allowed::Range(0, 10_000);
    /// Most values in the JSON of a request, its variables above all.
    max_json_values: usize = Value("200000"), "KPIGRAPH_MAX_JSON_VALUES", Allowed::Range(100, 10_000_000);
    /// Documents that clients may name instead of sending them: a folder of .graphql files, a JSON file, or none.
    trusted_documents: String = Value("none"), "KPIGRAPH_TRUSTED_DOCUMENTS", Allowed::Path;
    /// Whether trusted documents alone are accepted: true or false.
    only_trusted_documents: bool = Value("false"), "KPIGRAPH_ONLY_TRUSTED_DOCUMENTS", Allowed::OneOf(&["true", "false"]);
    /// Deepest nesting of a query's fields.
    max_depth: usize = Value("15"), "KPIGRAPH_MAX_DEPTH", Allowed::Range(1, 100);
    /// Most fields that a query selects, with its fragments expanded.
    max_fields: usize = Value("2000"), "KPIGRAPH_MAX_FIELDS", Allowed::Range(1, 100_000);
    /// Most fields that a query selects at its root, with its fragments expanded.
    max_root_fields: usize = Value("50"), "KPIGRAPH_MAX_ROOT_FIELDS", Allowed::Range(1, 10_000);
    /// Most points that a query may cost: an object is one, lists multiply by their page, KPIs weigh.
    max_cost: u64 = Value("250000"), "KPIGRAPH_MAX_COST", Allowed::Range(1, 1_000_000_000);
    /// Most values that the answer of a query may be taken to have.
    max_values: u64 = Value("1000000"), "KPIGRAPH_MAX_VALUES", Allowed::Range(1, 1_000_000_000);
    /// Points that a team gets back each second for its requests.
    rate_points_per_second: i64 = Value("200000"), "KPIGRAPH_RATE_POINTS_PER_SECOND", Allowed::Range(1, 1_000_000_000);
    /// Points that a team may use at once when it has saved them.
    rate_burst_points: i64 = Value("2000000"), "KPIGRAPH_RATE_BURST_POINTS", Allowed::Range(1, 1_000_000_000);
    /// Share of its team's points that one API key or one user may use, in percent.
    rate_key_percent: i64 = Value("100"), "KPIGRAPH_RATE_KEY_PERCENT", Allowed::Range(1, 100);
    /// Most operations of one team that one instance works on at the same time.
    max_team_requests: usize = Value("400"), "KPIGRAPH_MAX_TEAM_REQUESTS", Allowed::Range(1, 100_000);
    /// Largest answer, in bytes.
    max_response_bytes: usize = Value("33554432"), "KPIGRAPH_MAX_RESPONSE_BYTES", Allowed::Range(1024, 1_073_741_824);
    /// Seconds after which a request is broken off.
    request_timeout_seconds: u64 = Value("30"), "KPIGRAPH_REQUEST_TIMEOUT_SECONDS", Allowed::Range(1, 600);
    /// Form of the log lines: human or json.
    log_format: LogFormat = Value("human"), "KPIGRAPH_LOG_FORMAT", Allowed::OneOf(&["human", "json"]);
    /// What is logged: a level, or a tracing filter such as kpigraph=debug,info.
    log_level: String = Value("info"), "KPIGRAPH_LOG_LEVEL", Allowed::LogFilter;
    /// Milliseconds from which on an operation is logged as slow; 0 logs all, none no operation.
    slow_operation_ms: OrNone<u64> = Value("1000"), "KPIGRAPH_SLOW_OPERATION_MS", Allowed::RangeOrNone(0, 600_000);
    /// Address and port for Prometheus to read /metrics from, apart from the API, or none.
    metrics_listen: OrNone<SocketAddr> = Value("none"), "KPIGRAPH_METRICS_LISTEN", Allowed::AddressOrNone;
    /// Most teams whose cost is told by name in /metrics; the others are told together.
    metrics_teams: usize = Value("20"), "KPIGRAPH_METRICS_TEAMS", Allowed::Range(0, 1000);
    /// Where OpenTelemetry traces are sent by OTLP over HTTP, such as http://127.0.0.1:4318, or none.
    otlp_endpoint: OrNone<Url> = Value("none"), "OTEL_EXPORTER_OTLP_ENDPOINT", Allowed::UrlOrNone;
    /// Whether the GraphiQL page is served: true or false.
    graphiql: bool = Value("true"), "KPIGRAPH_GRAPHIQL", Allowed::OneOf(&["true", "false"]);
    /// Web sites whose pages may ask, such as https://app.example,http://localhost:3000, or none.
    cors_origins: Origins = Value("none"), "KPIGRAPH_CORS_ORIGINS", Allowed::Origins;
    /// Networks that are not public and that webhooks may be sent to all the same, such as 10.0.0.0/8,127.0.0.1, or none.
    webhook_private_networks: Networks = Value("none"), "KPIGRAPH_WEBHOOK_PRIVATE_NETWORKS", Allowed::Networks;
    /// Seconds that running requests get to end when the service stops.
    shutdown_seconds: u64 = Value("10"), "KPIGRAPH_SHUTDOWN_SECONDS", Allowed::Range(0, 300);
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Coloured text for a terminal.
    Human,
    /// One JSON object per line.
    Json,
}

impl Settings {
    /// Reads all layers. The file is the one that `--config` or `KPIGRAPH_CONFIG` names, else `kpigraph.toml` in the
    /// current directory if there is one.
    ///
    /// # Errors
    /// Names the first setting that is wrong or unknown, where it comes from, and what is allowed.
    pub fn load(flags: &SettingsFlags) -> Result<Self, SettingsError> {
        let text = |os: std::ffi::OsString| os.to_string_lossy().into_owned();
        let environment = std::env::vars_os().map(|(name, value)| (text(name), text(value)));
        let file = PathBuf::from("kpigraph.toml");
        Self::load_from(flags, environment, file.exists().then_some(file))
    }

    /// The same with a given environment; `file` is read when neither `--config` nor `KPIGRAPH_CONFIG` names one.
    pub fn load_from(
        flags: &SettingsFlags,
        environment: impl IntoIterator<Item = (String, String)>,
        file: Option<PathBuf>,
    ) -> Result<Self, SettingsError> {
        layers::load(flags, environment, file)
    }

    /// The URL of the database, which is a file in the data directory unless `database_url` is set.
    pub fn database(&self) -> SecretString {
        self.database_url
            .clone()
            .unwrap_or_else(|| database_url::in_directory(&self.data_dir).into())
    }

    /// The URL by which PostgreSQL is migrated, where it is another one than that of [`Settings::database`].
    pub fn database_admin(&self) -> Option<&SecretString> {
        let own = self.database();
        let is_postgres = |url: &SecretString| !url.expose_secret().starts_with("sqlite:");
        self.database_admin_url
            .as_ref()
            .filter(|admin| is_postgres(&own) && is_postgres(admin))
    }

    /// The URL of the database for people to read: without password and options.
    pub fn database_shown(&self) -> String {
        database_url::shown(&self.database())
    }
}

impl Default for Settings {
    /// The settings of an empty environment, without file and flags.
    fn default() -> Self {
        Self::load_from(&SettingsFlags::default(), [], None)
            .expect("the defaults are allowed values")
    }
}

impl fmt::Debug for SettingsFlags {
    /// Names the given flags without their values: one of them can be a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set()
            .entries(self.given().map(|(scalar, _)| scalar.name))
            .finish()
    }
}

#[cfg(test)]
mod tests;
