//! A call is done, and its answer is lost on the way: the program that sends it again gets that answer.

use std::sync::Arc;

use crate::{
    instance::{Instance, alone, ask, client, team},
    ledger::Ledger,
    load::{WRITE, is_written, orders},
    program::Program,
    proxy::{Proxy, Target, Way},
    support::{TestDatabase, announce},
};

/// How many answers are lost.
const CALLS: usize = 20;

on_both_databases! {
    async fn a_call_whose_answer_was_lost_is_answered_alike_when_it_is_sent_again(database: TestDatabase) {
        let _alone = alone().await;
        let program = Program::new();
        let token = team(&program, &database.url, "shop");
        let service = Instance::start(&program, &database.url, |_| ()).await;
        let address = service.url.strip_prefix("http://").unwrap().parse().unwrap();
        let proxy = Arc::new(Proxy::to(Target::Tcp(address)).await);
        let ledger = Ledger::new();
        let url = format!("http://{}", proxy.address);
        proxy.set(Way::AnswersLost);
        for number in 0..CALLS {
            let key = format!("lost{number}");
            ledger.attempt(&key);
            // No connection is shared, so that no client sends it again by itself.
            let answer = ask(&client(), &url, &token, WRITE, orders(&key)).await;
            assert!(answer.is_err(), "{answer:?}");
        }
        let before = service.orders(&token).await;
        for number in 0..CALLS {
            let key = format!("lost{number}");
            let answer = service.ask(&token, WRITE, orders(&key)).await.unwrap();
            assert!(is_written(&answer), "{answer:?}");
            assert_eq!(answer.body["data"]["upsertOrders"]["replayed"], true, "{answer:?}");
            ledger.acknowledged(&key);
        }
        let after = service.orders(&token).await;
        assert_eq!(before, after);
        let verdict = ledger.judge(&after);
        announce(&format!("{database}: {CALLS} answers lost; {verdict}"));
        verdict.assert_whole();
        service.stop().await;
    }
}
