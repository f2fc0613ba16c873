//! What can be exported: the one list, and how the rows of a table become cells.
//!
//! Columns that imports read have the names that imports give them, so that a file can be imported again; all others
//! begin with `kpigraph_`, and imports pass them over.

mod days;
mod journeys;
mod left_out;
mod plan;
mod settings;

pub use left_out::NOT_EXPORTED;

use std::{collections::BTreeSet, fmt, str::FromStr};

use async_trait::async_trait;
use entity::{TeamOwned, values::RefEntity};
use sea_orm::{EntityName, ModelTrait};

use super::{Cell, ExportAsk, names::Names};
use crate::{
    auth::{Caller, Scope, Scopes},
    error::{Error, Result},
    graphql::{GlobalId, NodeType},
    store::{RowFilter, TeamStore, days_between, row_key},
};

/// A row's key and its cells.
pub(super) type Record = (Vec<String>, Vec<Cell>);

/// What it takes to see a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Needs {
    /// What the entity takes.
    Nothing,
    /// MONEY_READ.
    Money,
    /// PERSONAL_DATA_READ.
    Personal,
}

/// A column of a file.
pub(super) struct Column<M> {
    name: &'static str,
    needs: Needs,
    cell: fn(&M, &Names) -> Cell,
}

/// A column that everybody sees who may export the entity.
pub(super) const fn open<M>(name: &'static str, cell: fn(&M, &Names) -> Cell) -> Column<M> {
    Column {
        name,
        needs: Needs::Nothing,
        cell,
    }
}

/// A column with an amount of money.
pub(super) const fn money<M>(name: &'static str, cell: fn(&M, &Names) -> Cell) -> Column<M> {
    Column {
        needs: Needs::Money,
        ..open(name, cell)
    }
}

/// A column that tells who somebody is.
pub(super) const fn personal<M>(name: &'static str, cell: fn(&M, &Names) -> Cell) -> Column<M> {
    Column {
        needs: Needs::Personal,
        ..open(name, cell)
    }
}

/// A table that can be exported.
pub(super) trait Exported: TeamOwned + 'static
where
    Self::Model: ModelTrait<Entity = Self>,
{
    /// The scopes that it takes.
    const SCOPES: &'static [Scope];
    /// The columns of the file.
    const COLUMNS: &'static [Column<Self::Model>];
    /// The column of the day by which exports are narrowed.
    const DAY: Option<Self::Column> = None;
    /// The column of the source that delivered a row.
    const SOURCE: Option<Self::Column> = None;
    /// The column of the id, its type for clients, and what other systems' names of it are names of.
    const ID: Option<(Self::Column, Option<NodeType>, Option<RefEntity>)> = None;

    /// The id of a row that has one.
    fn id(_row: &Self::Model) -> i64 {
        0
    }

    /// What a row refers to, itself not included.
    fn refers(_row: &Self::Model) -> Vec<(RefEntity, i64)> {
        Vec::new()
    }
}

/// The rows of an export, page by page.
#[async_trait]
pub(super) trait Rows: Send {
    /// The names of the columns.
    fn columns(&self) -> Vec<&'static str>;
    /// The next rows, so many at most.
    async fn next(&mut self, most: u64) -> Result<Vec<Record>>;
    /// Whether no row is left.
    fn is_over(&self) -> bool;
}

struct TableRows<E: Exported>
where
    E::Model: ModelTrait<Entity = E>,
{
    store: TeamStore,
    scopes: Scopes,
    system: Option<String>,
    filter: RowFilter<E>,
    after: Option<Vec<String>>,
    over: bool,
}

impl<E: Exported> TableRows<E>
where
    E::Model: ModelTrait<Entity = E>,
{
    fn shown(&self) -> impl Iterator<Item = &'static Column<E::Model>> {
        let scopes = self.scopes;
        E::COLUMNS.iter().filter(move |column| match column.needs {
            Needs::Nothing => true,
            Needs::Money => scopes.contains(Scope::MoneyRead),
            Needs::Personal => scopes.contains(Scope::PersonalDataRead),
        })
    }
}

#[async_trait]
impl<E: Exported> Rows for TableRows<E>
where
    E::Model: ModelTrait<Entity = E>,
{
    fn columns(&self) -> Vec<&'static str> {
        let mut names: Vec<&str> = self.shown().map(|column| column.name).collect();
        if let Some((_, node, refs)) = E::ID {
            names.extend(node.map(|_| "kpigraph_id"));
            names.extend(refs.map(|_| "kpigraph_refs"));
        }
        names
    }

    async fn next(&mut self, most: u64) -> Result<Vec<Record>> {
        let after = self.after.as_deref();
        let rows = self.store.rows_after(&self.filter, after, most).await?;
        self.over = (rows.len() as u64) < most;
        let mut named = BTreeSet::new();
        for row in &rows {
            named.extend(E::refers(row));
            if let Some((_, _, Some(entity))) = E::ID {
                named.insert((entity, E::id(row)));
            }
        }
        named.retain(|(_, id)| *id != 0);
        let names = Names::read(&self.store, named, self.system.clone(), self.scopes).await?;
        let mut records = Vec::with_capacity(rows.len());
        for row in &rows {
            let mut cells: Vec<Cell> = self
                .shown()
                .map(|column| (column.cell)(row, &names))
                .collect();
            if let Some((_, node, refs)) = E::ID {
                let id = E::id(row);
                cells.extend(node.map(|node| Cell::Text(GlobalId::new(node, id).to_string())));
                cells.extend(refs.map(|refs| names.all(refs, id)));
            }
            records.push((row_key::<E>(row), cells));
        }
        if let Some((key, _)) = records.last() {
            self.after = Some(key.clone());
        }
        Ok(records)
    }

    fn is_over(&self) -> bool {
        self.over
    }
}

