//! Events are stored by the transaction that makes them, in the order of commits.

use chrono::{NaiveDate, TimeDelta};
use entity::event::Kind;
use kpigraph::{
    store::{Event, Store, TeamStore},
    time::Clock,
};
use tokio::sync::broadcast::error::TryRecvError;

use crate::support::{TestDatabase, new_team, on_both_databases};

fn clock(day: u32) -> Clock {
    let day = NaiveDate::from_ymd_opt(2026, 6, 1).unwrap() + TimeDelta::days(i64::from(day));
    Clock::fixed(day.and_hms_opt(12, 0, 0).unwrap().and_utc())
}

async fn team(store: &Store, slug: &str) -> TeamStore {
    let team = new_team(slug);
    store.administer().create_team(&team).await.unwrap()
}

fn refreshed(source: &str) -> Event {
    let source = source.to_owned();
    Event::DataRefreshed {
        source,
        from: None,
        to: None,
    }
}

async fn tell(team: &TeamStore, events: &[Event]) {
    let writer = team.begin("test").await.unwrap();
    events.iter().for_each(|event| writer.emit(event.clone()));
    writer.commit().await.unwrap();
}

async fn told(team: &TeamStore, cursor: i64) -> Vec<Event> {
    let events = team.events_after(cursor, &[], 100).await.unwrap();
    assert!(events.is_sorted_by(|a, b| a.seq < b.seq));
    events.into_iter().map(|recorded| recorded.event).collect()
}

on_both_databases! {
    async fn events_come_in_the_order_of_commits_whatever_the_clocks_say(database: TestDatabase) {
        let (here, behind) = (database.store(clock(20)).await, database.store(clock(10)).await);
        let first = team(&here, "acme").await;
        let second = behind.administer().team("acme").await.unwrap();
        tell(&first, &[refreshed("a"), Event::ImportProgressed { import: 1 }]).await;
        tell(&second, &[refreshed("b")]).await;
        tell(&first, &[refreshed("c")]).await;
        let all = [refreshed("a"), Event::ImportProgressed { import: 1 }, refreshed("b"), refreshed("c")];
        assert_eq!(told(&first, 0).await, all);
        // From each cursor on comes what follows it, and nothing after the last.
        for (at, recorded) in first.events_after(0, &[], 100).await.unwrap().iter().enumerate() {
            assert_eq!(told(&second, recorded.seq).await, all[at + 1..]);
        }
        assert_eq!(told(&second, second.last_event().await.unwrap()).await, []);
        let progress = first.events_after(0, &[Kind::ImportProgressed], 100).await.unwrap();
        assert_eq!(progress.len(), 1);
    }

    async fn what_is_not_committed_is_no_event(database: TestDatabase) {
        let store = database.store(clock(0)).await;
        let acme = team(&store, "acme").await;
        let mut wakeups = store.wakeups().listen();
        let writer = acme.begin("test").await.unwrap();
        writer.emit(refreshed("a"));
        drop(writer);
        tell(&acme, &[]).await;
        assert_eq!(told(&acme, 0).await, []);
        assert_eq!(wakeups.try_recv(), Err(TryRecvError::Empty));
        tell(&acme, &[refreshed("b")]).await;
        assert_eq!(wakeups.try_recv(), Ok(acme.team().id));
        assert_eq!(wakeups.try_recv(), Err(TryRecvError::Empty));
    }

    async fn another_team_is_told_nothing(database: TestDatabase) {
        let store = database.store(clock(0)).await;
        let (acme, globex) = (team(&store, "acme").await, team(&store, "globex").await);
        tell(&acme, &[refreshed("a")]).await;
        assert_eq!(told(&globex, 0).await, []);
        assert_eq!(globex.last_event().await.unwrap(), 0);
    }

    async fn events_are_forgotten_after_their_time_and_cursors_go_on(database: TestDatabase) {
        let (then, now) = (database.store(clock(0)).await, database.store(clock(31)).await);
        tell(&team(&then, "acme").await, &[refreshed("a")]).await;
        let acme = now.administer().team("acme").await.unwrap();
        let last = acme.last_event().await.unwrap();
        assert!(acme.has_old_events().await.unwrap());
        let writer = acme.begin("forget").await.unwrap();
        assert_eq!(writer.forget_events().await.unwrap(), 1);
        writer.commit().await.unwrap();
        assert!(!acme.has_old_events().await.unwrap());
        tell(&acme, &[refreshed("b")]).await;
        assert_eq!(told(&acme, last).await, [refreshed("b")]);
    }
}
