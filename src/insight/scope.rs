//! Of which facts a rule speaks: one value in each of some dimensions. Stored as JSON.

use serde::{Deserialize, Serialize};

use crate::{
    error::{Error, Result},
    kpi::{by_name, graphql_name},
    store::measures::{Cut, Dimension, Key},
};

/// One value in each of some dimensions; all facts when empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope(pub Vec<(Cut, Key)>);

#[derive(Serialize, Deserialize)]
struct Part {
    dimension: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    property: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<String>,
}

impl Scope {
    /// The dimensions.
    pub fn cuts(&self) -> Vec<Cut> {
        self.0.iter().map(|(cut, _)| cut.clone()).collect()
    }

    /// The values, in the order of the dimensions.
    pub fn keys(&self) -> Vec<Key> {
        self.0.iter().map(|(_, key)| key.clone()).collect()
    }

    /// The scope as it is stored.
    pub fn to_json(&self) -> Result<String> {
        let parts: Vec<Part> = self.0.iter().map(|(cut, key)| part(cut, key)).collect();
        serde_json::to_string(&parts).map_err(|error| Error::Internal(format!("a scope: {error}")))
    }

    /// Reads a stored scope.
    pub fn from_json(json: &str) -> Result<Self> {
        let parts: Vec<Part> = serde_json::from_str(json)
            .map_err(|error| Error::Internal(format!("a stored scope: {error}")))?;
        let parts = parts.into_iter().map(|part| {
            let known = by_name::<Dimension>(&part.dimension);
            let cut = match (known, part.property) {
                (Some(_), Some(name)) => Cut::Property(name),
                (Some(dimension), None) => Cut::By(dimension),
                (None, _) => {
                    let name = part.dimension;
                    return Err(Error::Internal(format!("a stored scope by {name}")));
                }
            };
            let key = match (part.id, part.text) {
                (Some(id), _) => Key::Id(id),
                (None, Some(text)) => Key::Text(text),
                (None, None) => Key::None,
            };
            Ok((cut, key))
        });
        Ok(Self(parts.collect::<Result<_>>()?))
    }
}

fn part(cut: &Cut, key: &Key) -> Part {
    let mut part = Part {
        dimension: graphql_name(cut.dimension()),
        property: None,
        id: None,
        text: None,
    };
    if let Cut::Property(name) = cut {
        part.property = Some(name.clone());
    }
    match key {
        Key::Id(id) => part.id = Some(*id),
        Key::Text(text) => part.text = Some(text.clone()),
        Key::None | Key::Bucket(_) | Key::Others => {}
    }
    part
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_read_back_as_it_was_stored() {
        let scope = Scope(vec![
            (Cut::By(Dimension::Channel), Key::Id(7)),
            (Cut::By(Dimension::Country), Key::Text("DE".into())),
            (Cut::By(Dimension::Device), Key::None),
            (Cut::Property("age".into()), Key::Text("18-24".into())),
        ]);
        assert_eq!(Scope::from_json(&scope.to_json().unwrap()).unwrap(), scope);
        assert_eq!(Scope::from_json("[]").unwrap(), Scope::default());
        for wrong in ["", "{}", r#"[{"dimension":"MOON"}]"#] {
            assert!(Scope::from_json(wrong).is_err(), "{wrong}");
        }
    }
}
