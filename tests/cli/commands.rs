//! The commands beside `serve`.

use std::fs;

use migration::{Migrator, MigratorTrait};

use crate::program::Program;

const ADS: &str = "date,campaign_id,clicks\n2026-03-01,7,1\n2026-03-02,7,2\n";

#[test]
fn every_command_shows_an_example() {
    let program = Program::new();
    let commands = [
        "serve",
        "migrate",
        "demo",
        "import",
        "export",
        "token",
        "key",
        "team",
        "schema",
        "catalog",
        "healthcheck",
    ];
    let help = program.run(&["--help"]).assert_done();
    for command in commands {
        assert!(
            help.contains(&format!("\n  {command} ")),
            "{command} in {help}"
        );
    }
    let listed = help
        .split("Commands:")
        .nth(1)
        .unwrap()
        .split("Options:")
        .next()
        .unwrap();
    // `help` itself is one more.
    assert_eq!(
        listed.lines().filter(|line| line.starts_with("  ")).count(),
        commands.len() + 1
    );
    let inner = [
        "team create",
        "team list",
        "key create",
        "key rotate",
        "key list",
        "key revoke",
    ];
    for command in commands.into_iter().chain(inner) {
        let words: Vec<&str> = command.split(' ').chain(["--help"]).collect();
        let help = program.run(&words).assert_done();
        assert!(help.contains("Example"), "{command}: {help}");
    }
}

#[test]
fn a_team_is_made_once() {
    let program = Program::with_team();
    let again = program.run(&["team", "create", "shop"]);
    again.assert_refused(&["shop", "exists"]);
    let list = program.run(&["team", "list"]).assert_done();
    assert_eq!(list, "shop\tEUR\tUTC\tshop\n");
}

#[test]
fn a_token_is_printed_alone() {
    let program = Program::with_team();
    let token = program
        .run(&["token", "--team", "shop", "--ttl", "30m"])
        .assert_done();
    assert_eq!(token.lines().count(), 1, "{token}");
    assert_eq!(token.trim().split('.').count(), 3, "{token}");
    let unknown = program.run(&["token", "--team", "nobody"]);
    unknown.assert_refused(&["nobody"]);
    assert_eq!(unknown.stdout, "");
}

#[test]
fn a_key_is_made_rotated_listed_and_revoked() {
    let program = Program::with_team();
    let key =
        |words: &[&str]| program.run(&[&["key", words[0], "--team", "shop"], &words[1..]].concat());
    let create = [
        "create",
        "--name",
        "crm",
        "--scopes",
        "customers_write,INGEST",
    ];
    let secret = key(&create).assert_done();
    assert_eq!(secret.lines().count(), 1, "{secret}");
    let (prefix, hidden) = (&secret[..16], &secret[17..60]);
    assert!(prefix.starts_with("kpg_"), "{secret}");
    let list = key(&["list"]).assert_done();
    let line = format!("{prefix}\tin force\tCUSTOMERS_WRITE,INGEST\tnever used\tcrm\n");
    assert_eq!(list, line);
    let rotated = key(&["rotate", prefix, "--overlap", "1h"]).assert_done();
    assert!(rotated.starts_with("kpg_") && !rotated.contains(hidden));
    key(&["revoke", prefix]).assert_refused(&[prefix, "key list"]);
    key(&["revoke", &rotated[..16]]).assert_done();
    let list = key(&["list"]).assert_done();
    assert!(
        list.starts_with(&format!("{}\trevoked ", &rotated[..16])),
        "{list}"
    );
    key(&["rotate", &rotated[..16]]).assert_refused(&["revoked"]);
    key(&[&create[..], &["--expires", "0s"]].concat()).assert_refused(&["--expires"]);
    key(&["rotate", &rotated[..16], "--overlap", "31d"]).assert_refused(&["30d"]);
    let nobody = program.run(&["key", "list", "--team", "nobody"]);
    nobody.assert_refused(&["nobody"]);
}

#[test]
fn an_import_reports_what_became_of_the_rows() {
    let program = Program::with_team();
    let file = program.file("ads.csv", ADS);
    let import = ["import", "--team", "shop", "--format", "ad-stats", &file];
    for report in ["2 written, 0 unchanged", "0 written, 2 unchanged"] {
        let printed = program.run(&import).assert_done();
        assert_eq!(printed, format!("2 rows read: {report}, 0 refused\n"));
    }
}

