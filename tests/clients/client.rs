//! The three ways to run the programs, each with what it needs made ready once, under `target`.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

use crate::support::announce;

/// In which language a program is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Client {
    Curl,
    Python,
    TypeScript,
}

impl Client {
    /// Whether its programs can run here; says why if not.
    ///
    /// # Panics
    /// When they cannot although `REQUIRE_CLIENTS` is `1`.
    pub fn is_ready(self) -> bool {
        static READY: [OnceLock<Result<(), String>>; 3] = [const { OnceLock::new() }; 3];
        let ready = READY[self as usize].get_or_init(|| {
            let made = match self {
                Self::Curl => found(&["bash", "curl", "jq"]),
                Self::Python => found(&["python3"]).and_then(|()| python()),
                Self::TypeScript => found(&["node", "npm"]).and_then(|()| typescript()),
            };
            if let Err(reason) = &made {
                let is_cause = |line: &&str| line.to_lowercase().contains("error");
                let cause = reason.lines().find(is_cause).unwrap_or(reason);
                announce(&format!("{self:?} clients skipped: {cause}"));
            }
            made
        });
        if let Err(reason) = ready {
            let required = env::var("REQUIRE_CLIENTS").is_ok_and(|value| value == "1");
            assert!(!required, "REQUIRE_CLIENTS is 1, but {self:?}: {reason}");
        }
        ready.is_ok()
    }

    /// Its program of this name, such as `hubspot`.
    pub fn command(self, name: &str) -> Command {
        let (mut command, file) = match self {
            Self::Curl => (Command::new("bash"), format!("curl/{name}.sh")),
            Self::Python => (
                Command::new(folder().join("venv/bin/python")),
                format!("python/{name}.py"),
            ),
            Self::TypeScript => (Command::new("node"), format!("typescript/dist/{name}.js")),
        };
        command.arg(folder().join("docs/integrations").join(file));
        command
    }
}

/// A copy of the programs beside their packages, so that nothing is made in the repository.
fn folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("clients");
        let (programs, schema) = ("docs/integrations", "schema.graphql");
        copy(&repository.join(programs), &folder.join(programs));
        fs::copy(repository.join(schema), folder.join(schema)).unwrap();
        folder
    })
}

/// Copies files over those of earlier runs, and nothing that was made of them.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        let name = entry.file_name();
        match name.to_str() {
            Some("node_modules" | "dist" | "gql" | "__pycache__") => (),
            _ if entry.path().is_dir() => copy(&entry.path(), &to),
            _ => {
                fs::copy(entry.path(), to).unwrap();
            }
        }
    }
}

/// What `pip` and `npm` install is kept while the file that pins it stays as it is.
fn python() -> Result<(), String> {
    let pinned = folder().join("docs/integrations/python/requirements.txt");
    let venv = folder().join("venv");
    installed(&pinned, &venv, || {
        run(Command::new("python3")
            .args(["-m", "venv", "--clear"])
            .arg(&venv))?;
        let pip = [
            "-m",
            "pip",
            "install",
            "--quiet",
            "--retries",
            "1",
            "--require-hashes",
            "-r",
        ];
        run(Command::new(venv.join("bin/python")).args(pip).arg(&pinned))
    })
}

fn typescript() -> Result<(), String> {
    let project = folder().join("docs/integrations/typescript");
    let npm = || {
        let mut npm = Command::new("npm");
        npm.current_dir(&project);
        npm
    };
    let pinned = project.join("package-lock.json");
    installed(&pinned, &project.join("node_modules"), || {
        run(npm().args(["ci", "--no-audit", "--no-fund", "--fetch-retries=1"]))
    })?;
    let built = run(npm().args(["run", "build"]));
    built.unwrap_or_else(|reason| panic!("the programs in TypeScript do not build: {reason}"));
    Ok(())
}

fn installed(
    pinned: &Path,
    packages: &Path,
    install: impl FnOnce() -> Result<(), String>,
) -> Result<(), String> {
    let note = packages.join(".installed");
    let wanted = fs::read(pinned).unwrap();
    if fs::read(&note).is_ok_and(|there| there == wanted) {
        return Ok(());
    }
    install()?;
    fs::write(note, wanted).map_err(|error| error.to_string())
}

fn found(programs: &[&str]) -> Result<(), String> {
    programs
        .iter()
        .try_for_each(|program| run(Command::new(program).arg("--version")))
}

fn run(command: &mut Command) -> Result<(), String> {
    let shown = format!("{:?}", command.get_program());
    let ended = command
        .output()
        .map_err(|error| format!("{shown}: {error}"))?;
    match ended.status.success() {
        true => Ok(()),
        false => Err(format!(
            "{shown}: {}{}",
            String::from_utf8_lossy(&ended.stdout),
            String::from_utf8_lossy(&ended.stderr)
        )),
    }
}
