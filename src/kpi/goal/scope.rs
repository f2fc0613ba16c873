//! Which facts a goal is about: a conjunction of dimensions, each with the values that it may have.

use serde::{Deserialize, Serialize};

use crate::{
    error::{Error, Result},
    kpi::{by_name, graphql_name},
    store::measures::{Cut, Dimension, Filter, Key, Predicate, PredicateOp},
};

/// One dimension and its values.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ScopePart {
    /// The dimension.
    pub dimension: Dimension,
    /// The property's name where the dimension is `Property`.
    pub property: Option<String>,
    /// The ids, where the dimension has ids for keys.
    pub ids: Vec<i64>,
    /// The texts, where it has not.
    pub texts: Vec<String>,
}

/// Which facts count: those that have one of the values in every dimension named. All facts when none is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Scope(Vec<ScopePart>);

/// A part as the database has it.
#[derive(Serialize, Deserialize)]
struct Stored {
    dimension: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    property: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    ids: Vec<i64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    texts: Vec<String>,
}

impl Scope {
    /// The scope of these parts, in one order whatever order they come in, so that equal scopes are equal.
    pub fn new(mut parts: Vec<ScopePart>) -> Self {
        for part in &mut parts {
            part.ids.sort_unstable();
            part.ids.dedup();
            part.texts.sort_unstable();
            part.texts.dedup();
        }
        parts.sort_unstable();
        Self(parts)
    }

    /// The parts.
    pub fn parts(&self) -> &[ScopePart] {
        &self.0
    }

    /// The scope as the database keeps it.
    pub fn to_json(&self) -> String {
        let stored: Vec<Stored> = self.0.iter().map(Stored::from).collect();
        serde_json::to_string(&stored).unwrap_or_default()
    }

    /// Reads what [`Scope::to_json`] wrote.
    ///
    /// # Errors
    /// A text that it did not write.
    pub fn from_json(text: &str) -> Result<Self> {
        let broken = || Error::Internal(format!("a goal's scope cannot be read: {text}"));
        let stored: Vec<Stored> = serde_json::from_str(text).map_err(|_| broken())?;
        let parts = stored.into_iter().map(|part| {
            Some(ScopePart {
                dimension: by_name(&part.dimension)?,
                property: part.property,
                ids: part.ids,
                texts: part.texts,
            })
        });
        parts
            .collect::<Option<_>>()
            .map(Self::new)
            .ok_or_else(broken)
    }

    /// The filter that lets these facts through.
    pub fn filter(&self) -> Filter {
        self.0.iter().fold(Filter::Everything, |filter, part| {
            filter.and(Filter::Is(Predicate {
                dimension: part.dimension,
                property: part.property.clone(),
                op: PredicateOp::In,
                texts: part.texts.clone(),
                ids: part.ids.clone(),
            }))
        })
    }

    /// Whether it names this row of a dimension.
    pub fn names(&self, dimension: Dimension, id: i64) -> bool {
        self.0
            .iter()
            .any(|part| part.dimension == dimension && part.ids.contains(&id))
    }

    /// The scope of a row of an answer: the filter, narrowed by the row's keys. `None` when the filter is more than a
    /// conjunction of values, or when the row is of facts that name none.
    pub fn of_row(filter: &Filter, cuts: &[Cut], key: &[Key]) -> Option<Self> {
        let mut parts = Vec::new();
        conjunction(filter, &mut parts)?;
        for (cut, key) in cuts.iter().zip(key) {
            let (property, dimension) = match cut {
                Cut::Property(name) => (Some(name.clone()), Dimension::Property),
                cut => (None, cut.dimension()),
            };
            let (ids, texts) = match key {
                Key::Bucket(_) => continue,
                Key::None | Key::Others => return None,
                Key::Id(id) => (vec![*id], vec![]),
                Key::Text(text) => (vec![], vec![text.clone()]),
            };
            // The row's own value takes the place of the list that the filter lets through.
            parts.retain(|part: &ScopePart| {
                (part.dimension, &part.property) != (dimension, &property)
            });
            parts.push(ScopePart {
                dimension,
                property,
                ids,
                texts,
            });
        }
        Some(Self::new(parts))
    }
}

fn conjunction(filter: &Filter, parts: &mut Vec<ScopePart>) -> Option<()> {
    match filter {
        Filter::Everything => Some(()),
        Filter::And(inner) => inner.iter().try_for_each(|part| conjunction(part, parts)),
        Filter::Is(predicate)
            if matches!(predicate.op, PredicateOp::Eq | PredicateOp::In)
                && !parts.iter().any(|part| {
                    (part.dimension, &part.property) == (predicate.dimension, &predicate.property)
                }) =>
        {
            parts.push(ScopePart {
                dimension: predicate.dimension,
                property: predicate.property.clone(),
                ids: predicate.ids.clone(),
                texts: predicate.texts.clone(),
            });
            Some(())
        }
        _ => None,
    }
}

impl From<&ScopePart> for Stored {
    fn from(part: &ScopePart) -> Self {
        Self {
            dimension: graphql_name(part.dimension),
            property: part.property.clone(),
            ids: part.ids.clone(),
            texts: part.texts.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn country(codes: &[&str]) -> ScopePart {
        ScopePart {
            dimension: Dimension::Country,
            property: None,
            ids: vec![],
            texts: codes.iter().map(|code| (*code).to_owned()).collect(),
        }
    }

    fn campaign(ids: &[i64]) -> ScopePart {
        ScopePart {
            dimension: Dimension::Campaign,
            property: None,
            ids: ids.to_vec(),
            texts: vec![],
        }
    }

    #[test]
    fn the_order_of_parts_and_values_does_not_matter_and_the_database_gives_back_what_it_got() {
        let one = Scope::new(vec![country(&["IT", "DE"]), campaign(&[2, 1])]);
        let other = Scope::new(vec![campaign(&[1, 2, 2]), country(&["DE", "IT"])]);
        assert_eq!(one, other);
        assert_eq!(Scope::from_json(&one.to_json()).unwrap(), one);
        assert_eq!(Scope::default().to_json(), "[]");
        assert!(Scope::from_json("[{\"dimension\":\"MOON\"}]").is_err());
    }

    #[test]
    fn a_row_has_the_scope_of_its_filter_and_keys() {
        let filter = Scope::new(vec![campaign(&[1, 2]), country(&["DE"])]).filter();
        let cuts = [Cut::By(Dimension::Campaign)];
        let row = Scope::of_row(&filter, &cuts, &[Key::Id(2)]);
        assert_eq!(
            row,
            Some(Scope::new(vec![campaign(&[2]), country(&["DE"])]))
        );
        assert_eq!(Scope::of_row(&filter, &cuts, &[Key::None]), None);
        let not = Filter::Not(Box::new(filter.clone()));
        assert_eq!(Scope::of_row(&not, &[], &[]), None);
        assert_eq!(
            Scope::of_row(&filter.clone().and(filter), &[], &[]),
            None,
            "two conditions on one dimension are more than a list of values"
        );
        assert_eq!(
            Scope::of_row(&Filter::Everything, &[], &[]),
            Some(Scope::default())
        );
    }
}
