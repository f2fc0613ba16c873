//! Customers, their stages and orders.

use std::collections::HashMap;

use entity::{customer, orders, stage_event, values::LifecycleStage};
use sea_orm::{
    ActiveEnum, ColumnTrait, Value,
    sea_query::{Expr, ExprTrait},
};

use super::{
    Page, PageAsk, PageCursor, Scoped, TeamStore, TeamWriter,
    page::{Sort, SortValue},
    sql,
};
use crate::error::Result;

/// Which customers are asked; what is `None` does not narrow.
#[derive(Clone, Debug, Default)]
pub struct CustomerFilter {
    /// The whole e-mail address, ASCII letters in either case.
    pub email: Option<String>,
    /// Part of the name, ASCII letters in either case.
    pub name_contains: Option<String>,
    /// The stage entered last.
    pub lifecycle: Option<Vec<LifecycleStage>>,
    /// Acquired by this campaign.
    pub acquired_by_campaign: Option<i64>,
    /// Acquired through this channel.
    pub acquired_through_channel: Option<i64>,
    /// Whether another customer has the same e-mail address.
    pub shares_email: Option<bool>,
}

impl TeamStore {
    fn customers_matching(&self, filter: &CustomerFilter) -> Scoped<'_, customer::Entity> {
        let backend = self.backend();
        let mut select = self.select::<customer::Entity>();
        if let Some(email) = &filter.email {
            // Addresses are stored in lower case.
            select = select.filter(customer::Column::Email.eq(email.to_lowercase()));
        }
        if let Some(part) = &filter.name_contains {
            select = select.filter(sql::contains(
                backend,
                Expr::col(customer::Column::Name),
                part,
            ));
        }
        if let Some(stages) = &filter.lifecycle {
            let named: Vec<String> = stages.iter().map(ActiveEnum::to_value).collect();
            let stage = Expr::cust(sql::stage_sql!("customer"));
            select = select.filter(stage.is_in(named));
        }
        if let Some(shared) = filter.shares_email {
            let other = "EXISTS (SELECT 1 FROM customer o WHERE o.team_id = customer.team_id \
                         AND o.email = customer.email AND o.id <> customer.id)";
            let other = Expr::cust(other);
            select = select.filter(if shared { other } else { other.not() });
        }
        if let Some(campaign) = filter.acquired_by_campaign {
            select = select.filter(customer::Column::AcquiredCampaignId.eq(campaign));
        }
        if let Some(channel) = filter.acquired_through_channel {
            select = select.filter(customer::Column::AcquiredChannelId.eq(channel));
        }
        select
    }

    /// One page of customers, oldest record first.
    pub async fn customers(
        &self,
        filter: &CustomerFilter,
        ask: &PageAsk,
    ) -> Result<Page<customer::Model>> {
        let sort = Sort {
            expr: None,
            id: Expr::col(customer::Column::Id),
            descending: false,
            kind: SortValue::Id,
            cursor: |row: &customer::Model| PageCursor::new(SortValue::Id, row.id),
        };
        self.customers_matching(filter).page(ask, sort).await
    }

    /// How many customers match.
    pub async fn customer_count(&self, filter: &CustomerFilter) -> Result<u64> {
        self.customers_matching(filter).count().await
    }

    /// These customers. The id of one that was merged into another finds that one.
    pub async fn customers_by_id(&self, ids: &[i64]) -> Result<HashMap<i64, customer::Model>> {
        let mut found = self.customer_rows(ids).await?;
        let missing: Vec<i64> = ids
            .iter()
            .copied()
            .filter(|id| !found.contains_key(id))
            .collect();
        // As of an earlier instant customers are what they were then.
        if missing.is_empty() || self.as_of().is_some() {
            return Ok(found);
        }
        let stand_for = self.stand_for(&missing).await?;
        if stand_for.is_empty() {
            return Ok(found);
        }
        let wanted: Vec<i64> = stand_for.values().copied().collect();
        let kept = self.customer_rows(&wanted).await?;
        found.extend(
            stand_for
                .into_iter()
                .filter_map(|(id, kept_id)| Some((id, kept.get(&kept_id)?.clone()))),
        );
        Ok(found)
    }

    async fn customer_rows(&self, ids: &[i64]) -> Result<HashMap<i64, customer::Model>> {
        self.by_ids::<customer::Entity>(customer::Column::Id, ids, |row| row.id)
            .await
    }

    /// The customers with these e-mail addresses in the form that they are stored in: ids by address.
    pub async fn customers_with_emails(
        &self,
        emails: &[&str],
    ) -> Result<HashMap<String, Vec<i64>>> {
        let mut found: HashMap<String, Vec<i64>> = HashMap::new();
        for chunk in emails.chunks(10_000) {
            let rows = self
                .select::<customer::Entity>()
                .filter(customer::Column::Email.is_in(chunk.iter().copied()))
                .all()
                .await?;
            for row in rows {
                found
                    .entry(row.email.unwrap_or_default())
                    .or_default()
                    .push(row.id);
            }
        }
        Ok(found)
    }

    /// The stages that each of these customers entered, in the order of time.
    pub async fn stages_of(
        &self,
        customers: &[i64],
    ) -> Result<HashMap<i64, Vec<stage_event::Model>>> {
        let mut rows = self
            .select::<stage_event::Entity>()
            .filter(stage_event::Column::CustomerId.is_in(customers.iter().copied()))
            .all()
            .await?;
        rows.sort_by_key(|row| (row.entered_at, row.stage, row.id));
        let mut found: HashMap<i64, Vec<stage_event::Model>> = HashMap::new();
        for row in rows {
            found.entry(row.customer_id).or_default().push(row);
        }
        Ok(found)
    }

    /// The orders of each of these customers, in the order of time.
    pub async fn orders_of(&self, customers: &[i64]) -> Result<HashMap<i64, Vec<orders::Model>>> {
        let mut rows = self
            .select::<orders::Entity>()
            .filter(orders::Column::CustomerId.is_in(customers.iter().copied()))
            .all()
            .await?;
        rows.sort_by_key(|row| (row.ordered_at, row.id));
        let mut found: HashMap<i64, Vec<orders::Model>> = HashMap::new();
        for row in rows {
            found
                .entry(row.customer_id.unwrap_or_default())
                .or_default()
                .push(row);
        }
        Ok(found)
    }

    /// These orders.
    pub async fn orders_by_id(&self, ids: &[i64]) -> Result<HashMap<i64, orders::Model>> {
        self.by_ids::<orders::Entity>(orders::Column::Id, ids, |row| row.id)
            .await
    }
}

