//! From an empty team to the CRM's numbers: the first load, the same again, one change, what failed mended.

use std::process::{Output, Stdio};

use serde_json::{Value, json};

use crate::{
    client::Client,
    expected,
    program::Program,
    service::Service,
    stand_in::{HUBSPOT_TOKEN, SALESFORCE_CLIENT, StandIn},
    support::TestDatabase,
};

/// What the documentation gives the key.
const SCOPES: &str = "customers_write,ingest,metrics_read,money_read";

/// A service with a team for each CRM, the stand-in before it, and a client.
struct Case {
    client: Client,
    program: Program,
    service: Service,
    stand_in: StandIn,
    hubspot_key: String,
    salesforce_key: String,
    database: Option<String>,
}

/// What a run of a program said.
struct Said {
    code: Option<i32>,
    /// The lines of standard output in the order of the alphabet.
    lines: Vec<String>,
}

impl Case {
    async fn start(client: Client, database: Option<&TestDatabase>) -> Self {
        let program = Program::new();
        let database = database.map(|database| database.url.clone());
        let run = |arguments: &[&str]| {
            let mut command = program.command(arguments);
            command.envs(database.iter().map(|url| ("DATABASE_URL", url)));
            let ended = command.output().unwrap();
            assert!(
                ended.status.success(),
                "{arguments:?}: {}",
                text(&ended.stderr)
            );
            text(&ended.stdout)
        };
        let spend = "date,channel,campaign_id,spend,clicks\n2026-01-15,Paid Search,c1,300,100\n";
        let spend = program.file("ads.csv", spend);
        let mut keys = ["hubspot", "salesforce"].map(|team| {
            run(&[
                "team",
                "create",
                team,
                "--currency",
                "EUR",
                "--time-zone",
                "Europe/Rome",
            ]);
            let key = [
                "key", "create", "--team", team, "--name", "crm-sync", "--scopes", SCOPES,
            ];
            run(&[&key[..], &["--expires", "90d"]].concat())
                .trim()
                .to_owned()
        });
        run(&[
            "import",
            "--team",
            "hubspot",
            "--format",
            "ad-stats",
            "--source",
            "google_ads",
            &spend,
        ]);
        let mut command = program.command(&["serve", "--listen", "127.0.0.1:0"]);
        command.envs(database.iter().map(|url| ("DATABASE_URL", url)));
        // Nobody would read it.
        command.stderr(Stdio::null());
        let service = Service::start(command);
        let stand_in = StandIn::start(service.url("API")).await;
        Self {
            client,
            service,
            stand_in,
            hubspot_key: std::mem::take(&mut keys[0]),
            salesforce_key: std::mem::take(&mut keys[1]),
            program,
            database,
        }
    }

    /// Runs the client's program of this name.
    fn run(&self, name: &str, key: &str, arguments: &[&str]) -> Said {
        let url = format!("http://{}", self.stand_in.address);
        let mut command = self.client.command(name);
        let ended: Output = command
            .args(arguments)
            .current_dir(self.program.path(""))
            .env("KPIGRAPH_URL", format!("{url}/graphql"))
            .env("KPIGRAPH_KEY", key)
            // So few that each kind of rows takes several calls.
            .env("KPIGRAPH_BATCH_ROWS", "4")
            .env("HUBSPOT_URL", &url)
            .env("HUBSPOT_TOKEN", HUBSPOT_TOKEN)
            .env("SALESFORCE_URL", &url)
            .env("SALESFORCE_CLIENT_ID", SALESFORCE_CLIENT.0)
            .env("SALESFORCE_CLIENT_SECRET", SALESFORCE_CLIENT.1)
            .env("NO_PROXY", "127.0.0.1")
            .output()
            .unwrap();
        // What curl tells of the failures that it got over may be there.
        let mut lines: Vec<String> = text(&ended.stdout).lines().map(str::to_owned).collect();
        lines.sort();
        let code = ended.status.code();
        let errors = text(&ended.stderr);
        assert!(
            code == Some(0) || !lines.is_empty(),
            "{name} of {:?}: {errors}",
            self.client
        );
        Said { code, lines }
    }

    fn hubspot(&self) -> Said {
        self.run("hubspot", &self.hubspot_key, &[])
    }

    fn salesforce(&self) -> Said {
        self.run("salesforce", &self.salesforce_key, &[])
    }

    /// What the owner of a team sees of customers and KPIs.
    async fn state(&mut self, team: &str) -> Value {
        let mut command = self
            .program
            .command(&["token", "--team", team, "--role", "owner"]);
        command.envs(self.database.iter().map(|url| ("DATABASE_URL", url)));
        self.service
            .sign_in_with(text(&command.output().unwrap().stdout).trim());
        let (status, mut answer) = self.service.ask(expected::QUERY).await;
        assert!(
            status.is_success() && answer.get("errors").is_none(),
            "{answer:#}"
        );
        let mut data = answer["data"].take();
        let customers = data["customers"]["nodes"].as_array_mut().unwrap();
        customers.sort_by_key(|customer| customer["externalRefs"].to_string());
        data
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// The whole way of HubSpot's records.
async fn hubspot(client: Client, database: Option<TestDatabase>) {
    let mut case = Case::start(client, database.as_ref()).await;
    let said = case.hubspot();
    assert_eq!(said.lines, expected::HUBSPOT_FIRST_RUN);
    assert_eq!(said.code, Some(1), "a row failed");
    let asked = case.stand_in.asked();
    assert_eq!(
        asked[0], asked[1],
        "the answer was lost, and asked for again under the same key"
    );
    assert_eq!(
        asked[3], asked[4],
        "it was being worked on, and asked for again under the same key"
    );
    let mut keys: Vec<&str> = asked.iter().map(|asked| asked.key.as_str()).collect();
    keys.dedup();
    let calls = keys.len();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), calls, "each other call has a key of its own");
    assert!(asked.iter().all(|asked| asked.rows <= 4));

