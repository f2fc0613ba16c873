//! The basis ATTRIBUTED of KPIs: what customers did, credited to the touches before it.

use rust_decimal::Decimal;
use std::{
    borrow::Cow,
    collections::BTreeMap,
    sync::{Arc, LazyLock},
};

use entity::{
    team,
    values::{Basis, ChannelKind},
};

use super::{AttributionModel, ChannelRules, CreditAsk, CreditSum, Material, Rules};
use crate::{
    error::{Error, Result},
    kpi::{
        DateBasis, Kpi, Undefined,
        formula::Term,
        sums::{GroupKey, Sum, Sums, SumsAsk},
        together::Read,
    },
    store::{
        TeamStore,
        measures::{Additivity, Fact, Measure},
    },
};

/// What a question says of attribution; the team's settings stand for what is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct CreditingAsk {
    /// By which model.
    pub model: Option<AttributionModel>,
    /// How many days before a fact a touch still counts.
    pub lookback_days: Option<u32>,
    /// After how many seconds TIME_DECAY halves a weight.
    pub half_life_seconds: Option<u32>,
    /// Touches through channels of these kinds get nothing.
    pub exclude_channels: Option<Vec<ChannelKind>>,
    /// On which day credits count.
    pub date_basis: Option<DateBasis>,
}

impl CreditingAsk {
    /// The rules that the question and the team's settings make together.
    pub fn rules(&self, team: &team::Model) -> Result<Rules> {
        let own = Rules::of(team)?;
        Ok(Rules {
            model: self.model.unwrap_or(own.model),
            lookback_days: self.lookback_days.unwrap_or(own.lookback_days),
            half_life_seconds: self.half_life_seconds.unwrap_or(own.half_life_seconds),
            exclude_channels: self
                .exclude_channels
                .clone()
                .unwrap_or(own.exclude_channels),
            restart: false,
        })
    }
}

/// How the facts of a plan are credited, if they are.
pub struct Crediting(Option<Chosen>);

/// How facts are credited.
pub struct Chosen {
    rules: Arc<Rules>,
    channels: Cow<'static, ChannelRules>,
    date_basis: Option<DateBasis>,
}

impl Crediting {
    /// How a plan on this basis credits.
    pub fn new(ask: &CreditingAsk, basis: Basis, team: &team::Model) -> Result<Self> {
        if basis == Basis::Attributed {
            if ask.date_basis == Some(DateBasis::OrderDate) {
                return Err(Error::invalid(
                    "options.dateBasis",
                    "ORDER_DATE",
                    "the basis ATTRIBUTED takes EVENT_DATE and TOUCH_DATE",
                ));
            }
            return Ok(Self(Some(Chosen {
                rules: Arc::new(ask.rules(team)?),
                channels: ChannelRules::of(team)?,
                date_basis: ask.date_basis,
            })));
        }
        if ask.date_basis == Some(DateBasis::TouchDate) {
            return Err(Error::invalid(
                "options.dateBasis",
                "TOUCH_DATE",
                "it needs the basis ATTRIBUTED",
            ));
        }
        let silent = CreditingAsk {
            date_basis: ask.date_basis,
            ..CreditingAsk::default()
        };
        if *ask != silent {
            return Err(Error::BadInput(
                "options.attribution: it needs the basis ATTRIBUTED".into(),
            ));
        }
        Ok(Self(None))
    }

    /// What values of a KPI tell of how they were credited; none where they were not.
    pub fn told_of(&self, kpi: Kpi) -> Option<(Arc<Rules>, bool)> {
        let chosen = self.0.as_ref()?;
        let side = self.side(kpi);
        (side != Side::Plain).then(|| (chosen.rules.clone(), side == Side::ByTouch))
    }

    /// What a reading of sums must know to credit them.
    pub fn on(&self, side: Side) -> Option<(&Chosen, bool)> {
        match side {
            Side::Plain => None,
            Side::ByEvent | Side::ByTouch => Some((self.0.as_ref()?, side == Side::ByTouch)),
        }
    }

    /// How a measure is read within a KPI.
    pub fn side_of(&self, kpi: Kpi, measure: Measure) -> Side {
        match measure.spec().fact.by_acquisition() {
            true => self.side(kpi),
            false => Side::Plain,
        }
    }