fn rows<E: Exported>(
    store: TeamStore,
    reader: Option<&Caller>,
    ask: &ExportAsk,
    after: Option<Vec<String>>,
) -> Result<Box<dyn Rows>>
where
    E::Model: ModelTrait<Entity = E>,
{
    for scope in E::SCOPES {
        reader.map_or(Ok(()), |caller| caller.require(*scope))?;
    }
    let name = ask.entity.name();
    let mut filter = RowFilter::<E> {
        days: None,
        source: None,
        named: None,
    };
    if ask.from.is_some() || ask.to.is_some() {
        days_between(ask.from, ask.to)?;
        let day = E::DAY.ok_or_else(|| {
            Error::BadInput(format!("from and to: {name} have no day to narrow them by"))
        })?;
        filter.days = Some((day, ask.from, ask.to));
    }
    if let Some(system) = &ask.system {
        match (E::SOURCE, E::ID) {
            (Some(source), _) => filter.source = Some((source, system.clone())),
            (None, Some((id, _, Some(entity)))) => {
                filter.named = Some((id, entity, system.clone()));
            }
            _ => {
                return Err(Error::BadInput(format!(
                    "system: {name} are delivered by no system"
                )));
            }
        }
    }
    Ok(Box::new(TableRows::<E> {
        store,
        scopes: reader.map_or_else(Scopes::all, Caller::scopes),
        system: ask.system.clone(),
        filter,
        after,
        over: false,
    }))
}

macro_rules! entities {
    ($($(#[doc = $doc:literal])+ $entity:ident, $name:literal, $table:ident;)+) => {
        /// What can be exported.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Entity {
            $($(#[doc = $doc])+ $entity,)+
        }

        impl Entity {
            /// Every entity.
            pub const ALL: &'static [Self] = &[$(Self::$entity),+];

            /// Its name in URLs and on the command line.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$entity => $name,)+
                }
            }

            /// What it is, for people.
            pub fn about(self) -> &'static str {
                match self {
                    $(Self::$entity => concat!($($doc),+).trim_ascii_start(),)+
                }
            }
        }

        /// The table of an entity.
        pub fn table_of(entity: Entity) -> &'static str {
            match entity {
                $(Entity::$entity => entity::$table::Entity.table_name(),)+
            }
        }

        /// Opens the rows of an entity, after the one with a key, for a caller or, without one, for whoever works on the
        /// service's own machine.
        pub(super) fn open_rows(
            store: TeamStore,
            reader: Option<&Caller>,
            ask: &ExportAsk,
            after: Option<Vec<String>>,
        ) -> Result<Box<dyn Rows>> {
            match ask.entity {
                $(Entity::$entity => rows::<entity::$table::Entity>(store, reader, ask, after),)+
            }
        }
    };
}

entities! {
    /// Customers.
    Customers, "customers", customer;
    /// Entries of customers into lifecycle stages.
    StageEvents, "stage-events", stage_event;
    /// Opportunities of the sales pipeline.
    Opportunities, "opportunities", opportunity;
    /// Orders.
    Orders, "orders", orders;
    /// Refunds of orders.
    Refunds, "refunds", refund;
    /// Contacts of customers with campaigns and channels.
    Touchpoints, "touchpoints", touchpoint;
    /// Conversions that the team recorded itself.
    Conversions, "conversions", conversion;
    /// Answers to surveys.
    Surveys, "surveys", survey_response;
    /// Published content.
    Content, "content", content_item;
    /// Costs beside media.
    Costs, "costs", cost_item;
    /// Daily figures of advertising.
    AdDays, "ad-days", ad_day;
    /// Daily figures of the web site.
    WebDays, "web-days", web_day;
    /// Daily figures of mailings.
    EmailDays, "email-days", email_day;
    /// Daily figures of social accounts.
    SocialDays, "social-days", social_day;
    /// Distinct people as sources counted them.
    PeopleCounts, "people-counts", people_count;
    /// Daily figures that others count.
    Figures, "figures", outside_day;
    /// Exchange rates.
    Rates, "rates", fx_rate;
    /// Campaigns.
    Campaigns, "campaigns", campaign;
    /// Channels.
    Channels, "channels", channel;
    /// Which campaigns run on which channels.
    CampaignChannels, "campaign-channels", campaign_channel;
    /// Budgets of campaigns.
    Budgets, "budgets", budget;
    /// Goals.
    Goals, "goals", goal;
    /// Benchmarks that the team has set.
    Benchmarks, "benchmarks", benchmark;
    /// Metrics that the team has defined.
    Metrics, "metric-definitions", metric_definition;
    /// Rules that say when a KPI needs attention.
    AlertRules, "alert-rules", alert_rule;
    /// Controlled experiments.
    Experiments, "experiments", experiment;
    /// Variants of experiments.
    ExperimentVariants, "experiment-variants", experiment_variant;
    /// The KPIs that the team has chosen for its audiences.
    Dashboards, "dashboards", dashboard;
    /// What sources have delivered.
    SourceLoads, "source-loads", source_load;
}

impl fmt::Display for Entity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Entity {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let found = Self::ALL
            .iter()
            .copied()
            .find(|entity| entity.name() == text);
        found.ok_or_else(|| {
            let names: Vec<&str> = Self::ALL.iter().map(|entity| entity.name()).collect();
            let shown: String = text.chars().take(60).collect();
            Error::invalid(
                "entity",
                shown,
                &format!("allowed are {}", names.join(", ")),
            )
        })
    }
}
