//! How the catalogue is written down: what an entry looks like, and what is made of it.

macro_rules! stage {
    (None) => {
        None
    };
    ($stage:ident) => {
        Some(JourneyStage::$stage)
    };
}

macro_rules! kpis {
    ($(
        $(#[doc = $doc:literal])+
        $(#[graphql(name = $key:literal)])?
        $kpi:ident $name:literal [$unit:ident $direction:ident $stage:ident $cadence:ident $($vanity:ident)?]
            = |$($measure:ident),+| $formula:expr;
    )*) => {
        /// The KPIs that can be asked.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, async_graphql::Enum)]
        #[graphql(name = "MetricKey")]
        pub enum Kpi { $($(#[doc = $doc])+ $(#[graphql(name = $key)])? $kpi,)* }

        impl Kpi {
            /// Every KPI, in the order of the catalogue.
            pub const ALL: &[Self] = &[$(Self::$kpi),*];

            /// What is said of the KPI.
            pub fn definition(self) -> &'static Definition {
                match self {
                    $(Self::$kpi => {
                        const DEFINITION: Definition = Definition {
                            kpi: Kpi::$kpi,
                            name: $name,
                            description: concat!($($doc, "\n"),+),
                            formula: stringify!($formula),
                            measures: &[$(Measure::$measure),+],
                            unit: Unit::$unit,
                            direction: Direction::$direction,
                            stage: stage!($stage),
                            cadence: Cadence::$cadence,
                            vanity: matches!(concat!($(stringify!($vanity))?).as_bytes(), b"vanity"),
                        };
                        &DEFINITION
                    })*
                }
            }

            /// Computes the formula from its measures' values, given in the order of [`Definition::measures`].
            pub fn compute(self, terms: Vec<Term>) -> Formula {
                let mut terms = terms.into_iter();
                let mut next = || terms.next().unwrap_or_else(|| Term::count(Decimal::ZERO));
                match self {
                    $(Self::$kpi => {
                        $(let $measure = next();)+
                        Formula::from($formula)
                    })*
                }
            }
        }
    };
}

pub(super) use {kpis, stage};