impl TeamWriter {
    /// Finds anew which orders were the first and the second of these customers.
    pub async fn refresh_order_days(&self, customers: &[i64]) -> Result<()> {
        let nth = |offset: u8| {
            format!(
                "(SELECT o.day FROM orders o WHERE o.team_id = customer.team_id AND o.customer_id = customer.id \
                 AND o.counted ORDER BY o.day LIMIT 1 OFFSET {offset})"
            )
        };
        let set = [("first_order_day", nth(0)), ("second_order_day", nth(1))];
        self.amend_where_in("customer", &set, "id", customers).await
    }

    /// Finds anew which stages these customers entered for the first time, and in which they are.
    pub async fn refresh_stages(&self, customers: &[i64]) -> Result<()> {
        let before = self.stages_before(customers).await?;
        let first = "(NOT EXISTS (SELECT 1 FROM stage_event e WHERE e.team_id = stage_event.team_id \
                     AND e.customer_id = stage_event.customer_id AND e.stage = stage_event.stage \
                     AND e.entered_at < stage_event.entered_at))";
        let set = [("first_entry", first.to_owned())];
        self.amend_where_in("stage_event", &set, "customer_id", customers)
            .await?;
        let last = "(SELECT e.stage FROM stage_event e WHERE e.team_id = customer.team_id \
                    AND e.customer_id = customer.id ORDER BY e.entered_at DESC, e.id DESC LIMIT 1)";
        let set = [("lifecycle", last.to_owned())];
        self.amend_where_in("customer", &set, "id", customers)
            .await?;
        self.tell_stages(before, customers).await
    }

    /// Gives customers to the campaign and channel of their first touchpoint, unless they were acquired before it. One
    /// that is corrected corrects them.
    pub async fn refresh_acquisition(&self, customers: &[i64]) -> Result<()> {
        let first = |column: &str| {
            format!(
                "(SELECT t.{column} FROM touchpoint t WHERE t.team_id = customer.team_id AND \
                 t.customer_id = customer.id ORDER BY t.occurred_at, t.id LIMIT 1)"
            )
        };
        let set = [
            ("acquired_campaign_id", first("campaign_id")),
            ("acquired_channel_id", first("channel_id")),
            ("acquired_at", first("occurred_at")),
        ];
        for chunk in customers.chunks(CHUNK) {
            let (ids, values) = self.id_list(chunk);
            let earlier = format!(
                "id IN ({ids}) AND (acquired_at IS NULL OR acquired_at >= {})",
                first("occurred_at")
            );
            self.amend("customer", &set, &earlier, values).await?;
        }
        Ok(())
    }

    /// Sets columns of the rows in which `column` has one of these ids.
    async fn amend_where_in(
        &self,
        table: &'static str,
        set: &[(&str, String)],
        column: &str,
        ids: &[i64],
    ) -> Result<()> {
        for chunk in ids.chunks(CHUNK) {
            let (ids, values) = self.id_list(chunk);
            self.amend(table, set, &format!("{column} IN ({ids})"), values)
                .await?;
        }
        Ok(())
    }

    /// Placeholders from `$2` on, and the values.
    pub(super) fn id_list(&self, ids: &[i64]) -> (String, Vec<Value>) {
        let places: Vec<String> = (0..ids.len())
            .map(|place| format!("${}", place + 2))
            .collect();
        let values = ids.iter().copied().map(Value::from).collect();
        (places.join(", "), values)
    }
}

/// Customers per update.
const CHUNK: usize = 2_000;