    let first = case.state("hubspot").await;
    expected::assert_hubspot(&first);
    let said = case.hubspot();
    assert_eq!(said.lines, expected::HUBSPOT_NOTHING_NEW);
    assert_eq!(said.code, Some(0));
    assert_eq!(
        case.state("hubspot").await,
        first,
        "the same again changes nothing"
    );

    case.stand_in.change_hubspot(
        "deals",
        "203",
        json!({ "dealstage": "closedwon", "amount": "3100",
        "hs_is_closed": "true", "hs_is_closed_won": "true", "closedate": "2026-04-02T09:00:00.000Z",
        "hs_lastmodifieddate": "2026-04-02T09:00:01.000Z" }),
    );
    case.stand_in.change_hubspot("contacts", "103", json!({ "lifecyclestage": "customer",
        "hs_v2_date_entered_customer": "2026-04-02T09:00:00.000Z", "lastmodifieddate": "2026-04-02T09:00:01.000Z" }));
    let said = case.hubspot();
    assert_eq!(
        (said.lines, said.code),
        (expected::texts(&expected::HUBSPOT_ONE_WON), Some(0))
    );
    let second = case.state("hubspot").await;
    expected::assert_hubspot_won(&first, &second);

    case.stand_in.change_hubspot(
        "deals",
        "205",
        json!({ "closedate": "2026-03-20T09:00:00.000Z",
        "hs_lastmodifieddate": "2026-04-03T09:00:00.000Z" }),
    );
    assert_eq!(case.hubspot().code, Some(0), "what failed is mended");
    let kpis = case.run("kpis", &case.hubspot_key, &["2026-01-01", "2026-03-31"]);
    assert_eq!(
        (kpis.lines, kpis.code),
        (expected::texts(&expected::HUBSPOT_KPIS), Some(0))
    );
}

/// The whole way of Salesforce's records.
async fn salesforce(client: Client, database: Option<TestDatabase>) {
    let mut case = Case::start(client, database.as_ref()).await;
    let said = case.salesforce();
    assert_eq!(said.lines, expected::SALESFORCE_FIRST_RUN);
    assert_eq!(said.code, Some(1), "a row failed");
    let first = case.state("salesforce").await;
    expected::assert_salesforce(&first);
    let said = case.salesforce();
    assert_eq!(
        (said.lines, said.code),
        (expected::texts(&expected::SALESFORCE_NOTHING_NEW), Some(0))
    );
    assert_eq!(
        case.state("salesforce").await,
        first,
        "the same again changes nothing"
    );

    case.stand_in.change_salesforce(
        "Opportunity",
        "006000000000002AAA",
        json!({ "StageName": "Closed Won",
        "IsClosed": true, "IsWon": true, "Amount": 4600.0, "CloseDate": "2026-03-25",
        "SystemModstamp": "2026-03-25T08:00:00.000+0000" }),
    );
    case.stand_in.add_salesforce(
        "LeadHistory",
        json!({ "LeadId": "00Q000000000002AAA", "Field": "Status",
        "NewValue": "Working - Contacted", "CreatedDate": "2026-03-20T08:00:00.000+0000" }),
    );
    let said = case.salesforce();
    assert_eq!(
        (said.lines, said.code),
        (expected::texts(&expected::SALESFORCE_ONE_WON), Some(0))
    );
    expected::assert_salesforce_won(&first, &case.state("salesforce").await);
    let kpis = case.run("kpis", &case.salesforce_key, &["2026-01-01", "2026-03-31"]);
    assert_eq!(
        (kpis.lines, kpis.code),
        (expected::texts(&expected::SALESFORCE_KPIS), Some(0))
    );
}

macro_rules! each_client {
    ($($name:ident: $client:ident),+) => { $(
        mod $name {
            use super::*;

            #[tokio::test(flavor = "multi_thread")]
            async fn brings_hubspot_in_and_keeps_up_with_it() {
                if Client::$client.is_ready() {
                    hubspot(Client::$client, None).await;
                }
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn brings_salesforce_in_and_keeps_up_with_it() {
                if Client::$client.is_ready() {
                    salesforce(Client::$client, None).await;
                }
            }
        }
    )+ };
}

each_client!(curl: Curl, python: Python, typescript: TypeScript);

#[tokio::test(flavor = "multi_thread")]
async fn postgres_is_told_the_same() {
    if Client::Curl.is_ready()
        && let Some(database) = TestDatabase::postgres().await
    {
        hubspot(Client::Curl, Some(database)).await;
    }
}

#[test]
fn the_page_names_the_programs_and_gives_the_key_what_they_need() {
    let page = include_str!("../../docs/integrate-a-crm.md");
    assert!(page.contains(&format!("--scopes {SCOPES})")));
    for (folder, ending) in [("curl", "sh"), ("python", "py"), ("typescript/src", "ts")] {
        for name in ["hubspot", "salesforce", "kpigraph", "kpis"] {
            let program = format!("integrations/{folder}/{name}.{ending}");
            assert!(page.contains(&format!("]({program})")), "{program}");
        }
    }
    for said in [
        &expected::HUBSPOT_FIRST_RUN[..3],
        &expected::HUBSPOT_KPIS[22..24],
    ]
    .concat()
    {
        assert!(page.contains(said), "{said}");
    }
}
