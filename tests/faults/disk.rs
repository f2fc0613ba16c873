//! The disk of the embedded database is full, or fails.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use serde_json::json;
use sqlx::{Connection, SqliteConnection};

use crate::{
    imports,
    instance::{Answer, Instance, alone, team, until},
    ledger::Ledger,
    load::{READ, WRITE, is_written, orders},
    program::Program,
    support::{TestDatabase, announce},
};

/// A small disk, taken away with this value.
struct Disk(PathBuf);

impl Disk {
    /// `None` after a line where nothing may be mounted.
    fn of(folder: PathBuf, size: &str) -> Option<Self> {
        fs::create_dir_all(&folder).unwrap();
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"])
            .arg(&folder)
            .stderr(Stdio::null())
            .status();
        if mount.is_ok_and(|status| status.success()) {
            return Some(Self(folder));
        }
        announce("skipped: no file system may be mounted here");
        None
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        Command::new("umount").arg("-l").arg(&self.0).status().ok();
    }
}

/// Writes until a call fails; that answer.
async fn write_until_refused(
    service: &Instance,
    token: &str,
    ledger: &Ledger,
    name: &str,
) -> Answer {
    for number in 0..20_000 {
        let key = format!("{name}{number}");
        ledger.attempt(&key);
        let answer = service.ask(token, WRITE, orders(&key)).await.unwrap();
        if !is_written(&answer) {
            return answer;
        }
        ledger.acknowledged(&key);
    }
    panic!("the disk has no end");
}

async fn check(file: &Path) -> String {
    let url = format!("sqlite://{}", file.display());
    let mut connection = SqliteConnection::connect(&url).await.unwrap();
    let told = sqlx::query_scalar("PRAGMA integrity_check");
    told.fetch_one(&mut connection).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "of the faults, which need minutes"]
async fn a_full_disk_is_told_and_writing_goes_on_when_there_is_room() {
    let _alone = alone().await;
    let program = Program::new();
    let Some(disk) = Disk::of(program.path("data"), "8m") else {
        return;
    };
    let file = disk.0.join("kpigraph.db");
    let url = format!("sqlite://{}", file.display());
    let token = team(&program, &url, "shop");
    let filler = disk.0.join("filler");
    fs::write(&filler, vec![7; 1024 * 1024]).unwrap();
    let service = Instance::start(&program, &url, |_| ()).await;
    let ledger = Ledger::new();

    let refused = write_until_refused(&service, &token, &ledger, "first").await;
    assert_eq!(
        (refused.status.as_u16(), refused.code()),
        (507, "STORAGE_FULL"),
        "{refused:?}"
    );
    // What is full stays full, and reading goes on.
    for number in 0..20 {
        let key = format!("more{number}");
        ledger.attempt(&key);
        let answer = service.ask(&token, WRITE, orders(&key)).await.unwrap();
        if is_written(&answer) {
            ledger.acknowledged(&key);
        } else {
            assert_eq!(answer.code(), "STORAGE_FULL", "{answer:?}");
        }
        service.data(&token, READ, json!({})).await;
    }
    let full = ledger.judge(&service.orders(&token).await);
    full.assert_whole();
    fs::remove_file(&filler).unwrap();
    let freed = until("it writes again", async || {
        let key = "again".to_owned();
        ledger.attempt(&key);
        let answer = service.ask(&token, WRITE, orders(&key)).await.unwrap();
        let written = is_written(&answer);
        if written {
            ledger.acknowledged(&key);
        }
        written
    })
    .await;
    let verdict = ledger.judge(&service.orders(&token).await);
    service.stop().await;
    let whole = check(&file).await;
    announce(&format!(
        "full disk: {} {}; writes again {freed:.1?} after room was made; integrity {whole}; {verdict}",
        refused.status,
        refused.code()
    ));
    verdict.assert_whole();
    assert_eq!(whole, "ok");
    drop(disk);
}

/// strace on a running service, until dropped.
struct Injection(Child);

