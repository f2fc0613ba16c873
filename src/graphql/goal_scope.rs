//! Which facts a goal is about, in answers and in input.

use async_graphql::{InputObject, Object};

use super::{
    list::start, metric_filter::DimensionPredicate, metrics_rows::DimensionValue, payload::Mistakes,
};
use crate::{
    error::ApiResult,
    kpi::goal::{Scope, ScopePart},
    store::{
        TeamStore,
        measures::{Cut, Dimension, Key, PredicateOp},
    },
};

/// The most dimensions of a scope.
const MOST_PARTS: usize = 4;
/// The most values of one dimension of a scope.
const MOST_VALUES: usize = 100;

/// What narrows the facts that a goal is about.
pub struct GoalScope(Vec<(Cut, Key)>);

/// The facts that a goal is about: all of the team's, unless dimensions narrow them.
#[Object]
impl GoalScope {
    /// The values that facts must have: of each dimension one of those listed. Empty for the whole team.
    async fn dimensions(
        &self,
        #[graphql(desc = "At most so many, from the start. Default: all.")] limit: Option<u32>,
    ) -> Vec<DimensionValue<'_>> {
        start(&self.0, limit)
            .iter()
            .map(|(cut, key)| DimensionValue::new(cut, key))
            .collect()
    }
}

impl From<&Scope> for GoalScope {
    fn from(scope: &Scope) -> Self {
        let pairs = scope.parts().iter().flat_map(|part| {
            let cut = match &part.property {
                Some(name) => Cut::Property(name.clone()),
                None => Cut::By(part.dimension),
            };
            let ids = part.ids.iter().map(|id| Key::Id(*id));
            let texts = part.texts.iter().map(|text| Key::Text(text.clone()));
            let keys: Vec<Key> = ids.chain(texts).collect();
            keys.into_iter().map(move |key| (cut.clone(), key))
        });
        Self(pairs.collect())
    }
}

/// One dimension that narrows what a goal is about.
#[derive(InputObject)]
pub struct GoalScopeInput {
    /// Which dimension; neither TIME nor CUSTOMER.
    dimension: Dimension,
    /// The property's name; for PROPERTY, and only there.
    property: Option<String>,
    /// The values that count, 1 to 100: ids for CAMPAIGN and CHANNEL, texts otherwise.
    values: Vec<String>,
}

/// The scope that an input describes, as far as it is right; mistakes are noted.
pub async fn checked(
    store: &TeamStore,
    inputs: Vec<GoalScopeInput>,
    mistakes: &mut Mistakes,
) -> ApiResult<Scope> {
    if inputs.len() > MOST_PARTS {
        let given = inputs.len();
        let text =
            format!("input.scope: {given} dimensions were given; at most {MOST_PARTS} are allowed");
        mistakes.invalid("input.scope", text);
        return Ok(Scope::default());
    }
    let mut parts: Vec<ScopePart> = Vec::new();
    for (place, input) in inputs.into_iter().enumerate() {
        let field = format!("input.scope[{place}]");
        if matches!(input.dimension, Dimension::Time | Dimension::Customer) {
            let text =
                format!("{field}.dimension: goals are set neither for TIME nor for CUSTOMER");
            mistakes.invalid(&format!("{field}.dimension"), text);
            continue;
        }
        if input.values.len() > MOST_VALUES {
            let given = input.values.len();
            let text =
                format!("{field}.values: {given} were given; 1 to {MOST_VALUES} are allowed");
            mistakes.invalid(&format!("{field}.values"), text);
            continue;
        }
        let predicate = DimensionPredicate {
            dimension: input.dimension,
            property: input.property,
            op: PredicateOp::In,
            values: input.values,
        };
        let part = match predicate.predicate(&field) {
            Ok(found) => ScopePart {
                dimension: found.dimension,
                property: found.property,
                ids: found.ids,
                texts: found.texts,
            },
            Err(_) if predicate.dimension.is_id() && !predicate.values.is_empty() => {
                no_such_row(mistakes, &field, predicate.dimension);
                continue;
            }
            Err(error) => {
                mistakes.invalid(&field, error.public_message());
                continue;
            }
        };
        let same = |other: &ScopePart| {
            (other.dimension, &other.property) == (part.dimension, &part.property)
        };
        if parts.iter().any(same) {
            let text = format!("{field}.dimension: it is named already; list all values together");
            mistakes.invalid(&format!("{field}.dimension"), text);
            continue;
        }
        let known = match part.dimension {
            Dimension::Campaign => store.campaigns_by_id(&part.ids).await?.len(),
            Dimension::Channel => store.channels_by_id(&part.ids).await?.len(),
            _ => 0,
        };
        let mut wanted = part.ids.clone();
        wanted.sort_unstable();
        wanted.dedup();
        if known < wanted.len() {
            no_such_row(mistakes, &field, part.dimension);
            continue;
        }
        parts.push(part);
    }
    Ok(Scope::new(parts))
}

fn no_such_row(mistakes: &mut Mistakes, field: &str, dimension: Dimension) {
    let path = format!("{field}.values");
    let what = if dimension == Dimension::Channel {
        "channel"
    } else {
        "campaign"
    };
    mistakes.not_found(
        &path,
        format!("{path}: there is no {what} with one of these ids"),
    );
}
