//! Statements of what [`sea_orm`] builds.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement};

use super::{Connection, Inner};

#[async_trait::async_trait]
impl ConnectionTrait for Connection {
    fn get_database_backend(&self) -> DbBackend {
        match &self.inner {
            Inner::Pool(pool) => pool.lanes.backend(),
            Inner::Transaction(open) => open.0.get_database_backend(),
        }
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.check_present()?;
        self.count();
        match &self.inner {
            Inner::Pool(pool) => {
                let place = self.place(pool).await?;
                self.taking(place.lane(), place.lane().database().execute_raw(statement))
                    .await
            }
            Inner::Transaction(open) => self.within(&open.1, open.0.execute_raw(statement)).await,
        }
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.check_present()?;
        self.count();
        match &self.inner {
            Inner::Pool(pool) => {
                let place = self.place(pool).await?;
                self.taking(
                    place.lane(),
                    place.lane().database().execute_unprepared(sql),
                )
                .await
            }
            Inner::Transaction(open) => self.within(&open.1, open.0.execute_unprepared(sql)).await,
        }
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.count();
        let statement = self.seen(statement)?;
        match &self.inner {
            Inner::Pool(pool) => {
                let place = self.place(pool).await?;
                self.taking(
                    place.lane(),
                    place.lane().database().query_one_raw(statement),
                )
                .await
            }
            Inner::Transaction(open) => self.within(&open.1, open.0.query_one_raw(statement)).await,
        }
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.count();
        let statement = self.seen(statement)?;
        match &self.inner {
            Inner::Pool(pool) => {
                let place = self.place(pool).await?;
                self.taking(
                    place.lane(),
                    place.lane().database().query_all_raw(statement),
                )
                .await
            }
            Inner::Transaction(open) => self.within(&open.1, open.0.query_all_raw(statement)).await,
        }
    }
}