impl Injection {
    /// Has system calls fail; `None` after a line where nobody may trace.
    async fn into(service: &Instance, program: &Program, calls: &str, what: &str) -> Option<Self> {
        let log = program.path("strace.log");
        let started = Command::new("strace")
            .args(["-f", "-p", &service.id().to_string(), "-o"])
            .arg(&log)
            .args(["-e", &format!("trace={calls}")])
            .args(["-e", &format!("inject={calls}:{what}")])
            .stderr(fs::File::create(program.path("strace.err")).unwrap())
            .spawn();
        let Ok(mut strace) = started else {
            announce("skipped: strace is not installed");
            return None;
        };
        let attached = || fs::read_to_string(program.path("strace.err")).unwrap();
        for _ in 0..500 {
            if attached().contains("attached") {
                return Some(Self(strace));
            }
            if strace.try_wait().unwrap().is_some() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        strace.kill().ok();
        announce(&format!("skipped: strace cannot attach: {}", attached()));
        None
    }
}

impl Drop for Injection {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "of the faults, which need minutes"]
async fn a_disk_that_fails_once_is_never_trusted_again() {
    let _alone = alone().await;
    let program = Program::new();
    let url = format!("sqlite://{}", program.path("kpigraph.db").display());
    let token = team(&program, &url, "shop");
    let service = Instance::start(&program, &url, |_| ()).await;
    let ledger = Ledger::new();
    for number in 0..10 {
        let key = format!("good{number}");
        ledger.attempt(&key);
        assert!(is_written(
            &service.ask(&token, WRITE, orders(&key)).await.unwrap()
        ));
        ledger.acknowledged(&key);
    }
    let Some(injection) =
        Injection::into(&service, &program, "fsync,fdatasync", "error=EIO:when=1").await
    else {
        return;
    };
    let failed = write_until_refused(&service, &token, &ledger, "bad").await;
    drop(injection);
    // The disk would take it now; nobody knows what it has forgotten.
    let after = write_until_refused(&service, &token, &ledger, "after").await;
    for answer in [&failed, &after] {
        assert_eq!(
            (answer.status.as_u16(), answer.code()),
            (503, "UNAVAILABLE"),
            "{answer:?}"
        );
    }
    service.data(&token, READ, json!({})).await;
    service.stop().await;
    let again = Instance::start(&program, &url, |_| ()).await;
    let answer = again.ask(&token, WRITE, orders("again")).await.unwrap();
    ledger.attempt("again");
    assert!(is_written(&answer), "{answer:?}");
    ledger.acknowledged("again");
    let verdict = ledger.judge(&again.orders(&token).await);
    announce(&format!(
        "fsync failed once: {} {}; it writes again after a restart; {verdict}",
        failed.status,
        failed.code()
    ));
    verdict.assert_whole();
    again.stop().await;
}

/// The disk is full from this write on, each in turn.
const WRITES: u32 = 50;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "of the faults, which need minutes"]
async fn a_disk_that_is_full_at_any_write_is_told_and_nothing_is_half_written() {
    let _alone = alone().await;
    let program = Program::new();
    let file = program.path("kpigraph.db");
    let url = format!("sqlite://{}", file.display());
    let token = team(&program, &url, "shop");
    let service = Instance::start(&program, &url, |_| ()).await;
    let (ledger, mut refused) = (Ledger::new(), 0);
    for first in 1..=WRITES {
        let what = format!("error=ENOSPC:when={first}+");
        let Some(injection) = Injection::into(&service, &program, "pwrite64", &what).await else {
            return;
        };
        let full = write_until_refused(&service, &token, &ledger, &format!("w{first}n")).await;
        assert_eq!(
            (full.status.as_u16(), full.code()),
            (507, "STORAGE_FULL"),
            "{full:?} {}",
            service.logged()
        );
        refused += 1;
        drop(injection);
        let key = format!("freed{first}");
        ledger.attempt(&key);
        let freed = service.ask(&token, WRITE, orders(&key)).await.unwrap();
        assert!(is_written(&freed), "{freed:?}");
        ledger.acknowledged(&key);
    }
    let verdict = ledger.judge(&service.orders(&token).await);
    service.stop().await;
    let whole = check(&file).await;
    announce(&format!(
        "full from the 1st to the {WRITES}th write on: told {refused} times, and written to again each time; \
         integrity {whole}; {verdict}"
    ));
    verdict.assert_whole();
    assert_eq!(whole, "ok");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "of the faults, which need minutes"]
async fn a_folder_that_has_no_room_for_a_file_is_told() {
    let _alone = alone().await;
    let Some(database) = TestDatabase::postgres().await else {
        return;
    };
    let program = Program::new();
    let Some(disk) = Disk::of(program.path("data"), "1m") else {
        return;
    };
    let token = team(&program, &database.url, "shop");
    let service = Instance::start(&program, &database.url, |_| ()).await;
    let large = imports::orders(60_000);
    let full = imports::send_file(&service, &token, "large", "STAGED", &large).await;
    let full = full.unwrap();
    assert_eq!(
        (full.status.as_u16(), full.code()),
        (507, "STORAGE_FULL"),
        "{full:?}"
    );
    let small = imports::send_file(&service, &token, "small", "STAGED", &imports::orders(10)).await;
    assert!(small.as_ref().is_some_and(Answer::is_good), "{small:?}");
    announce(&format!(
        "a file of {} bytes beside 1 MiB of room: {} {}",
        large.len(),
        full.status,
        full.code()
    ));
    service.assert_no_panic();
    service.stop().await;
    drop(disk);
}
