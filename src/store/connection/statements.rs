//! Statements of what [`sea_orm`] builds.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement};

use super::{Connection, Inner};

/// Runs a statement where it goes.
macro_rules! run {
    ($connection:ident.$method:ident($statement:ident)) => {
        match &$connection.inner {
            Inner::Pool(pool) => {
                let place = $connection.place(pool).await?;
                let lane = place.lane();
                let running = lane.database().$method($statement);
                $connection.taking(lane, running).await
            }
            Inner::Transaction(open) => {
                let running = open.0.$method($statement);
                $connection.within(&open.1, running).await
            }
        }
    };
}

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
        run!(self.execute_raw(statement))
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.check_present()?;
        self.count();
        run!(self.execute_unprepared(sql))
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.count();
        let statement = self.seen(statement)?;
        run!(self.query_one_raw(statement))
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.count();
        let statement = self.seen(statement)?;
        run!(self.query_all_raw(statement))
    }
}
