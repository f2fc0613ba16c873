//! The change feed: which rows were written or deleted after a place in it, in the order of the commits. It holds the
//! newest state of each row alone, so it is as long as there are rows.

use std::collections::{HashMap, HashSet};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use entity::tombstone::ChangeKind;
use sea_orm::{ActiveEnum, QueryResult};

use super::{
    TeamStore,
    team::{FOLLOWED, TOMBSTONE_MICROS},
};
use crate::error::{Error, Result};

/// Behind every kind.
const LAST_KIND: i32 = i32::MAX;

/// A place in the feed: all that comes up to it has been read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeedPlace {
    /// The instant of the last change that was read, in microseconds since 1970.
    at: i64,
    /// Its kind.
    kind: i32,
    /// Its row.
    id: i64,
    /// The instant before which whoever reads has seen nothing, so that no deletion up to it matters.
    since: i64,
}

/// A row that was written, or is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// What it is.
    pub kind: ChangeKind,
    /// Its id.
    pub id: i64,
    /// Whether it was deleted.
    pub deleted: bool,
    /// When, in microseconds since 1970 by the team's clock.
    pub at: i64,
    /// The place behind it.
    pub place: FeedPlace,
}

/// A part of the feed.
#[derive(Clone, Debug)]
pub struct Changes {
    /// In their order.
    pub list: Vec<Change>,
    /// Whether the feed goes on.
    pub more: bool,
    /// Where to go on.
    pub end: FeedPlace,
}

impl FeedPlace {
    /// The place behind all that was written up to an instant.
    fn behind(at: i64) -> Self {
        Self {
            at,
            kind: LAST_KIND,
            id: i64::MAX,
            since: 0,
        }
    }

    /// The place as clients see it.
    pub fn encode(self) -> String {
        let Self {
            at,
            kind,
            id,
            since,
        } = self;
        BASE64_URL_SAFE_NO_PAD.encode(format!("changes:{at}:{kind}:{id}:{since}"))
    }

    /// Reads a place that a client sent back; `None` when it is none.
    pub fn decode(text: &str) -> Option<Self> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        let told = String::from_utf8(bytes).ok()?;
        let mut parts = told.strip_prefix("changes:")?.splitn(4, ':');
        let place = Self {
            at: parts.next()?.parse().ok()?,
            kind: parts.next()?.parse().ok()?,
            id: parts.next()?.parse().ok()?,
            since: parts.next()?.parse().ok()?,
        };
        (place.at >= 0 && place.since >= 0 && place.encode() == text).then_some(place)
    }
}

impl TeamStore {
    /// The place in the feed behind all that is written by now.
    pub async fn feed_end(&self) -> Result<FeedPlace> {
        let sql = "SELECT last_at AS n FROM team_clock WHERE team_id = $1";
        Ok(FeedPlace::behind(self.number(sql, vec![]).await?))
    }

    /// The next changes of rows of these kinds after a place, or from the beginning: then every row that there is. All
    /// is read by one statement and so is of one moment.
    ///
    /// # Errors
    /// The place is so old that deletions after it are forgotten.
    pub async fn changes(
        &self,
        after: Option<FeedPlace>,
        kinds: &[ChangeKind],
        most: u32,
    ) -> Result<Changes> {
        let from = after.unwrap_or(FeedPlace {
            at: 0,
            kind: 0,
            id: 0,
            since: i64::MAX,
        });
        let limit = i64::from(most) + 1;
        let values = vec![
            from.at.into(),
            from.id.into(),
            from.since.into(),
            limit.into(),
        ];
        let rows = self.rows(&selection(from, kinds), values).await?;
        let mut now = 0;
        let mut found = Vec::with_capacity(rows.len());
        for row in &rows {
            match read(row)? {
                (0, at, ..) => now = at,
                change => found.push(change),
            }
        }
        let from = FeedPlace {
            since: if after.is_some() { from.since } else { now },
            ..from
        };
        // Who began before the team wrote anything has no row that may be gone.
        let begun = from.at.max(from.since);
        if begun > 0 && begun < now - TOMBSTONE_MICROS {
            return Err(Error::CursorExpired(
                "after: deletions of over 90 days ago are forgotten, so changes since this cursor cannot be told; take a \
                 new export, or ask without a cursor"
                    .into(),
            ));
        }
        // The clock is no change; it comes first.
        let more = found.len() > most as usize;
        found.truncate(most as usize);
        let mut list = Vec::with_capacity(found.len());
        for (kind, at, id, deleted) in found {
            let place = FeedPlace {
                at,
                kind,
                id,
                since: from.since,
            };
            list.push(Change {
                kind: ChangeKind::try_from_value(&kind)?,
                id,
                deleted,
                at,
                place,
            });
        }
        let end = list.last().map_or(from, |change| change.place);
        self.drop_restored(&mut list).await?;
        Ok(Changes { list, more, end })
    }

