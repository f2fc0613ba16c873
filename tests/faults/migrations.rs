//! Migrations that are cut off at any statement, and many that begin at once.

use std::{
    fs,
    process::{Command, Stdio},
    time::Duration,
};

use crate::{
    instance::{alone, server_folder, socket, through},
    program::{Ended, Program},
    proxy::{Proxy, Way},
    support::{TestDatabase, announce},
};

/// At how many points migrations are cut off, evenly spread over all; `FAULT_POINTS` sets another number.
const POINTS: u64 = 25;

/// All that makes up the schema, as texts.
async fn schema(database: &TestDatabase) -> Vec<String> {
    let queries: &[&str] = if database.is_postgres() {
        &[
            "SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable || ' ' || \
             COALESCE(column_default, '') FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1",
            "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1",
            "SELECT conrelid::regclass::text || ' ' || pg_get_constraintdef(oid) FROM pg_constraint \
             WHERE connamespace = 'public'::regnamespace ORDER BY 1",
            "SELECT relname::text || ' ' || relrowsecurity::text || ' ' || relforcerowsecurity::text FROM pg_class \
             WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY 1",
            "SELECT tablename::text || ' ' || policyname::text || ' ' || qual FROM pg_policies ORDER BY 1",
            "SELECT version::text FROM seaql_migrations ORDER BY 1",
        ]
    } else {
        &[
            "SELECT name || ' ' || COALESCE(sql, '') FROM sqlite_master ORDER BY 1",
            "SELECT version FROM seaql_migrations ORDER BY 1",
        ]
    };
    let mut all = Vec::new();
    for query in queries {
        all.extend(database.rows(query).await.unwrap().into_iter().flatten());
    }
    all
}

fn migrate(program: &Program, url: &str) -> Command {
    let mut command = program.command(&["migrate"]);
    command.args(["--database-url", url]);
    command
}

fn done(program: &Program, url: &str) {
    let ended: Ended = migrate(program, url).output().unwrap().into();
    ended.assert_done();
}

/// The points of so many steps.
fn points(steps: u64) -> Vec<u64> {
    let points = std::env::var("FAULT_POINTS").ok();
    let points = points
        .map_or(POINTS, |points| points.parse().unwrap())
        .min(steps);
    (0..points)
        .map(|point| 1 + point * (steps - 1) / (points - 1).max(1))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "of the faults, which need minutes"]
async fn migrations_that_were_cut_off_are_completed_on_postgresql() {
    let _alone = alone().await;
    let Some(clean) = TestDatabase::postgres().await else {
        return;
    };
    let Some(target) = socket(&clean) else {
        return;
    };
    assert!(server_folder(&clean).is_some());
    let program = Program::new();
    let proxy = Proxy::to(target).await;
    done(&program, &through(&clean, &proxy));
    let steps = proxy.sent();
    let expected = schema(&clean).await;
    let points = points(steps);
    for point in &points {
        let database = TestDatabase::postgres().await.unwrap();
        proxy.hold_after(*point);
        let mut command = migrate(&program, &through(&database, &proxy));
        let mut cut_off = command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        tokio::time::timeout(Duration::from_secs(60), proxy.until_held())
            .await
            .unwrap();
        cut_off.kill().unwrap();
        cut_off.wait().unwrap();
        proxy.hold_after(u64::MAX / 2);
        proxy.cut();
        proxy.set(Way::Open);
        done(&program, &database.url);
        assert_eq!(
            schema(&database).await,
            expected,
            "cut off after {point} of {steps} messages"
        );
    }
    announce(&format!(
        "PostgreSQL: cut off at {} of {steps} messages, each time completed to the same schema",
        points.len()
    ));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "of the faults, which need minutes"]
async fn migrations_that_were_cut_off_are_completed_on_sqlite() {
    let _alone = alone().await;
    let program = Program::new();
    let clean = TestDatabase::sqlite();
    let log = program.path("writes");
    let traced = |url: &str, inject: &str| {
        let migrate = migrate(&program, url);
        let mut command = Command::new("strace");
        command.args(["-f", "-o"]).arg(&log);
        command.args(["-e", "trace=pwrite64"]);
        if !inject.is_empty() {
            command.args(["-e", &format!("inject=pwrite64:{inject}")]);
        }
        command.arg(migrate.get_program()).args(migrate.get_args());
        command.current_dir(program.path(""));
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command.status()
    };
    if !traced(&clean.url, "").is_ok_and(|status| status.success()) {
        announce("skipped: strace is not installed, or may not trace");
        return;
    }
    let writes = fs::read_to_string(&log)
        .unwrap()
        .matches("pwrite64(")
        .count();
    let expected = schema(&clean).await;
    let points = points(u64::try_from(writes).unwrap());
    let mut killed = 0;
    for point in &points {
        let database = TestDatabase::sqlite();
        let status = traced(&database.url, &format!("signal=KILL:when={point}")).unwrap();
        killed += u32::from(!status.success());
        done(&program, &database.url);
        assert_eq!(
            schema(&database).await,
            expected,
            "cut off at {point} of {writes} writes"
        );
    }
    announce(&format!(
        "SQLite: cut off {killed} times at {} of {writes} writes, each time completed to the same schema",
        points.len()
    ));
    assert!(killed > 0);
}

on_both_databases! {
    async fn of_many_that_migrate_at_once_one_does_and_the_others_wait(database: TestDatabase) {
        let _alone = alone().await;
        let program = Program::new();
        let mut all = Vec::new();
        for _ in 0..4 {
            all.push(migrate(&program, &database.url).spawn().unwrap());
        }
        for one in all {
            Ended::from(one.wait_with_output().unwrap()).assert_done();
        }
        let together = schema(&database).await;
        let clean = match database.is_postgres() {
            true => TestDatabase::postgres().await.unwrap(),
            false => TestDatabase::sqlite(),
        };
        done(&program, &clean.url);
        assert_eq!(together, schema(&clean).await);
        announce(&format!("{database}: four migrated at once, to the schema of one"));
    }
}
