//! Builds the GraphiQL page (`web/`) into `web/dist`, which `src/graphiql.rs` embeds.
//!
//! It never fails the build: without npm, or offline, the server says how to get the page instead of serving it.
//! Set `KPIGRAPH_SKIP_WEB` to leave `web/dist` as it is.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;
use std::{env, fs, io};

const SOURCES: [&str; 6] = [
    "index.html",
    "package-lock.json",
    "package.json",
    "public",
    "src",
    "vite.config.js",
];

fn main() {
    println!("cargo::rerun-if-env-changed=KPIGRAPH_SKIP_WEB");
    for source in SOURCES {
        println!("cargo::rerun-if-changed=web/{source}");
    }

    let web = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("web");
    let dist = web.join("dist");
    // Cargo reruns a script on every build while a watched path is missing.
    if let Err(error) = fs::create_dir_all(&dist) {
        println!("cargo::warning=cannot create web/dist: {error}");
        return;
    }

    let changed = SOURCES
        .iter()
        .filter_map(|source| newest(&web.join(source)));
    let stale = newest(&dist.join("index.html")) < changed.max();
    if stale && env::var_os("KPIGRAPH_SKIP_WEB").is_none() {
        match build_page(&web) {
            // What this run has just written must not count as a change next time.
            Ok(()) => return,
            Err(reason) => println!("cargo::warning=web/dist is not up to date: {reason}"),
        }
    }
    println!("cargo::rerun-if-changed=web/dist");
}

/// Installs the packages if they are not those of the lock file, then builds.
fn build_page(web: &Path) -> Result<(), String> {
    let installed = web.join("node_modules/.package-lock.json");
    if newest(&installed) < newest(&web.join("package-lock.json")) {
        npm(web, &["ci", "--include=dev", "--no-audit", "--no-fund"])?;
    }
    npm(web, &["run", "build"])
}

/// Runs npm quietly: its output would be read as instructions to cargo.
fn npm(web: &Path, arguments: &[&str]) -> Result<(), String> {
    let program = if cfg!(windows) { "npm.cmd" } else { "npm" };
    let command = format!("npm {}", arguments.join(" "));
    match Command::new(program)
        .args(arguments)
        .current_dir(web)
        .output()
    {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => {
            let errors = String::from_utf8_lossy(&output.stderr);
            let first = errors
                .lines()
                .find(|line| line.contains("rror"))
                .unwrap_or_default();
            Err(format!(
                "`{command}` in web/ failed ({}) {first}",
                output.status
            ))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err("npm is not installed".to_owned())
        }
        Err(error) => Err(format!("`{command}`: {error}")),
    }
}

/// Time of the latest change at or below `path`; `None` when there is nothing, which is older than any time.
fn newest(path: &Path) -> Option<SystemTime> {
    let changed = fs::metadata(path)
        .and_then(|metadata| metadata.modified())
        .ok()?;
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| newest(&entry.path()))
        .max()
        .max(Some(changed))
}
