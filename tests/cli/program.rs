//! The program in an empty folder, with nothing of the settings around it.

use std::{
    env, fs,
    path::PathBuf,
    process::{Command, Output, Stdio},
};

use tempfile::TempDir;

/// A folder to run the program in.
pub struct Program {
    folder: TempDir,
}

/// What a command that has ended wrote.
pub struct Ended {
    /// Its exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error without the lines of the log.
    pub stderr: String,
}

impl Program {
    /// An empty folder.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { folder }
    }

    /// A folder whose database has one team, `shop`.
    pub fn with_team() -> Self {
        let program = Self::new();
        let made = program.run(&["team", "create", "shop", "--currency", "EUR"]);
        assert_eq!(made.code, Some(0), "{}", made.stderr);
        program
    }

    /// A file or folder in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file and gives its path.
    pub fn file(&self, name: &str, text: &str) -> String {
        fs::write(self.path(name), text).unwrap();
        self.path(name).display().to_string()
    }

    /// A command that has not started; its data folder is `data`.
    pub fn command(&self, arguments: &[&str]) -> Command {
        // Another build, such as a release, where one is named.
        let named = env::var_os("KPIGRAPH_BIN");
        let mut command = Command::new(named.unwrap_or(env!("CARGO_BIN_EXE_kpigraph").into()));
        for (name, _) in env::vars_os() {
            let ours = name
                .to_str()
                .is_some_and(|name| name.starts_with("KPIGRAPH_"));
            let others = [
                "DATABASE_URL",
                "DATABASE_ADMIN_URL",
                "OTEL_EXPORTER_OTLP_ENDPOINT",
            ];
            if ours || others.iter().any(|other| name == *other) {
                command.env_remove(name);
            }
        }
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env("KPIGRAPH_DATA_DIR", self.path("data"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs a command to its end.
    pub fn run(&self, arguments: &[&str]) -> Ended {
        self.command(arguments).output().unwrap().into()
    }
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let is_log = |line: &&str| line.split_whitespace().nth(1).is_some_and(is_level);
        let stderr = text(output.stderr);
        let lines: Vec<&str> = stderr.lines().filter(|line| !is_log(line)).collect();
        Self {
            code: output.status.code(),
            stdout: text(output.stdout),
            stderr: lines.join("\n"),
        }
    }
}

fn is_level(word: &str) -> bool {
    ["ERROR", "WARN", "INFO", "DEBUG", "TRACE"].contains(&word)
}

impl Ended {
    /// Fails unless the command ended with exit code 1 and one line that has all of these parts.
    #[track_caller]
    pub fn assert_refused(&self, parts: &[&str]) {
        assert_eq!(self.code, Some(1), "{}", self.stderr);
        assert_eq!(self.stderr.lines().count(), 1, "{}", self.stderr);
        assert!(self.stderr.starts_with("kpigraph: "), "{}", self.stderr);
        for part in parts {
            assert!(self.stderr.contains(part), "no {part} in {}", self.stderr);
        }
    }

    /// Fails unless the command succeeded; gives its standard output.
    #[track_caller]
    pub fn assert_done(self) -> String {
        assert_eq!(self.code, Some(0), "{}", self.stderr);
        self.stdout
    }
}
