//! The names that other systems have for the rows of a page and for what they refer to, read for the whole page.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use entity::{external_ref, values::RefEntity};

use super::cell::{Cell, quoted};
use crate::{
    auth::{Scope, Scopes},
    error::Result,
    graphql::{GlobalId, NodeType},
    store::TeamStore,
};

/// Names, and what of the rows may be shown.
pub(super) struct Names {
    refs: HashMap<(RefEntity, i64), Vec<external_ref::Model>>,
    titles: HashMap<(RefEntity, i64), String>,
    system: Option<String>,
    scopes: Scopes,
}

impl Names {
    /// The names of these rows. `system` is the one whose names are wanted.
    pub async fn read(
        store: &TeamStore,
        rows: BTreeSet<(RefEntity, i64)>,
        system: Option<String>,
        scopes: Scopes,
    ) -> Result<Self> {
        let mut by_entity: BTreeMap<RefEntity, Vec<i64>> = BTreeMap::new();
        for (entity, id) in rows {
            by_entity.entry(entity).or_default().push(id);
        }
        let mut names = Self {
            refs: HashMap::new(),
            titles: HashMap::new(),
            system,
            scopes,
        };
        for (entity, ids) in by_entity {
            let found = store.external_refs(entity, &ids).await?;
            let found = found.into_iter().map(|(id, refs)| ((entity, id), refs));
            names.refs.extend(found);
            let titled = |(id, title)| ((entity, id), title);
            match entity {
                RefEntity::Campaign => {
                    let rows = store.campaigns_by_id(&ids).await?.into_iter();
                    let rows = rows.map(|(id, row)| titled((id, row.name)));
                    names.titles.extend(rows);
                }
                RefEntity::Channel => {
                    let rows = store.channels_by_id(&ids).await?.into_iter();
                    let rows = rows.map(|(id, row)| titled((id, row.name)));
                    names.titles.extend(rows);
                }
                _ => {}
            }
        }
        Ok(names)
    }

    /// Whether amounts of money may be shown.
    pub fn money(&self) -> bool {
        self.scopes.contains(Scope::MoneyRead)
    }

    /// What the wanted system calls a row; without a wanted one, what the first does that has a name for it. A row that
    /// has none goes by its id.
    pub fn name(&self, entity: RefEntity, id: i64) -> Cell {
        self.named(entity, id, self.system.as_deref())
            .unwrap_or_else(|| match node(entity) {
                Some(node) => Cell::Text(GlobalId::new(node, id).to_string()),
                None => Cell::Text(id.to_string()),
            })
    }

    /// The same, where there may be none.
    pub fn name_of(&self, entity: RefEntity, id: Option<i64>) -> Cell {
        Cell::of(id, |id| self.name(entity, id))
    }

    /// What a source calls a campaign or channel, or else its title, by which imports find it as well. The id 0 is
    /// none.
    pub fn place(&self, entity: RefEntity, id: i64, source: Option<&str>) -> Cell {
        if id == 0 {
            return Cell::Null;
        }
        let system = source.or(self.system.as_deref());
        self.named(entity, id, system)
            .unwrap_or_else(|| self.title(entity, id))
    }

    /// The title of a campaign or channel.
    pub fn title(&self, entity: RefEntity, id: i64) -> Cell {
        let title = self.titles.get(&(entity, id)).filter(|_| id != 0);
        Cell::of(title, |title| Cell::text(title.as_str()))
    }

    /// All names of a row, as a JSON list of objects with `system` and `id`.
    pub fn all(&self, entity: RefEntity, id: i64) -> Cell {
        let refs = self.refs.get(&(entity, id)).map_or(&[][..], Vec::as_slice);
        let refs = refs.iter().map(|name| {
            let (system, id) = (quoted(&name.system), quoted(&name.external_id));
            format!("{{\"system\":{system},\"id\":{id}}}")
        });
        Cell::Json(format!("[{}]", refs.collect::<Vec<_>>().join(",")))
    }

    fn named(&self, entity: RefEntity, id: i64, system: Option<&str>) -> Option<Cell> {
        let mut refs = self.refs.get(&(entity, id))?.iter();
        let found = match system {
            Some(system) => refs.find(|name| name.system == system),
            None => refs.next(),
        };
        found.map(|name| Cell::Text(name.external_id.clone()))
    }
}

/// The type of the ids of what systems have names for; `None` where clients never see such ids.
pub(super) fn node(entity: RefEntity) -> Option<NodeType> {
    Some(match entity {
        RefEntity::Campaign => NodeType::Campaign,
        RefEntity::Channel => NodeType::Channel,
        RefEntity::Customer => NodeType::Customer,
        RefEntity::Order => NodeType::Order,
        RefEntity::Refund => NodeType::Refund,
        RefEntity::Opportunity => NodeType::Opportunity,
        RefEntity::Touchpoint => NodeType::Touchpoint,
        RefEntity::Conversion => NodeType::Conversion,
        RefEntity::StageEvent => NodeType::StageEvent,
        RefEntity::CostItem | RefEntity::ContentItem | RefEntity::SurveyResponse => return None,
    })
}
