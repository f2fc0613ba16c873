//! More connections than the process may have files.

use std::{
    process::Command,
    time::{Duration, Instant},
};

use serde_json::json;
use tokio::net::TcpStream;

use crate::{
    instance::{Instance, alone, client, team, until},
    load::{READ, sent},
    program::Program,
    support::announce,
};

const FILES: usize = 128;
const CONNECTIONS: usize = 300;
const WATCHED: Duration = Duration::from_secs(5);

#[tokio::test(flavor = "multi_thread")]
#[ignore = "of the faults, which need minutes"]
async fn when_files_run_out_the_service_waits_and_serves_again() {
    let _alone = alone().await;
    let program = Program::new();
    let url = format!("sqlite://{}", program.path("kpigraph.db").display());
    let token = team(&program, &url, "shop");
    let served = program.command(&["serve", "--listen", "127.0.0.1:0", "--database-url", &url]);
    let mut command = Command::new("sh");
    command
        .args(["-c", &format!("ulimit -n {FILES} && exec \"$0\" \"$@\"")])
        .arg(served.get_program())
        .args(served.get_args())
        .current_dir(program.path(""));
    for (name, value) in served.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    let service = Instance::run(&program, command).await;
    service.data(&token, READ, json!({})).await;

    let address = service.url.strip_prefix("http://").unwrap();
    let mut connections = Vec::new();
    for _ in 0..CONNECTIONS {
        // The system takes them, whoever serves.
        connections.push(TcpStream::connect(address).await.unwrap());
    }
    until("the files run out", async || service.files() > FILES - 8).await;
    let (from, used) = (Instant::now(), service.processor_time());
    tokio::time::sleep(WATCHED).await;
    let busy = (service.processor_time() - used).as_secs_f64() / from.elapsed().as_secs_f64();
    drop(connections);
    let freed = Instant::now();
    until("it serves again", async || {
        let asked = sent(&client(), &service.url, &token, READ, json!({})).await;
        asked.is_good()
    })
    .await;
    let recovered = freed.elapsed();
    announce(&format!(
        "{CONNECTIONS} connections on {FILES} files: {:.0} % of a processor, serves again after {recovered:.1?}",
        busy * 100.0
    ));
    assert!(busy < 0.5, "{busy}");
    service.assert_no_panic();
    service.stop().await;
}
