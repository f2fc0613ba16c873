//! The PostgreSQL server of the tests: the one of `TEST_DATABASE_URL`, else a private one of this test process.

use std::{
    env,
    io::{BufRead, BufReader, Read},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{ChildStdin, Command, Stdio},
    sync::OnceLock,
};

use reqwest::Url;

/// What runs a private server; see there.
const SCRIPT: &str = include_str!("postgres.sh");

/// A server on which databases can be made.
pub struct Server {
    /// Of the database `postgres`, or of the one that `TEST_DATABASE_URL` names.
    url: Url,
    /// Held open, never written: the private server stops when this process, and with it the pipe, ends.
    _life_line: Option<ChildStdin>,
}

impl Server {
    /// The server of this test process, started on first use; `None`, after one line that says why, when there is none.
    ///
    /// # Panics
    /// When there is none although `REQUIRE_POSTGRES` is `1`.
    pub fn get() -> Option<&'static Self> {
        static SERVER: OnceLock<Result<Server, String>> = OnceLock::new();
        let server = SERVER.get_or_init(|| {
            let found = match env::var("TEST_DATABASE_URL") {
                Ok(url) if !url.is_empty() => Self::given(&url),
                _ => Self::start(),
            };
            if let Err(reason) = &found {
                super::announce(&format!("PostgreSQL tests skipped: {reason}"));
            }
            found
        });
        match server {
            Ok(server) => Some(server),
            Err(reason) if env::var("REQUIRE_POSTGRES").is_ok_and(|value| value == "1") => {
                panic!("REQUIRE_POSTGRES is 1, but there is no PostgreSQL: {reason}")
            }
            Err(_) => None,
        }
    }

    /// The URL of the server's own database, from which others are made and dropped.
    pub fn maintenance_url(&self) -> &str {
        self.url.as_str()
    }

    /// The URL of the database `name` on this server.
    pub fn database_url(&self, name: &str) -> String {
        let mut url = self.url.clone();
        url.set_path(name);
        url.to_string()
    }

    /// The same for a role whose password is its name.
    pub fn url_as(&self, database: &str, role: &str) -> String {
        let mut url = self.url.clone();
        url.set_path(database);
        let named = url
            .set_username(role)
            .and_then(|()| url.set_password(Some(role)));
        named.expect("the server's URL has a host");
        url.to_string()
    }

    fn given(url: &str) -> Result<Self, String> {
        // The URL may hold a password, so the reason does not repeat it.
        let url = Url::parse(url).map_err(|error| format!("TEST_DATABASE_URL: {error}"))?;
        Ok(Self {
            url,
            _life_line: None,
        })
    }

    fn start() -> Result<Self, String> {
        let programs = programs().ok_or("TEST_DATABASE_URL is not set, and no initdb was found")?;
        let failed = |error| format!("cannot start a server: {error}");
        let mut child = shell()?
            .args(["-c", SCRIPT, "postgres.sh"])
            .arg(&programs)
            .env("LC_ALL", "C")
            .env_remove("PGDATA")
            .env_remove("PGPORT")
            // Ctrl-C reaches the tests only; the script then finds its input closed and tidies up.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(failed)?;
        let life_line = child.stdin.take();
        let mut folder = String::new();
        if let Some(output) = child.stdout.take() {
            BufReader::new(output)
                .read_line(&mut folder)
                .map_err(failed)?;
        }
        let folder = folder.trim_end();
        if folder.is_empty() {
            let mut reason = String::new();
            if let Some(mut errors) = child.stderr.take() {
                errors.read_to_string(&mut reason).map_err(failed)?;
            }
            return Err(format!("{}: {}", programs.display(), reason.trim()));
        }
        let mut url =
            Url::parse("postgres://postgres@localhost/postgres").expect("the text is a URL");
        url.query_pairs_mut().append_pair("host", folder);
        Ok(Self {
            url,
            _life_line: life_line,
        })
    }
}

/// Starts or stops the private server at `folder`: `arguments` are those of pg_ctl.
///
/// # Panics
/// When pg_ctl fails.
pub fn control(folder: &Path, arguments: &[&str]) {
    let programs = programs().expect("a private server has its programs");
    let done = shell()
        .expect("a private server has its user")
        .args(["-c", "cd / && exec \"$@\"", "sh"])
        .arg(programs.join("pg_ctl"))
        .arg("-D")
        .arg(folder.join("data"))
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    assert!(done.is_ok_and(|status| status.success()), "{arguments:?}");
}

/// The folder of PostgreSQL's programs: of the search path, of `pg_config`, or where Debian keeps them.
fn programs() -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let configured = Command::new("pg_config").arg("--bindir").output().ok();
    let configured =
        configured.map(|output| PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()));
    let mut packaged: Vec<_> = Path::new("/usr/lib/postgresql")
        .read_dir()
        .into_iter()
        .flatten()
        .flatten()
        .map(|version| version.path().join("bin"))
        .collect();
    packaged.sort();
    env::split_paths(&path)
        .chain(configured)
        .chain(packaged.into_iter().rev())
        .find(|folder| {
            ["initdb", "pg_ctl", "postgres"]
                .iter()
                .all(|program| folder.join(program).is_file())
        })
}

/// A shell that may run PostgreSQL, which refuses root: as root, one of another user.
fn shell() -> Result<Command, String> {
    let id = Command::new("id").arg("-u").output();
    if id.is_ok_and(|output| output.stdout.trim_ascii() != b"0") {
        return Ok(Command::new("sh"));
    }
    for user in ["postgres", "nobody"] {
        let ways: [&[&str]; 3] = [
            &["runuser", "-u", user, "--", "sh"],
            &[
                "setpriv",
                "--reuid",
                user,
                "--regid",
                user,
                "--clear-groups",
                "sh",
            ],
            &["su", "-s", "/bin/sh", user, "--"],
        ];
        for way in ways {
            let command = || {
                let mut command = Command::new(way[0]);
                command.args(&way[1..]);
                command
            };
            let tried = command().args(["-c", "exit 0"]).output();
            if tried.is_ok_and(|output| output.status.success()) {
                return Ok(command());
            }
        }
    }
    Err("root may not run PostgreSQL, and there is no user `postgres` or `nobody`".to_owned())
}
