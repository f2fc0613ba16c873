//! Funnels: of the people who entered a stage in a period, how many reached the next ones since, and how fast.

use std::collections::BTreeSet;

use entity::values::LifecycleStage;
use rust_decimal::Decimal;

use super::{
    Kpi, KpiValue, Rights, Undefined,
    formula::Term,
    frame::{Frame, FrameAsk, compare},
    graphql_name, maturity,
    quantile::quantile,
};
use crate::{
    error::{Error, Result},
    store::{
        TeamStore,
        measures::{Cut, Entrant, EntrantsScan, Key, Measure},
    },
    time::{CompareAsk, DateRange, PeriodAsk, ResolvedPeriod},
};

const SECONDS_OF_A_DAY: i64 = 86_400;
/// The longest window, in days: ten years.
const MOST_WINDOW_DAYS: u32 = 3_650;

/// Whether the order of stages matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, async_graphql::Enum)]
pub enum FunnelOrder {
    /// A later step counts only when it was reached at or after the entry into the first.
    Sequential,
    /// A later step counts whenever it was reached, before the first one too: for records whose times are rough.
    Any,
}

/// A question for a funnel.
#[derive(Clone, Debug)]
pub struct FunnelAsk {
    /// On which days people entered the first step.
    pub period: PeriodAsk,
    /// The steps, in the order of the stages.
    pub steps: Vec<LifecycleStage>,
    /// Within how many days of the entry into the first step the others must be reached; ever, when `None`.
    pub window_days: Option<u32>,
    /// Whether the order matters.
    pub order: FunnelOrder,
    /// What tells people apart, if anything.
    pub split: Option<Cut>,
    /// Compared with people who entered in which period.
    pub compare: Option<CompareAsk>,
    /// Whether only days that are over count.
    pub only_complete: bool,
    /// What the caller may read.
    pub rights: Rights,
}

/// The answer.
pub struct Funnel {
    /// The period.
    pub period: ResolvedPeriod,
    /// The days of the baseline, where a comparison was asked.
    pub baseline: Option<DateRange>,
    /// All people.
    pub total: FunnelPart,
    /// The people of each value of the split, in the order of the values.
    pub parts: Vec<(Key, FunnelPart)>,
}

/// The funnel of some people.
pub struct FunnelPart {
    /// The steps.
    pub steps: Vec<FunnelStep>,
    /// The share of those who entered the first step who reached the last.
    pub overall: KpiValue,
}

/// One step.
pub struct FunnelStep {
    /// The stage.
    pub stage: LifecycleStage,
    /// How many people reached it.
    pub entered: u64,
    /// What became of them; none at the last step.
    pub next: Option<NextStep>,
}

/// How people went on from a step.
pub struct NextStep {
    /// How many reached the next step.
    pub converted: u64,
    /// Their share.
    pub rate: KpiValue,
    /// The whole seconds from this step to the next, of those who reached it, in ascending order.
    times: Vec<i64>,
}

impl NextStep {
    /// The seconds to the next step that `percent` of those who reached it did not exceed, interpolated linearly.
    pub fn time_to_next(&self, percent: u32) -> Option<i64> {
        quantile(&self.times, percent)
    }

    /// The average number of seconds to the next step.
    pub fn mean_time_to_next(&self) -> Option<i64> {
        let sum: Decimal = self.times.iter().copied().map(Decimal::from).sum();
        let mean = sum.checked_div(Decimal::from(self.times.len()))?;
        i64::try_from(mean.round()).ok()
    }
}

/// Answers a question.
pub async fn answer(store: &TeamStore, ask: &FunnelAsk) -> Result<Funnel> {
    check(ask)?;
    let frame = FrameAsk {
        period: &ask.period,
        compare: ask.compare.as_ref(),
        // Nothing of a funnel is an amount.
        currency: None,
        only_complete: ask.only_complete.then_some(None),
        rights: ask.rights,
    };
    let frame = frame.resolve(store).await?;
    let read = |days| people(store, ask, &frame, days);
    let days = frame.period.range;
    let (now, before) = futures_util::try_join!(read(days), async {
        match frame.baseline {
            Some(days) => read(days).await.map(Some),
            None => Ok(None),
        }
    })?;
    let part = |of: &dyn Fn(&Entrant) -> bool| {
        let people: Vec<&Entrant> = now.iter().filter(|person| of(person)).collect();
        let mut part = funnel_of(&people, ask, &frame, days);
        if let Some((before, baseline)) = before.as_ref().zip(frame.baseline) {
            let people: Vec<&Entrant> = before.iter().filter(|person| of(person)).collect();
            part.put_beside(funnel_of(&people, ask, &frame, baseline), baseline);
        }
        part
    };
    let total = part(&|_| true);
    let known = now.iter().chain(before.iter().flatten());
    let keys: BTreeSet<&Key> = match ask.split {
        Some(_) => known.map(|person| &person.key).collect(),
        None => BTreeSet::new(),
    };
    let parts = keys
        .into_iter()
        .map(|key| (key.clone(), part(&|person| person.key == *key)))
        .collect();
    Ok(Funnel {
        baseline: frame.baseline,
        period: frame.period,
        total,
        parts,
    })
}

