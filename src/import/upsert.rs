//! Rows that a source knows by ids of its own: those known already are found, compared, and written when they differ.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::{DateTime, Utc};
use entity::{
    TeamOwned, content_item, conversion, cost_item, opportunity, orders, refund, survey_response,
    touchpoint, values::RefEntity,
};
use sea_orm::EntityTrait;

use super::session::Session;
use crate::{
    error::Result,
    store::{Change, OfPerson, Texts},
};

/// The column that says when the source last changed a row: rows older than what it told before are passed over.
pub(super) const TOLD_AT: &str = "source_updated_at";

/// A table whose rows sources know by ids of their own.
pub(super) trait Referenced: TeamOwned {
    /// What the sources' ids are ids of.
    const KIND: RefEntity;
    /// The column of our id.
    const ID: Self::Column;

    /// Our id of a row.
    fn id(row: &Self::Model) -> i64;

    /// The customer of a row; `None` when it has none.
    fn customer(_row: &Self::Model) -> Option<i64> {
        None
    }

    /// Leaves a delivered row with the erased customer who has it, and takes out who that was.
    fn keep_erased(_row: &mut Self::Model, _customer: i64) {}
}

macro_rules! referenced {
    ($($table:ident: $kind:ident $($of_person:ident)?),+ $(,)?) => {
        $(impl Referenced for $table::Entity {
            const KIND: RefEntity = RefEntity::$kind;
            const ID: $table::Column = $table::Column::Id;

            fn id(row: &$table::Model) -> i64 {
                row.id
            }

            $(
                fn customer(row: &$table::Model) -> Option<i64> {
                    <Self as $of_person>::customer(row)
                }

                fn keep_erased(row: &mut $table::Model, customer: i64) {
                    <Self as $of_person>::give(row, customer);
                    <Self as $of_person>::clear(row, &Texts::default());
                }
            )?
        })+
    };
}

referenced!(
    content_item: ContentItem,
    conversion: Conversion OfPerson,
    cost_item: CostItem,
    opportunity: Opportunity OfPerson,
    orders: Order OfPerson,
    refund: Refund,
    survey_response: SurveyResponse OfPerson,
    touchpoint: Touchpoint OfPerson,
);

/// The rows of one batch, by the source's ids for them.
pub(super) struct Known<E: EntityTrait> {
    rows: HashMap<String, E::Model>,
    ids: HashMap<String, i64>,
    /// When the source last changed what it names, as it told.
    told: HashMap<String, DateTime<Utc>>,
    newly_told: BTreeSet<String>,
    new: Vec<(String, i64)>,
    changed: BTreeMap<i64, String>,
    /// Those of the rows' customers who were erased: a delivery must not tell again who they were.
    erased: HashSet<i64>,
}

impl<E> Known<E>
where
    E: Referenced,
    E::Model: Clone + PartialEq,
{
    /// Finds those of the named rows that are stored already, in two statements.
    pub async fn find(
        session: &Session<'_>,
        names: impl IntoIterator<Item = &str>,
    ) -> Result<Self> {
        let names: Vec<&str> = names.into_iter().collect();
        let named = session
            .writer
            .refs_named(session.key(E::KIND), &names)
            .await?;
        let mut told = HashMap::new();
        let mut ids = HashMap::with_capacity(named.len());
        for name in named {
            if let Some(at) = name.source_updated_at {
                told.insert(name.external_id.clone(), at);
            }
            ids.insert(name.external_id, name.entity_id);
        }
        let wanted: Vec<i64> = ids.values().copied().collect();
        let mut stored = session.writer.by_ids::<E>(E::ID, &wanted, E::id).await?;
        let rows: HashMap<String, E::Model> = ids
            .iter()
            .filter_map(|(name, id)| Some((name.clone(), stored.remove(id)?)))
            .collect();
        let customers: BTreeSet<i64> = rows.values().filter_map(E::customer).collect();
        let customers: Vec<i64> = customers.into_iter().collect();
        let erased = session.writer.erased_among(&customers).await?;
        Ok(Self {
            rows,
            ids,
            told,
            newly_told: BTreeSet::new(),
            new: Vec::new(),
            changed: BTreeMap::new(),
            erased,
        })
    }

    /// A row as it is now, with the changes of this batch.
    pub fn get(&self, name: &str) -> Option<&E::Model> {
        self.rows.get(name)
    }

    /// The id of a row; a new one when the source never named it.
    pub fn id(&mut self, name: &str, session: &Session<'_>) -> i64 {
        if let Some(id) = self.ids.get(name) {
            return *id;
        }
        let id = session.writer.id();
        self.ids.insert(name.to_owned(), id);
        self.new.push((name.to_owned(), id));
        id
    }

    /// Whether a row is no older than what the source told before. One that says when the source changed it is the
    /// measure of those to come.
    pub fn admits(&mut self, name: &str, told_at: Option<DateTime<Utc>>) -> bool {
        let Some(at) = told_at else {
            return true;
        };
        let known = self.told.get(name).copied();
        if known.is_some_and(|known| at < known) {
            return false;
        }
        if known != Some(at) {
            self.told.insert(name.to_owned(), at);
            self.newly_told.insert(name.to_owned());
        }
        true
    }

    /// Replaces a row; says what that changed.
    pub fn put(&mut self, name: &str, id: i64, mut row: E::Model) -> Change {
        let before = self.rows.get(name);
        let erased = before.and_then(E::customer);
        if let Some(customer) = erased.filter(|customer| self.erased.contains(customer)) {
            E::keep_erased(&mut row, customer);
        }
        let change = Change::of(before.is_some(), before != Some(&row));
        if change.is_written() {
            self.rows.insert(name.to_owned(), row);
            self.changed.insert(id, name.to_owned());
        }
        change
    }

    /// Forgets a row that is to be deleted and gives its id, if there is one.
    pub fn remove(&mut self, name: &str) -> Option<i64> {
        self.rows.remove(name)?;
        let id = self.ids.remove(name)?;
        self.changed.remove(&id);
        let stored = !self.new.iter().any(|(_, new)| *new == id);
        self.new.retain(|(_, new)| *new != id);
        stored.then_some(id)
    }

    /// The rows that the batch changed.
    pub fn changed(&self) -> impl Iterator<Item = &E::Model> {
        self.changed.values().filter_map(|name| self.rows.get(name))
    }

    /// Writes the changed rows and the names of the new ones.
    pub async fn store(mut self, session: &Session<'_>) -> Result<()> {
        let changed = self
            .changed
            .values()
            .filter_map(|name| self.rows.remove(name))
            .collect();
        session.writer.upsert::<E>(changed).await?;
        let key = session.key(E::KIND);
        session.writer.link(key, self.new).await?;
        let told = self.newly_told.into_iter().filter_map(|name| {
            let (id, at) = (*self.ids.get(&name)?, *self.told.get(&name)?);
            Some((name, id, at))
        });
        session.writer.note_told(key, told).await
    }
}
