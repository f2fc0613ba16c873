//! An issuer changes its key under load: nobody who is in the right is refused, and the old key is soon worth nothing.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::{
    instance::{Instance, Shared, alone, client, team, until},
    issuer::Issuer,
    load::{READ, Times, sent},
    program::Program,
    socket::Socket,
    support::announce,
};

/// So many requests each second, by so many programs.
const PER_SECOND: u32 = 100;
const ASKING: u32 = 4;
/// So long a withdrawn key may still open something.
const WITHDRAWN: Duration = Duration::from_secs(60);
const SLOW: u32 = 2;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "of the faults, which need minutes"]
async fn a_key_is_changed_without_refusing_anybody_and_the_old_one_is_refused_within_a_minute() {
    let _alone = alone().await;
    let program = Program::new();
    let url = format!("sqlite://{}", program.path("kpigraph.db").display());
    team(&program, &url, "shop");
    let issuer = Issuer::start().await;
    let service = Instance::start(&program, &url, |command| {
        command.env("KPIGRAPH_AUTH__ISSUERS", issuer.setting());
    })
    .await;
    let tokens = [0, 1].map(|key| issuer.token("shop", key, &format!("key{key}")));
    let (stop, took, refused) = (
        CancellationToken::new(),
        Shared::default(),
        Shared::default(),
    );
    let signed = Arc::new(AtomicUsize::new(0));
    let began = Instant::now();
    let mut load = JoinSet::new();
    for _ in 0..ASKING {
        let (stop, took, refused) = (stop.clone(), Shared::clone(&took), Shared::clone(&refused));
        let (url, tokens, signed) = (service.url.clone(), tokens.clone(), signed.clone());
        load.spawn(async move {
            let client = client();
            let mut ticks = tokio::time::interval(Duration::from_secs(1) * ASKING / PER_SECOND);
            while !stop.is_cancelled() {
                ticks.tick().await;
                let token = &tokens[signed.load(Ordering::SeqCst)];
                let outcome = sent(&client, &url, token, READ, json!({})).await;
                let good = outcome.is_good();
                Vec::push(&mut took.lock().unwrap(), outcome.took);
                if !good {
                    Vec::push(&mut refused.lock().unwrap(), format!("{outcome:?}"));
                }
            }
        });
    }
    until("the first key is known", async || issuer.read() > 0).await;

    let mut socket = Socket::open(&service, &tokens[0]).await;
    // Reading answers the service's pings, too.
    let closed = tokio::spawn(async move { socket.closed().await.0 });

    // The issuer publishes the new key before it signs with it.
    issuer.publish(&[0, 1]);
    let (published, read) = (Instant::now(), issuer.read());
    until("the new key is read", async || issuer.read() > read).await;
    let found = published.elapsed();
    tokio::time::sleep(Duration::from_millis(500)).await;
    signed.store(1, Ordering::SeqCst);
    tokio::time::sleep(Duration::from_secs(3)).await;

    issuer.publish(&[1]);
    let (withdrawn, read) = (Instant::now(), issuer.read());
    // Invented keys make no traffic.
    let mut asked: u64 = 0;
    until("the old key is refused", async || {
        let invented = issuer.token("shop", 0, &format!("invented{asked}"));
        asked += 1;
        let invented = sent(&service.client, &service.url, &invented, READ, json!({})).await;
        assert_eq!(invented.answer.unwrap().status.as_u16(), 401);
        tokio::time::sleep(Duration::from_millis(50)).await;
        let old = sent(&service.client, &service.url, &tokens[0], READ, json!({})).await;
        old.answer.unwrap().status.as_u16() == 401
    })
    .await;
    let gone = withdrawn.elapsed();
    let code = closed.await.unwrap();
    let closed = withdrawn.elapsed();
    let reads = issuer.read() - read;
    stop.cancel();
    load.join_all().await;
    let asked_for = began.elapsed();
    let refused: Vec<String> = std::mem::take(&mut *refused.lock().unwrap());
    let took: Vec<Duration> = std::mem::take(&mut *took.lock().unwrap());
    announce(&format!(
        "{:.0} requests a second, {}; {} refused in the overlap; new key found after {found:.1?}; old key refused after {gone:.1?}, its \
         socket closed with {code} after {closed:.1?}; {reads} readings beside {asked} invented keys",
        took.len() as f64 / asked_for.as_secs_f64(),
        Times::of(took),
        refused.len()
    ));
    assert_eq!(refused, Vec::<String>::new());
    assert!(gone <= WITHDRAWN * SLOW && closed <= WITHDRAWN * SLOW);
    assert_eq!(code, 4403);
    // One for the age of the keys, one for what is unknown, each minute.
    assert!(
        u128::from(reads) <= 2 + 2 * gone.as_millis() / 45_000,
        "{reads}"
    );
    let good: Value = service.data(&tokens[1], READ, json!({})).await;
    assert!(good.is_object());
    service.stop().await;
}
