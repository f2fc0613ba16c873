//! Filters on dimensions, as a small tree.

use sea_orm::sea_query::{Cond, Condition, Expr, ExprTrait, SelectStatement, SimpleExpr};

use super::{Cut, Dimension, Key, groups, joins::Dimensions};
use crate::store::sql;

/// How a predicate compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, async_graphql::Enum)]
#[graphql(name = "StringOp")]
pub enum PredicateOp {
    /// Equal to the one value given.
    Eq,
    /// Equal to one of the values.
    In,
    /// Equal to none of the values; true where the dimension is empty.
    NotIn,
    /// Contains the value, ASCII letters in either case. On campaigns and channels: their names.
    Contains,
    /// Begins with the value, ASCII letters in either case. On campaigns and channels: their names.
    StartsWith,
    /// The dimension is empty; takes no value.
    IsNull,
}

/// One comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Predicate {
    /// What is compared.
    pub dimension: Dimension,
    /// The property's name where the dimension is `Property`.
    pub property: Option<String>,
    /// How.
    pub op: PredicateOp,
    /// Texts to compare with, where the dimension has text keys or the comparison is by name.
    pub texts: Vec<String>,
    /// Ids to compare with, where the dimension has ids for keys.
    pub ids: Vec<i64>,
}

/// Which facts count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Filter {
    /// All of them.
    #[default]
    Everything,
    /// Those that pass every part.
    And(Vec<Filter>),
    /// Those that pass one part at least.
    Or(Vec<Filter>),
    /// Those that do not pass.
    Not(Box<Filter>),
    /// Those that match.
    Is(Predicate),
    /// Those of these groups.
    Groups {
        /// What the groups are told apart by.
        cuts: Vec<Cut>,
        /// The groups, each with a key for every cut.
        keys: Vec<Vec<Key>>,
    },
}

impl Filter {
    /// Both filters at once.
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Everything, one) | (one, Self::Everything) => one,
            (one, other) => Self::And(vec![one, other]),
        }
    }

    /// Facts of one of these campaigns, channels or customers.
    pub fn of(dimension: Dimension, ids: Vec<i64>) -> Self {
        Self::Is(Predicate {
            dimension,
            property: None,
            op: PredicateOp::In,
            texts: vec![],
            ids,
        })
    }

    /// The filter without its conditions on a dimension.
    pub fn without(&self, dimension: Dimension) -> Self {
        let pruned = |parts: &[Self]| -> Vec<Self> {
            let parts = parts.iter().map(|part| part.without(dimension));
            parts.filter(|part| *part != Self::Everything).collect()
        };
        match self {
            Self::Everything => Self::Everything,
            Self::And(parts) | Self::Or(parts) if parts.is_empty() => self.clone(),
            Self::And(parts) | Self::Or(parts) => match (pruned(parts), self) {
                (parts, _) if parts.is_empty() => Self::Everything,
                (parts, Self::And(_)) => Self::And(parts),
                (parts, _) => Self::Or(parts),
            },
            Self::Not(part) => match part.without(dimension) {
                Self::Everything => Self::Everything,
                part => Self::Not(Box::new(part)),
            },
            Self::Is(predicate) if predicate.dimension == dimension => Self::Everything,
            Self::Is(_) | Self::Groups { .. } => self.clone(),
        }
    }

    /// Whether the conditions on a dimension stand beside the others, all to be passed, so that the filter without them
    /// means what is left of it.
    pub fn separates(&self, dimension: Dimension) -> bool {
        match self {
            Self::And(parts) => parts.iter().all(|part| part.separates(dimension)),
            part => !part.names(dimension) || part.is_only_of(dimension),
        }
    }

    fn is_only_of(&self, dimension: Dimension) -> bool {
        match self {
            Self::Everything => true,
            Self::And(parts) | Self::Or(parts) => {
                parts.iter().all(|part| part.is_only_of(dimension))
            }
            Self::Not(part) => part.is_only_of(dimension),
            Self::Is(predicate) => predicate.dimension == dimension,
            Self::Groups { cuts, .. } => cuts.iter().all(|cut| cut.dimension() == dimension),
        }
    }

    /// Whether the filter says anything of this dimension.
    pub fn names(&self, dimension: Dimension) -> bool {
        match self {
            Self::Everything => false,
            Self::And(parts) | Self::Or(parts) => parts.iter().any(|part| part.names(dimension)),
            Self::Not(part) => part.names(dimension),
            Self::Is(predicate) => predicate.dimension == dimension,
            Self::Groups { cuts, .. } => cuts.iter().any(|cut| cut.dimension() == dimension),
        }
    }

    /// Whether facts pass that name no campaign and no channel.
    pub fn passes_nobodys(&self) -> bool {
        match self {
            Self::Everything => true,
            Self::And(parts) => parts.iter().all(Self::passes_nobodys),
            Self::Or(parts) => parts.iter().any(Self::passes_nobodys),
            Self::Not(part) => !part.passes_nobodys(),
            Self::Is(predicate) => {
                let listed =
                    predicate.ids.contains(&0) || predicate.texts.iter().any(String::is_empty);
                match predicate.op {
                    PredicateOp::IsNull => true,
                    PredicateOp::NotIn => !listed,
                    _ => listed,
                }
            }
            Self::Groups { cuts, keys } => keys.iter().any(|key| {
                let mut parts = cuts.iter().zip(key);
                parts.all(|(cut, part)| !cut.dimension().credits() || *part == Key::None)
            }),
        }
    }

    /// The SQL condition. Empty dimensions count as empty texts and the id 0, so that no comparison is unknown and
    /// `not` means what it says.
    pub(super) fn condition(
        &self,
        dimensions: &mut Dimensions<'_>,
        select: &mut SelectStatement,
    ) -> Condition {
        match self {
            Self::Everything => Cond::all(),
            Self::And(parts) => parts.iter().fold(Cond::all(), |all, part| {
                all.add(part.condition(dimensions, select))
            }),
            // A list without parts has none that passes.
            Self::Or(parts) if parts.is_empty() => Cond::all().add(Expr::cust("1 = 0")),
            Self::Or(parts) => parts.iter().fold(Cond::any(), |any, part| {
                any.add(part.condition(dimensions, select))
            }),
            Self::Not(part) => part.condition(dimensions, select).not(),
            Self::Is(predicate) => predicate.condition(dimensions, select),
            Self::Groups { cuts, keys } => groups::condition(cuts, keys, dimensions, select),
        }
    }
}

