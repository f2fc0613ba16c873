//! What of a question fits: which measures its cuts, filter, basis and rights allow to read, how each is read, and on
//! whose word a value rests then.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use entity::values::Basis;

use super::{
    DateBasis, Metric, Undefined,
    attribution::{Rules, Side},
    plan::Plan,
};
use crate::{
    auth::Scope,
    store::measures::{Cut, Dimension, Measure},
};

impl Plan<'_> {
    /// The measures of a metric on the basis asked.
    pub(super) fn measures(&self, metric: &Metric) -> Vec<Measure> {
        self.taking.measures(metric)
    }

    /// Why a measure of a metric cannot be read with these cuts and this filter, if it cannot.
    pub(super) fn misfit(
        &self,
        metric: &Metric,
        measure: Measure,
        cuts: &[Cut],
        side: Side,
    ) -> Option<Undefined> {
        let fact = measure.spec().fact;
        let asked = |dimension: &Dimension| {
            cuts.iter().any(|cut| cut.dimension() == *dimension)
                || self.ask.filter.names(*dimension)
        };
        if self.reading.forgets(measure) {
            return Some(Undefined::NoHistory(measure, None));
        }
        // The team's setting is about advertising results; only a query can insist on crediting nobody.
        let blended = self.ask.basis == Some(Basis::Blended) && fact.by_acquisition();
        for dimension in Dimension::ALL.into_iter().filter(asked) {
            if !self.ask.rights.personal
                && dimension == Dimension::Property
                && fact.tells_of_persons()
            {
                return Some(Undefined::NotPermitted(Scope::PersonalDataRead));
            }
            if self.reading.forgets_dimension(fact, dimension) {
                return Some(Undefined::NoHistory(measure, Some(dimension)));
            }
            let cut = cuts.iter().any(|cut| cut.dimension() == dimension);
            let untouched = dimension == Dimension::ConversionType
                && !cut
                && !measure.counts_conversions()
                && self.narrows_conversions(metric);
            let fits = dimension.fits(fact) || (side != Side::Plain && dimension.credits());
            if !untouched && (!fits || (blended && dimension.credits())) {
                return Some(Undefined::IncompatibleDimension(measure, dimension));
            }
        }
        None
    }

    /// Whether naming a conversion type narrows conversions alone: spend and clicks per signup are all spend and
    /// clicks. Of a metric without conversions, or of conversions of a type or a country, that would be nonsense.
    fn narrows_conversions(&self, metric: &Metric) -> bool {
        self.ask.filter.separates(Dimension::ConversionType)
            && self
                .measures(metric)
                .into_iter()
                .any(Measure::counts_conversions)
    }

    /// The measures that these cuts and the caller's rights allow to read, by how they are read.
    pub(super) fn readable(&self, cuts: &[Cut]) -> BTreeMap<Side, Vec<Measure>> {
        let mut measures: BTreeMap<Side, BTreeSet<Measure>> = BTreeMap::new();
        for metric in &self.metrics {
            if !self.ask.rights.money && metric.needs_money() {
                continue;
            }
            for (side, measure) in self.sided(metric) {
                // How many of the orders have a known cost is told too.
                let all = measure.with_known_costs_too();
                for measure in std::iter::once(measure).chain(all) {
                    if self.misfit(metric, measure, cuts, side).is_none() {
                        measures.entry(side).or_default().insert(measure);
                    }
                }
            }
        }
        let lists = measures.into_iter();
        lists
            .map(|(side, measures)| (side, measures.into_iter().collect()))
            .collect()
    }

    /// The measures of a metric, and how each is read.
    pub(super) fn sided(&self, metric: &Metric) -> Vec<(Side, Measure)> {
        let mut found = Vec::new();
        for kpi in metric.kpis() {
            let measures = kpi.definition().measures.iter();
            let measures = measures.map(|measure| self.taking.of(*measure));
            found.extend(measures.map(|measure| (self.crediting.side_of(kpi, measure), measure)));
        }
        found
    }

    /// What values of a metric tell of how they were credited; none where they were not.
    pub(super) fn credited(&self, metric: &Metric) -> Option<(Arc<Rules>, bool)> {
        let kpis = metric.kpis();
        kpis.into_iter().find_map(|kpi| self.crediting.told_of(kpi))
    }

    /// On whose word a KPI rests: the platforms', the customers' credited to who acquired them, or nobody's.
    pub(super) fn basis_of(&self, metric: &Metric, cuts: &[Cut]) -> Basis {
        let facts: Vec<_> = self
            .measures(metric)
            .into_iter()
            .map(|measure| measure.spec().fact)
            .collect();
        if self
            .sided(metric)
            .iter()
            .any(|(side, _)| *side != Side::Plain)
        {
            return Basis::Attributed;
        }
        let credited = cuts.iter().any(|cut| cut.dimension().credits())
            || Dimension::ALL
                .iter()
                .any(|dimension| dimension.credits() && self.ask.filter.names(*dimension));
        let by_customers = facts.iter().any(|fact| fact.by_acquisition());
        match (by_customers, credited) {
            (false, _) => Basis::PlatformReported,
            (true, true) => Basis::AcquiredCohort,
            (true, false) => Basis::Blended,
        }
    }
}

/// Which measures take the place of those that formulas name.
#[derive(Clone, Copy)]
pub(super) struct Taking {
    /// On whose word results rest.
    pub basis: Basis,
    /// By which day refunds count, where that was asked.
    pub refunds_by: Option<DateBasis>,
}

impl Taking {
    /// The measure that is read for one that a formula names.
    pub fn of(self, measure: Measure) -> Measure {
        DateBasis::taken(self.refunds_by, measure.under(self.basis))
    }

    /// What is read for a metric.
    pub fn measures(self, metric: &Metric) -> Vec<Measure> {
        let measures = metric.measures();
        measures.iter().map(|measure| self.of(*measure)).collect()
    }
}
