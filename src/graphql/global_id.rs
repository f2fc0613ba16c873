//! Ids as clients see them: opaque, with the type in them, never the team.

use std::{fmt, str::FromStr};

use async_graphql::ID;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

use crate::error::{Error, Result};

/// The types that have ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeType {
    Team,
    Campaign,
    Channel,
    Customer,
    Order,
    AlertRule,
    Experiment,
    Goal,
    Benchmark,
    MetricDefinition,
    ApiKey,
    AuditEntry,
    ImportMapping,
    WebhookEndpoint,
    WebhookDelivery,
    CustomerMerge,
    StageEvent,
    Opportunity,
    Refund,
    Touchpoint,
    Conversion,
    Import,
}

/// The id of a row and its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GlobalId {
    /// The type.
    pub node: NodeType,
    /// The row's id.
    pub id: i64,
}

impl GlobalId {
    /// The id of a row of this type.
    pub fn new(node: NodeType, id: i64) -> Self {
        Self { node, id }
    }

    /// Reads an id that must be of this type. The text of the refusal is the same for ids of other types and for
    /// texts that are no ids.
    pub fn expect(field: &str, id: &ID, node: NodeType) -> Result<i64> {
        match id.parse::<Self>() {
            Ok(found) if found.node == node => Ok(found.id),
            _ => Err(Error::invalid(
                field,
                id.chars().take(60).collect::<String>(),
                &format!("the id of a {node:?} is needed"),
            )),
        }
    }
}

impl fmt::Display for GlobalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE64_URL_SAFE_NO_PAD.encode(format!("{:?}:{}", self.node, self.id)))
    }
}

/// A text that is no id.
#[derive(Debug)]
pub struct NoId;

impl FromStr for GlobalId {
    type Err = NoId;

    fn from_str(text: &str) -> Result<Self, NoId> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| NoId)?;
        let text = std::str::from_utf8(&bytes).map_err(|_| NoId)?;
        let (node, id) = text.split_once(':').ok_or(NoId)?;
        let node = match node {
            "Team" => NodeType::Team,
            "Campaign" => NodeType::Campaign,
            "Channel" => NodeType::Channel,
            "Customer" => NodeType::Customer,
            "Order" => NodeType::Order,
            "AlertRule" => NodeType::AlertRule,
            "Experiment" => NodeType::Experiment,
            "Goal" => NodeType::Goal,
            "Benchmark" => NodeType::Benchmark,
            "MetricDefinition" => NodeType::MetricDefinition,
            "ApiKey" => NodeType::ApiKey,
            "AuditEntry" => NodeType::AuditEntry,
            "ImportMapping" => NodeType::ImportMapping,
            "WebhookEndpoint" => NodeType::WebhookEndpoint,
            "WebhookDelivery" => NodeType::WebhookDelivery,
            "CustomerMerge" => NodeType::CustomerMerge,
            "StageEvent" => NodeType::StageEvent,
            "Opportunity" => NodeType::Opportunity,
            "Refund" => NodeType::Refund,
            "Touchpoint" => NodeType::Touchpoint,
            "Conversion" => NodeType::Conversion,
            "Import" => NodeType::Import,
            _ => return Err(NoId),
        };
        // A row has one id, so no signs or leading zeros. The id 0 stands for "none" and is nobody's.
        match id.as_bytes() {
            [b'1'..=b'9', ..] => id.parse().map(|id| Self { node, id }).map_err(|_| NoId),
            _ => Err(NoId),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_survives_the_way_to_the_client_and_back() {
        let id = GlobalId::new(NodeType::Campaign, 42);
        assert_eq!(id.to_string().parse::<GlobalId>().unwrap(), id);
    }

    #[test]
    fn other_types_zero_and_nonsense_are_no_campaigns() {
        for text in [
            GlobalId::new(NodeType::Channel, 1).to_string(),
            "x".into(),
            String::new(),
            "Q2FtcGFpZ246MA".into(),
        ] {
            assert!(GlobalId::expect("id", &ID(text), NodeType::Campaign).is_err());
        }
    }

    #[test]
    fn a_row_has_one_id_alone() {
        for number in ["+42", "042", "-42", " 42", "42 ", "9223372036854775808", ""] {
            let text = BASE64_URL_SAFE_NO_PAD.encode(format!("Campaign:{number}"));
            assert!(text.parse::<GlobalId>().is_err(), "{number}");
        }
        // The last letter has bits that no byte takes.
        assert!("Q2FtcGFpZ246NDI".parse::<GlobalId>().is_ok());
        assert!("Q2FtcGFpZ246NDJ".parse::<GlobalId>().is_err());
    }
}