impl Predicate {
    fn condition(
        &self,
        dimensions: &mut Dimensions<'_>,
        select: &mut SelectStatement,
    ) -> Condition {
        let backend = dimensions.backend;
        let by_name = self.dimension.is_id()
            && matches!(self.op, PredicateOp::Contains | PredicateOp::StartsWith);
        let expr = if by_name {
            dimensions.name(self.dimension, select)
        } else {
            dimensions.filtered(self.dimension, self.property.as_deref(), select)
        };
        let Some(expr) = expr else {
            return Cond::all().add(Expr::cust("1 = 0"));
        };
        let text = || coalesce(expr.clone(), "''");
        let first = || self.texts.first().map_or("", String::as_str);
        let is_one_of = || {
            if self.dimension.is_id() {
                let listed = expr.clone().is_in(self.ids.iter().copied());
                or_empty(expr.clone(), listed, self.ids.contains(&0))
            } else {
                let listed = expr.clone().is_in(self.texts.iter().map(String::as_str));
                let empty = self.texts.iter().any(String::is_empty);
                or_empty(expr.clone(), listed, empty)
            }
        };
        let condition = match self.op {
            PredicateOp::Eq | PredicateOp::In => is_one_of(),
            PredicateOp::NotIn => is_one_of().not(),
            PredicateOp::Contains => sql::contains(backend, text(), first()),
            PredicateOp::StartsWith => sql::starts_with(backend, text(), first()),
            PredicateOp::IsNull if self.dimension.is_id() => coalesce(expr, "0").eq(0_i64),
            PredicateOp::IsNull => text().eq(""),
        };
        Cond::all().add(condition)
    }
}

/// `listed`, but true or false where the expression is null: never unknown. The expression stays bare, so that it can
/// use an index.
fn or_empty(expr: SimpleExpr, listed: SimpleExpr, empty: bool) -> SimpleExpr {
    if empty {
        listed.or(expr.is_null())
    } else {
        listed.and(expr.is_not_null())
    }
}

fn coalesce(expr: SimpleExpr, default: &'static str) -> SimpleExpr {
    sea_orm::sea_query::Func::coalesce([expr, Expr::cust(default)]).into()
}