    /// Leaves out deletions of rows that have come back since: these come once more, as they are now.
    async fn drop_restored(&self, list: &mut Vec<Change>) -> Result<()> {
        let mut buried: HashMap<ChangeKind, Vec<i64>> = HashMap::new();
        for change in list.iter().filter(|change| change.deleted) {
            buried.entry(change.kind).or_default().push(change.id);
        }
        let mut restored = HashSet::new();
        for (kind, table) in FOLLOWED {
            let Some(ids) = buried.get(&kind) else {
                continue;
            };
            let ids: Vec<String> = ids.iter().map(i64::to_string).collect();
            let sql = format!(
                "SELECT id FROM {table} WHERE team_id = $1 AND id IN ({})",
                ids.join(", ")
            );
            for row in self.rows(&sql, vec![]).await? {
                restored.insert((kind, row.try_get::<i64>("", "id")?));
            }
        }
        list.retain(|change| !(change.deleted && restored.contains(&(change.kind, change.id))));
        Ok(())
    }
}

/// The changes after a place, each with its kind, instant and row, and the team's clock as kind 0. `$1` is the team, `$2`
/// the place's instant, `$3` its row, `$4` the instant up to which deletions do not matter, `$5` how many.
fn selection(from: FeedPlace, kinds: &[ChangeKind]) -> String {
    let mut parts = Vec::new();
    for (kind, table) in FOLLOWED {
        if !kinds.contains(&kind) {
            continue;
        }
        let kind = kind.to_value();
        // Of the place's own instant, what comes behind it: other rows of its kind, all of later kinds.
        let behind = match kind.cmp(&from.kind) {
            std::cmp::Ordering::Less => "recorded_at > $2",
            std::cmp::Ordering::Equal => "recorded_at >= $2 AND (recorded_at > $2 OR id > $3)",
            std::cmp::Ordering::Greater => "recorded_at >= $2",
        };
        // The campaign and the channel 0 stand for "none".
        parts.push(format!(
            "SELECT * FROM (SELECT {kind} AS kind, recorded_at AS at, id AS row_id, 0 AS gone FROM {table} \
             WHERE team_id = $1 AND {behind} AND id > 0 ORDER BY recorded_at, id LIMIT $5) {table}"
        ));
    }
    let asked: Vec<String> = kinds
        .iter()
        .map(|kind| kind.to_value().to_string())
        .collect();
    let at = from.kind;
    parts.push(format!(
        "SELECT * FROM (SELECT kind, deleted_at AS at, row_id, 1 AS gone FROM tombstone \
         WHERE team_id = $1 AND deleted_at >= $2 AND deleted_at > $4 AND kind IN ({}) \
         AND (deleted_at > $2 OR kind > {at} OR (kind = {at} AND row_id > $3)) \
         ORDER BY deleted_at, kind, row_id LIMIT $5) tombstone",
        asked.join(", ")
    ));
    format!(
        "SELECT kind, at, row_id, gone FROM (SELECT 0 AS kind, last_at AS at, CAST(0 AS BIGINT) AS row_id, 0 AS gone \
         FROM team_clock WHERE team_id = $1 UNION ALL \
         SELECT * FROM (SELECT * FROM ({}) feed ORDER BY at, kind, row_id LIMIT $5) page) clock \
         ORDER BY CASE WHEN kind = 0 THEN 0 ELSE 1 END, at, kind, row_id",
        parts.join(" UNION ALL ")
    )
}

fn read(row: &QueryResult) -> Result<(i32, i64, i64, bool)> {
    Ok((
        row.try_get("", "kind")?,
        row.try_get("", "at")?,
        row.try_get("", "row_id")?,
        row.try_get::<i32>("", "gone")? != 0,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_survives_the_way_to_the_client_and_back() {
        let place = FeedPlace {
            at: 7,
            kind: 3,
            id: 9,
            since: 5,
        };
        assert_eq!(FeedPlace::decode(&place.encode()), Some(place));
        for text in ["", "x", "Y2hhbmdlczoxOjI", "Y2hhbmdlczotMToxOjE6MA"] {
            assert_eq!(FeedPlace::decode(text), None, "{text}");
        }
    }
}
