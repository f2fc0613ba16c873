//! The files of imports, in parts: any instance can go on with them, and none holds one in memory.

use entity::import_chunk;
use sea_orm::ColumnTrait;

use super::{TeamStore, TeamWriter};
use crate::error::Result;

impl TeamStore {
    /// A part of an import's file; `None` after the last. Parts count from 0.
    pub async fn import_chunk(&self, import: i64, place: i32) -> Result<Option<Vec<u8>>> {
        let chunk = self
            .select::<import_chunk::Entity>()
            .filter(import_chunk::Column::ImportId.eq(import))
            .filter(import_chunk::Column::Place.eq(place))
            .one()
            .await?;
        Ok(chunk.map(|chunk| chunk.bytes))
    }
}

impl TeamWriter {
    /// Stores a part of an import's file.
    pub async fn add_import_chunk(&self, import: i64, place: i32, bytes: Vec<u8>) -> Result<()> {
        let row = import_chunk::Model {
            team_id: self.team().id,
            import_id: import,
            place,
            bytes,
        };
        self.insert::<import_chunk::Entity>(vec![row]).await
    }

    /// Drops an import's file.
    pub(super) async fn delete_import_chunks(&self, import: i64) -> Result<()> {
        self.delete::<import_chunk::Entity>(import_chunk::Column::ImportId.eq(import))
            .await?;
        Ok(())
    }

    /// Forgets an import: its file, its refused rows, and that there was one.
    pub async fn forget_import(&self, import: i64) -> Result<()> {
        self.delete_import_chunks(import).await?;
        self.delete_import_errors(import).await?;
        let sql = "DELETE FROM import_job WHERE team_id = $1 AND id = $2";
        self.execute(sql, vec![import.into()]).await?;
        Ok(())
    }
}
