//! Stored rows by their keys.

use entity::TeamOwned;
use sea_orm::{ColumnTrait, Condition, IdenStatic, ModelTrait};

/// Ids per lookup.
pub const MOST_IDS: usize = 10_000;
/// Keys of several columns per lookup: SQLite bounds how many conditions one statement may join.
const MOST_KEYS: usize = 200;

/// Conditions that together hold for the stored rows with the keys of these.
pub fn conditions<E: TeamOwned>(keys: &[E::Column], rows: &[E::Model]) -> Vec<Condition> {
    let team = E::TEAM.as_str();
    let keys: Vec<E::Column> = keys
        .iter()
        .copied()
        .filter(|key| key.as_str() != team)
        .collect();
    let value = |row: &E::Model, key: E::Column| row.get(key);
    match keys[..] {
        [id] => rows
            .chunks(MOST_IDS)
            .map(|rows| Condition::all().add(id.is_in(rows.iter().map(|row| value(row, id)))))
            .collect(),
        _ => rows
            .chunks(MOST_KEYS)
            .map(|rows| {
                rows.iter().fold(Condition::any(), |any, row| {
                    let same = keys.iter().fold(Condition::all(), |all, key| {
                        all.add(key.eq(value(row, *key)))
                    });
                    any.add(same)
                })
            })
            .collect(),
    }
}