#[test]
fn a_file_of_a_vendor_is_recognised_and_a_dry_run_writes_nothing() {
    let program = Program::with_team();
    let report = "Campaign report\n\"March 1, 2026 - March 2, 2026\"\n\
        Day,Campaign state,Campaign,Impr.,Clicks,Cost\n\
        2026-03-01,Enabled,Spring,\"1,243\",36,53.49\n\
        2026-03-02,Enabled,Spring,584,12,20.00\n\
        Total: Account,--,--,\"1,827\",48,73.49\n";
    let file = program.file("report.csv", report);
    let import = ["import", "--team", "shop", &file];
    let dry = program
        .run(&[&import[..], &["--dry-run"]].concat())
        .assert_done();
    assert!(dry.contains("layout google-ads, read as ad-stats"), "{dry}");
    assert!(
        dry.contains("2 written") && dry.ends_with("nothing was imported.\n"),
        "{dry}"
    );
    let rows = "2 rows read: 2 written, 0 unchanged, 0 refused, 1 totals and remarks passed over\n";
    let printed = program.run(&import).assert_done();
    assert_eq!(
        printed,
        format!("recognised as google-ads, source google_ads\n{rows}")
    );
    let named = [&import[..], &["--profile", "google-ads"]].concat();
    let again = program.run(&named).assert_done();
    assert_eq!(
        again,
        rows.replace("2 written, 0 unchanged", "0 written, 2 unchanged")
    );
    let both = [&named[..], &["--format", "ad-stats"]].concat();
    let refused = program.run(&both);
    assert_eq!(refused.code, Some(2));
    assert!(refused.stderr.contains("--format"), "{}", refused.stderr);
    let saved = [&import[..], &["--mapping", "agency"]].concat();
    program
        .run(&saved)
        .assert_refused(&["mapping", "agency", "the team has saved none"]);
    let unknown = program.file("other.csv", "colour,size\nred,2\n");
    let refused = program.run(&["import", "--team", "shop", &unknown]);
    refused.assert_refused(&["colour, size", "meta-ads"]);
}

#[test]
fn an_import_of_a_bad_file_writes_nothing_and_says_why() {
    let program = Program::with_team();
    let file = program.file("ads.csv", &ADS.replace("7,2", "7,two"));
    let import = ["import", "--team", "shop", "--format", "ad-stats", &file];
    let refused = program.run(&import);
    refused.assert_refused(&["--partial"]);
    assert!(
        refused
            .stdout
            .starts_with("2 rows read: 0 written, 0 unchanged, 1 refused\n")
    );
    assert!(
        refused.stdout.contains("line 3, column clicks: 'two'"),
        "{}",
        refused.stdout
    );

    let partial = program
        .run(&[&import[..], &["--partial"]].concat())
        .assert_done();
    assert!(
        partial.starts_with("2 rows read: 1 written, 0 unchanged, 1 refused\n"),
        "{partial}"
    );
    let missing = program.run(&["import", "--team", "shop", "--format", "orders", "none.csv"]);
    missing.assert_refused(&["none.csv"]);
    let stranger = program.run(&["import", "--team", "nobody", "--format", "ad-stats", &file]);
    stranger.assert_refused(&["nobody"]);
}

#[test]
fn a_file_is_put_into_the_queue_of_the_service() {
    let program = Program::with_team();
    let file = program.file("ads.csv", ADS);
    let queue = ["import", "--team", "shop", "--queue", &file];
    let printed = program.run(&queue).assert_done();
    assert_eq!(printed.lines().count(), 1, "{printed}");
    let from = [&queue[..], &["--day", "2026-03-01", "--from", "2026-03-02"]].concat();
    program.run(&from).assert_refused(&["from", "2026-03-02"]);
    let batches = ["import", "--team", "shop", "--batches", &file];
    assert_eq!(program.run(&batches).code, Some(2));
}

#[test]
fn the_schema_is_the_one_in_the_repository() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/schema.graphql");
    let kept = fs::read_to_string(file).unwrap();
    let printed = Program::new().run(&["schema"]).assert_done();
    assert!(printed == kept, "run `kpigraph schema > schema.graphql`");
}

#[test]
fn migrations_go_down_to_nothing_and_up_again() {
    let program = Program::with_team();
    let all = Migrator::migrations().len().to_string();
    program.run(&["migrate", "--down", &all]).assert_done();
    program.run(&["migrate"]).assert_done();
    assert_eq!(program.run(&["team", "list"]).assert_done(), "");
}
