//! The buckets of points that all instances share, one of each team and one of each of its keys. An instance leases
//! points by the handful, in a statement of its own that no business transaction waits for.

use sea_orm::DbBackend;

use super::TeamStore;
use crate::error::{Error, Result};

/// Fills the bucket for the time since it was last used, then takes what is wanted or what is there. `$2` is the
/// subject, `$3` the points wanted, `$4` the bucket's size, `$5` the points that come back each second. The database's
/// clock counts, as those of instances differ. Levels are thousandths of a point, so that no fraction is lost.
/// Buckets that nobody used for two days are full, so that their rows can go.
const LEASE: &str = "WITH idle AS (\
        DELETE FROM quota_bucket \
        WHERE team_id = $1 AND subject <> $2 \
        AND filled_at < (EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::bigint - 172800000\
    ), asked AS (\
        SELECT $1::bigint AS team_id, $2::text AS subject, LEAST($3::bigint, $4::bigint) * 1000 AS wanted, \
            $4::bigint * 1000 AS size, $5::bigint AS rate, \
            (EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::bigint AS now\
    ) \
    INSERT INTO quota_bucket AS b (team_id, subject, level, filled_at, granted) \
    SELECT team_id, subject, size - wanted, now, wanted FROM asked \
    ON CONFLICT (team_id, subject) DO UPDATE SET \
        granted = LEAST(EXCLUDED.granted, LEAST(EXCLUDED.level + EXCLUDED.granted, \
            b.level + LEAST(GREATEST(EXCLUDED.filled_at - b.filled_at, 0), 86400000) * $5::bigint)), \
        level = LEAST(EXCLUDED.level + EXCLUDED.granted, \
            b.level + LEAST(GREATEST(EXCLUDED.filled_at - b.filled_at, 0), 86400000) * $5::bigint) \
            - LEAST(EXCLUDED.granted, LEAST(EXCLUDED.level + EXCLUDED.granted, \
            b.level + LEAST(GREATEST(EXCLUDED.filled_at - b.filled_at, 0), 86400000) * $5::bigint)), \
        filled_at = EXCLUDED.filled_at \
    WHERE b.team_id = $1 \
    RETURNING granted / 1000 AS granted, level / 1000 AS level";

impl TeamStore {
    /// Whether other instances may serve the same team. SQLite's file is that of one process.
    pub fn shares_quotas(&self) -> bool {
        self.backend() == DbBackend::Postgres
    }

    /// Takes up to `wanted` points out of the bucket of a subject of the team, which fills by `per_second` up to
    /// `size`; how many it gave, and how many are left. It is not counted among the request's statements.
    pub async fn lease_points(
        &self,
        subject: &str,
        wanted: i64,
        size: i64,
        per_second: i64,
    ) -> Result<(i64, i64)> {
        let values = vec![
            subject.into(),
            wanted.into(),
            size.into(),
            per_second.into(),
        ];
        let row = self.for_request().row(LEASE, values).await?;
        let row = row.ok_or_else(|| Error::Internal("a bucket gave no row".into()))?;
        Ok((row.try_get("", "granted")?, row.try_get("", "level")?))
    }
}
