//! Sums over customers' orders are read from an index alone. SQLite would otherwise go through all orders of a team for
//! each customer, because another index holds what it needs.

use sea_orm_migration::prelude::*;

use crate::schema::index;

#[derive(DeriveMigrationName)]
pub struct Migration;

const BEFORE: [&str; 3] = ["customer_id", "day", "counted"];
const SUMS: [&str; 4] = ["currency", "net", "refunded", "cost_of_goods"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        replace(manager, &[&BEFORE[..], &SUMS[..]].concat()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        replace(manager, &BEFORE).await
    }
}

/// Makes the index of orders by customer anew with these columns.
async fn replace(manager: &SchemaManager<'_>, columns: &[&'static str]) -> Result<(), DbErr> {
    let mut old = Index::drop();
    old.name("idx_orders_customer").table("orders");
    manager.drop_index(old.to_owned()).await?;
    manager
        .create_index(index("orders", "customer", columns))
        .await
}
