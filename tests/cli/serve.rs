//! `kpigraph` and `kpigraph serve`: from an empty folder to answers, and a clean end.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::json;

use crate::{program::Program, service::Service};

#[tokio::test]
async fn an_empty_folder_becomes_a_service_with_a_demo_team_and_a_token_that_works() {
    let program = Program::new();
    let command = program.command(&["--data-dir", "here", "--listen", "127.0.0.1:0"]);
    let mut service = Service::start(command);

    let version = format!("kpigraph {}", env!("CARGO_PKG_VERSION"));
    assert_eq!(service.printed()[0], version);
    assert!(
        !service.url("API").ends_with(":0/graphql"),
        "the port is told"
    );
    let (status, answer) = service
        .ask("{ viewer { role team { slug } } campaigns { totalCount } }")
        .await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(
        answer["data"]["viewer"],
        json!({ "role": "OWNER", "team": { "slug": "acme" } })
    );
    assert!(answer["data"]["campaigns"]["totalCount"].as_u64() > Some(0));
    let page = reqwest::get(service.url("GraphiQL")).await.unwrap();
    assert!(
        page.headers()["content-type"]
            .to_str()
            .unwrap()
            .starts_with("text/html")
    );

    assert!(program.path("here/kpigraph.db").is_file());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let key = program.path("here/development.key").metadata().unwrap();
        assert_eq!(key.permissions().mode() & 0o777, 0o600);
    }
    let (code, took) = service.terminate();
    assert_eq!(code, Some(0));
    assert!(took < Duration::from_secs(30), "{took:?}");
}

#[tokio::test]
async fn teams_that_are_there_are_served_without_a_demo_team() {
    let program = Program::with_team();
    let mut service = Service::start(program.command(&["serve", "--listen", "127.0.0.1:0"]));
    let (_, answer) = service.ask("{ campaigns { totalCount } }").await;
    assert_eq!(answer["data"]["campaigns"]["totalCount"], 0);
    let url = service.url("API").replace("/graphql", "");
    let healthy = program.run(&["healthcheck", "--url", &url]);
    assert_eq!(healthy.code, Some(0), "{}", healthy.stderr);
    assert_eq!(service.terminate().0, Some(0));
    assert_eq!(program.run(&["healthcheck", "--url", &url]).code, Some(1));
}

#[tokio::test]
async fn a_token_of_the_command_line_opens_the_service() {
    let program = Program::with_team();
    let mut service = Service::start(program.command(&["--listen", "127.0.0.1:0"]));
    let token = program
        .run(&["token", "--team", "shop", "--role", "specialist"])
        .assert_done();
    service.sign_in_with(token.trim());
    let (status, answer) = service.ask("{ viewer { role } }").await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(answer["data"]["viewer"]["role"], "SPECIALIST");
    assert_eq!(service.terminate().0, Some(0));
}
