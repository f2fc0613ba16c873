//! What is to be said of a measure, and the notation in which the measures are written down.

use super::Fact;

/// How a measure behaves when parts are put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, async_graphql::Enum)]
pub enum Additivity {
    /// Parts add up over every dimension and over time.
    Additive,
    /// Adds up over everything but time, where the last value stands.
    SemiAdditive,
    /// Counts distinct people: never added up, always counted again.
    Distinct,
    /// Neither: computed from parts that add up.
    NonAdditive,
}

/// What a measure's whole numbers count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// Things.
    Count,
    /// Millionths of things: platforms claim fractions of conversions.
    Millionths,
    /// Micros of the fact's currency.
    Money,
}

/// A measure's definition.
pub struct MeasureSpec {
    /// The fact table that it is read from.
    pub fact: Fact,
    /// The aggregate, over the fact under the name `f`.
    pub(super) sql: &'static str,
    /// What the result counts.
    pub scale: Scale,
    /// Whether it counts distinct people.
    pub distinct: bool,
    /// Whether it counts everything up to the end of the period rather than what lies in it.
    pub to_date: bool,
    /// Whether a team that never loaded the fact simply has none of it, as with costs and refunds.
    pub optional: bool,
    /// Whether only days that are over count.
    pub elapsed: bool,
    /// Whether a group without rows has no data, rather than nothing: as with figures that are delivered now and then.
    pub sparse: bool,
    /// Whether it is a state, of which over time the last stands.
    pub semi: bool,
    /// Whether it is read over the period before the one asked.
    pub previous: bool,
}

macro_rules! measures {
    ($($(#[doc = $doc:literal])+ $name:ident: $scale:ident $($flag:ident)* = $fact:ident, $sql:literal;)*) => {
        /// A sum or count over one fact table, named as formulas name it.
        #[expect(non_camel_case_types, reason = "formulas name measures in snake case, and these are those names")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Measure { $($(#[doc = $doc])+ $name,)* }

        impl Measure {
            /// The measure's definition.
            pub fn spec(self) -> MeasureSpec {
                match self {
                    $(Self::$name => {
                        #[allow(unused_mut, reason = "most measures have no flag")]
                        let mut spec = MeasureSpec {
                            fact: Fact::$fact,
                            sql: $sql,
                            scale: Scale::$scale,
                            distinct: false,
                            to_date: false,
                            optional: false,
                            elapsed: false,
                            sparse: false,
                            semi: false,
                            previous: false,
                        };
                        $(spec.$flag = true;)*
                        spec
                    })*
                }
            }

            /// The name under which formulas know the measure.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }
        }
    };
}

pub(super) use measures;