    /// How a KPI is credited. All that customers did is, where every part of it adds up; distinct people and states
    /// cannot be divided. Unless asked, KPIs that set results beside efforts count on the days of touches, so that an
    /// effort and what it brought meet in one period.
    pub fn side(&self, kpi: Kpi) -> Side {
        let Some(chosen) = &self.0 else {
            return Side::Plain;
        };
        let measures = || {
            kpi.definition()
                .measures
                .iter()
                .map(|measure| measure.under(Basis::Attributed))
        };
        let mut deeds = measures()
            .filter(|measure| measure.spec().fact.by_acquisition())
            .peekable();
        if deeds.peek().is_none() || !deeds.all(can_be_credited) {
            return Side::Plain;
        }
        let beside_efforts = measures().any(|measure| !measure.spec().fact.by_acquisition());
        match chosen.date_basis {
            Some(DateBasis::TouchDate) => Side::ByTouch,
            None if beside_efforts => Side::ByTouch,
            _ => Side::ByEvent,
        }
    }
}

impl Chosen {
    /// Reads credited sums of one fact: one statement for the facts, one for the touches of their customers, and few
    /// for what they refer to.
    pub async fn read(
        &self,
        store: &TeamStore,
        ask: &SumsAsk<'_>,
        fact: Fact,
        measures: &[Measure],
        by_touch: bool,
    ) -> Result<Read> {
        let ask = CreditAsk {
            fact,
            measures,
            cuts: ask.cuts,
            filter: ask.filter,
            days: ask.days,
            by_touch,
            calendar: ask.calendar,
            currency: ask.currency,
            rules: &self.rules,
            channels: &self.channels,
        };
        let model = self.rules.model;
        let credited = Material::read(store, &ask, &[model]).await?.credit(model);
        let mut found: Read = measures
            .iter()
            .map(|measure| (*measure, BTreeMap::new()))
            .collect();
        for (key, sums) in credited.together() {
            for (measure, sum) in measures.iter().zip(sums).filter(|(_, sum)| sum.any) {
                found
                    .entry(*measure)
                    .or_default()
                    .insert(key.clone(), sum.into());
            }
        }
        Ok(found)
    }
}

fn can_be_credited(measure: Measure) -> bool {
    measure.spec().fact.is_deed() && measure.additivity() == Additivity::Additive
}

impl From<CreditSum> for Sum {
    fn from(sum: CreditSum) -> Self {
        Self {
            value: sum.value(),
            undefined: sum
                .missing_rate
                .map(|currency| Undefined::MissingFxRate { currency }),
            estimated: sum.estimated,
        }
    }
}

/// How facts are read: as they are, or credited to touches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// As they are.
    Plain,
    /// Credited, on the days of the facts.
    ByEvent,
    /// Credited, on the days of the touches.
    ByTouch,
}

/// Sums of facts as they are, and credited ones.
pub struct Sides(BTreeMap<Side, Sums>);

impl FromIterator<(Side, Sums)> for Sides {
    fn from_iter<I: IntoIterator<Item = (Side, Sums)>>(sides: I) -> Self {
        Self(sides.into_iter().collect())
    }
}

impl Sides {
    /// Each way of reading, and its sums.
    pub fn iter(&self) -> impl Iterator<Item = (Side, &Sums)> {
        self.0.iter().map(|(side, sums)| (*side, sums))
    }

    /// Every group that any measure has.
    pub fn keys(&self) -> impl Iterator<Item = &GroupKey> {
        self.0.values().flat_map(Sums::keys)
    }

    /// The measure's count in a group; zero where there is none.
    pub fn count(&self, side: Side, measure: Measure, key: &GroupKey) -> Decimal {
        let sums = self.0.get(&side);
        sums.map_or(Decimal::ZERO, |sums| sums.count(measure, key))
    }

    /// The measure's value in a group as a formula needs it, and whether it is estimated: see [`Sums::term`].
    pub fn term(
        &self,
        side: Side,
        measure: Measure,
        key: &GroupKey,
        delivered: bool,
    ) -> (Term, bool) {
        static NOTHING: LazyLock<Sums> = LazyLock::new(Sums::default);
        self.0
            .get(&side)
            .unwrap_or(&NOTHING)
            .term(measure, key, delivered)
    }
}
