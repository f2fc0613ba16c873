//! Random writes by several writers, on two instances whose clocks differ: nobody who follows the feed misses anything.

use chrono::TimeDelta;
use entity::{channel, conversion};
use kpigraph::{auth::Role, store::TeamStore, time::Clock};

use super::Copy;
use crate::{
    fixtures::{channel, clock, conversion, start},
    support::{App, TestDatabase, on_both_databases},
};

/// A small generator of numbers that are the same in every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }
}

/// Writes, changes and deletes a few rows in one transaction, and now and then gives it up.
async fn write(team: &TeamStore, ids: &[i64], chance: &mut Chance) {
    let writer = team.begin("fixture").await.unwrap();
    for _ in 0..=chance.below(3) {
        let id = ids[usize::try_from(chance.below(ids.len() as u64)).unwrap()];
        let amount = i64::try_from(chance.below(1_000)).unwrap();
        match chance.below(4) {
            0 => writer.delete_conversions(&[id]).await.unwrap(),
            1 => {
                let row = channel(id, &format!("{id} {amount}"));
                writer.upsert::<channel::Entity>(vec![row]).await.unwrap();
            }
            _ => {
                let row = conversion(id, "signup", "2026-06-06", Some(amount));
                writer
                    .upsert::<conversion::Entity>(vec![row])
                    .await
                    .unwrap();
            }
        }
    }
    if chance.below(5) > 0 {
        writer.commit().await.unwrap();
    }
}

on_both_databases! {
    async fn going_on_from_any_cursor_comes_to_the_same_state(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        let ids: Vec<i64> = (1..=12).collect();
        let mut chance = Chance(7);
        let mut copies: Vec<Copy> = Vec::new();
        for _ in 0..40 {
            for _ in 0..=chance.below(3) {
                write(&team, &ids, &mut chance).await;
            }
            let mut copy = copies.last().cloned().unwrap_or_default();
            copy.follow(&app, &token, 1 + u32::try_from(chance.below(5)).unwrap()).await;
            copies.push(copy);
        }
        let now = Copy::anew(&app, &token).await;
        assert!(now.rows.len() > 8);
        for (place, mut copy) in copies.into_iter().enumerate() {
            copy.catch_up(&app, &token, 1 + u32::try_from(place).unwrap() % 6).await;
            assert_eq!(copy.rows, now.rows, "from the cursor {place}");
        }
    }

    async fn writers_on_two_instances_with_clocks_apart_hide_nothing(database: TestDatabase) {
        let (first, _, token) = start(&database).await;
        let behind = Clock::fixed(clock().now() - TimeDelta::minutes(10));
        let second = App::start(&database, behind).await;
        let ids: Vec<i64> = (1..=30).collect();
        let write_on = async |app: &App, seed: u64| {
            let team = app.store.administer().team("acme").await.unwrap();
            let mut chance = Chance(seed);
            for _ in 0..25 {
                write(&team, &ids, &mut chance).await;
            }
        };
        let mut copy = Copy::default();
        let other = second.token("acme", Role::Owner);
        let follow = async {
            for turn in 0..60_u32 {
                let (app, token) = if turn % 2 == 0 { (&first, &token) } else { (&second, &other) };
                copy.follow(app, token, 5).await;
            }
        };
        tokio::join!(write_on(&first, 1), write_on(&second, 2), write_on(&first, 3), write_on(&second, 4), follow);
        copy.catch_up(&first, &token, 5).await;
        assert_eq!(copy.rows, Copy::anew(&second, &other).await.rows);
    }
}
