//! Where nothing is sent: networks that are not public, whatever names they hide behind.

use std::{
    io,
    net::IpAddr,
    sync::{Arc, Mutex},
};

use chrono::TimeDelta;
use entity::webhook_delivery::{Failure, State};
use kpigraph::{
    auth::Role,
    webhooks::{Addresses, Lookup, Networks, Reach, Sender, Worker},
};
use serde_json::json;

use super::{
    bench::{Bench, sender_with},
    endpoints::{CREATE, UPDATE, endpoint_on, run},
    receiver::Receiver,
};
use crate::{
    fixtures::{clock, start},
    support::{
        App, TestDatabase,
        json::{path, text},
        on_both_databases,
    },
};

/// A DNS in which every name has the addresses that it was last given.
#[derive(Default)]
struct Names(Mutex<Vec<IpAddr>>);

impl Names {
    fn set(&self, addresses: &[&str]) {
        let addresses = addresses.iter().map(|text| text.parse().unwrap());
        *self.0.lock().unwrap() = addresses.collect();
    }
}

impl Lookup for Names {
    fn addresses<'a>(&'a self, _: &'a str) -> Addresses<'a> {
        let found = self.0.lock().unwrap().clone();
        Box::pin(async move {
            match found.is_empty() {
                true => Err(io::Error::other("no such name")),
                false => Ok(found),
            }
        })
    }
}

/// Tries what is due by a sender.
async fn send(bench: &Bench, sender: &Arc<Sender>, by: TimeDelta) -> usize {
    let mut worker = Worker::new(bench.later(by).await.0, sender.clone());
    let begun = worker.round().await.unwrap();
    worker.settle().await;
    begun
}

on_both_databases! {
    async fn addresses_that_are_not_public_are_refused_when_an_endpoint_is_made(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        for url in [
            "https://127.0.0.1/hook", "https://localhost/hook", "https://localhost./hook", "https://2130706433/",
            "https://0x7f.1/", "https://0177.0.0.1/", "https://10.1.2.3:8443/", "https://169.254.169.254/latest/meta-data",
            "https://100.64.0.1/", "https://192.168.0.1/", "https://0.0.0.0/", "https://[::1]/", "https://[fe80::1]/",
            "https://[fd00::1]/", "https://[::ffff:127.0.0.1]/", "https://[::]/", "https://224.0.0.1/",
            "http://1.1.1.1/hook", "http://localhost/hook", "ftp://1.1.1.1/", "https://user:word@1.1.1.1/",
            "https://1.1.1.1/#part", "https://name.invalid/hook", "https://", "hook", "javascript:alert(1)",
        ] {
            let made = run(&app, &token, CREATE, json!({ "url": url })).await;
            assert!(made["webhookEndpoint"].is_null() && made["secret"].is_null(), "{url}: {made}");
            assert_eq!(made["errors"][0]["path"], json!(["input", "url"]), "{url}: {made}");
            let message = text(&made, "errors.0.message");
            assert!(message.starts_with("input.url: '"), "{message}");
        }
        let made = run(&app, &token, CREATE, json!({ "url": "https://1.1.1.1:8443/hook" })).await;
        let endpoint = path(&made, "webhookEndpoint");
        assert_eq!(text(endpoint, "url"), "https://1.1.1.1:8443/hook");
        let moved = json!({ "id": endpoint["id"], "version": 1, "url": "https://10.0.0.1/" });
        let moved = run(&app, &token, UPDATE, moved).await;
        assert_eq!(moved["errors"][0]["path"], json!(["input", "url"]), "{moved}");
    }

    async fn networks_that_the_setting_names_may_be_entered_without_tls_too(database: TestDatabase) {
        let networks: Networks = "127.0.0.0/8".parse().unwrap();
        let app = App::start_with(&database, clock(), |settings| settings.webhook_private_networks = networks).await;
        app.team("acme").await;
        let token = app.token("acme", Role::Owner);
        endpoint_on(&app, &token, "http://127.0.0.1:9/hook").await;
        endpoint_on(&app, &token, "https://127.9.9.9/hook").await;
        let other = run(&app, &token, CREATE, json!({ "url": "http://10.0.0.1/hook" })).await;
        assert_eq!(other["errors"][0]["code"], "INVALID");
        let plain = run(&app, &token, CREATE, json!({ "url": "http://1.1.1.1/hook" })).await;
        assert!(text(&plain, "errors.0.message").ends_with("https is needed"), "{plain}");
    }

    async fn a_name_that_moves_to_a_private_address_is_refused_when_it_is_connected_to(database: TestDatabase) {
        let bench = Bench::new(database).await;
        let receiver = Receiver::start().await;
        let url = format!("http://receiver.example:{}/hook", receiver.address.port());
        let (endpoint, _) = bench.endpoint(&url).await;
        let names = Arc::new(Names::default());
        let reach = Reach::with_lookup("127.0.0.1".parse().unwrap(), names.clone());
        let sender = sender_with(reach);
        names.set(&["127.0.0.1"]);
        bench.tell().await;
        assert_eq!(send(&bench, &sender, TimeDelta::zero()).await, 1);
        assert_eq!(bench.delivery(endpoint).await.state, State::Delivered);
        // The receiver listens there, too: only the check keeps the second delivery away.
        for (hour, addresses, failure) in [
            (1, &["127.0.0.2"][..], Failure::ForbiddenAddress),
            (2, &["127.0.0.1", "10.0.0.1"], Failure::ForbiddenAddress),
            (3, &["::ffff:169.254.169.254"], Failure::ForbiddenAddress),
            (4, &["1.1.1.1"], Failure::ForbiddenAddress),
            (5, &[], Failure::UnknownHost),
        ] {
            names.set(addresses);
            let (_, team) = bench.later(TimeDelta::hours(hour)).await;
            crate::webhooks::bench::tell(&team, 1).await;
            // Those that failed before are due again, one at a time.
            while send(&bench, &sender, TimeDelta::hours(hour)).await > 0 {}
            let all = crate::webhooks::bench::deliveries(&bench.team, endpoint).await;
            assert_eq!(all[0].last_failure, Some(failure), "{addresses:?}");
            assert_eq!(all[0].last_status, None);
        }
        assert_eq!(receiver.received().len(), 1);
    }

    async fn an_address_in_the_url_is_checked_at_each_delivery(database: TestDatabase) {
        let bench = Bench::new(database).await;
        let (receiver, endpoint) = bench.receiver().await;
        bench.tell().await;
        // The setting no longer names the network.
        let sender = sender_with(Reach::new(Networks::default()));
        assert_eq!(send(&bench, &sender, TimeDelta::zero()).await, 1);
        let failed = bench.delivery(endpoint).await;
        assert_eq!((failed.state, failed.last_failure), (State::Pending, Some(Failure::ForbiddenAddress)));
        assert!(receiver.received().is_empty());
    }
}