fn check(ask: &FunnelAsk) -> Result<()> {
    if !(2..=8).contains(&ask.steps.len()) {
        let given = ask.steps.len();
        return Err(Error::Limit(format!(
            "input.steps: {given} steps were given; 2 to 8 are allowed"
        )));
    }
    let refuse = |place: usize, why: &str| {
        let stage = graphql_name(ask.steps[place]);
        Err(Error::invalid(&format!("input.steps[{place}]"), stage, why))
    };
    for (place, step) in ask.steps.iter().enumerate() {
        if *step == LifecycleStage::Churned {
            return refuse(place, "it leads nowhere: VISITOR to REPEAT are allowed");
        }
        if place > 0 && ask.steps[place - 1] >= *step {
            return refuse(
                place,
                "each step must come after the one before it, from VISITOR to REPEAT",
            );
        }
    }
    match ask.window_days {
        Some(days) if !(1..=MOST_WINDOW_DAYS).contains(&days) => Err(Error::invalid(
            "input.windowDays",
            days,
            &format!("1 to {MOST_WINDOW_DAYS} are allowed"),
        )),
        _ => Ok(()),
    }
}

/// The people who entered in these days; what they reached after the window is left out.
async fn people(
    store: &TeamStore,
    ask: &FunnelAsk,
    frame: &Frame,
    days: DateRange,
) -> Result<Vec<Entrant>> {
    let scan = EntrantsScan {
        steps: &ask.steps,
        days,
        split: ask.split.as_ref(),
        in_order: ask.order == FunnelOrder::Sequential,
        calendar: &frame.calendar,
    };
    let mut people = store.entrants(&scan).await?;
    if let Some(window) = ask.window_days {
        let window = i64::from(window).saturating_mul(SECONDS_OF_A_DAY);
        for person in &mut people {
            let last = person.entered.saturating_add(window);
            for reached in &mut person.reached {
                *reached = reached.filter(|at| *at <= last);
            }
        }
    }
    Ok(people)
}

fn funnel_of(people: &[&Entrant], ask: &FunnelAsk, frame: &Frame, days: DateRange) -> FunnelPart {
    let at = |person: &Entrant, step: usize| match step.checked_sub(1) {
        None => Some(person.entered),
        Some(later) => person.reached.get(later).copied().flatten(),
    };
    let count = |step| {
        count(
            people
                .iter()
                .filter(|person| at(person, step).is_some())
                .count(),
        )
    };
    let last = ask.steps.len() - 1;
    let steps = ask.steps.iter().enumerate().map(|(step, stage)| {
        let entered = count(step);
        let next = (step < last).then(|| {
            let time = |person: &&Entrant| Some(at(person, step + 1)? - at(person, step)?);
            let mut times: Vec<i64> = people.iter().filter_map(time).collect();
            times.sort_unstable();
            let converted = count(step + 1);
            NextStep {
                converted,
                rate: rate(converted, entered, ask, frame, days),
                times,
            }
        });
        FunnelStep {
            stage: *stage,
            entered,
            next,
        }
    });
    FunnelPart {
        steps: steps.collect(),
        overall: rate(count(last), count(0), ask, frame, days),
    }
}

fn count(people: usize) -> u64 {
    u64::try_from(people).unwrap_or(u64::MAX)
}

fn rate(converted: u64, entered: u64, ask: &FunnelAsk, frame: &Frame, days: DateRange) -> KpiValue {
    // Who ordered first is known from orders, who entered another stage from stages.
    let source = match ask.steps.first() {
        Some(LifecycleStage::Customer) => Measure::new_customers,
        _ => Measure::stage_entries,
    };
    let entered = match entered == 0 && !frame.delivered.covers(source, days) {
        true => Term::undefined(Undefined::NoData(source)),
        false => Term::count(entered.into()),
    };
    let terms = vec![Term::count(converted.into()), entered];
    let split = ask.split.is_some();
    let mut value = frame.value(Kpi::StageConversionRate, terms, days, split);
    value.provisional = maturity::is_window_open(days, ask.window_days, frame.today);
    value
}

impl FunnelPart {
    fn put_beside(&mut self, before: Self, days: DateRange) {
        compare(&mut self.overall, before.overall, days);
        let steps = self.steps.iter_mut().zip(before.steps);
        for (now, then) in steps.filter_map(|(now, then)| now.next.as_mut().zip(then.next)) {
            compare(&mut now.rate, then.rate, days);
        }
    }
}
