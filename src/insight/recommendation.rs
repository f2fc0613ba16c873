//! A sentence on what changed, why, and what to look at: a template filled by rules, the same for the same numbers.
//!
//! "{KPI} on {segment} {change}: {component} {change}, …; mostly {driver}; {advice}." The advice is that of the component
//! that moved furthest the worse way, else of the KPI itself.

use rust_decimal::{Decimal, RoundingStrategy};

use super::components::{advice, is_worse};
use crate::kpi::{Kpi, definition::Direction};

/// What a sentence is about.
pub struct Subject<'a> {
    /// The KPI.
    pub kpi: Kpi,
    /// The segment's name; none for the whole team.
    pub segment: Option<&'a str>,
    /// The KPI's relative change.
    pub change: Decimal,
    /// The relative changes of its components, where they are known.
    pub components: &'a [(Kpi, Decimal)],
    /// What contributed most.
    pub driver: Option<Driver<'a>>,
}

/// The segment that contributed most.
pub struct Driver<'a> {
    /// The segment's name.
    pub name: &'a str,
    /// Whether its weight did more than its own rate.
    pub by_mix: bool,
}

/// Changes below one in a thousand are not worth a word.
const LEAST_TOLD: Decimal = Decimal::from_parts(1, 0, 0, false, 3);

/// The sentence; `None` when nothing moved.
pub fn sentence(subject: &Subject<'_>) -> Option<String> {
    if subject.change.abs() < LEAST_TOLD {
        return None;
    }
    let mut text = subject.kpi.definition().name.to_owned();
    if let Some(segment) = subject.segment {
        text = format!("{text} on {segment}");
    }
    text = format!("{text} {}", percent(subject.change));
    let told: Vec<String> = subject
        .components
        .iter()
        .filter(|(_, change)| change.abs() >= LEAST_TOLD)
        .map(|(kpi, change)| {
            format!(
                "{} {}",
                kpi.definition().name.to_lowercase(),
                percent(*change)
            )
        })
        .collect();
    if !told.is_empty() {
        text = format!("{text}: {}", told.join(", "));
    }
    if let Some(driver) = &subject.driver {
        let how = if driver.by_mix { "the weight of " } else { "" };
        text = format!("{text}; mostly {how}{}", driver.name);
    }
    Some(format!("{text}; {}.", what_to_do(subject)))
}

fn what_to_do(subject: &Subject<'_>) -> &'static str {
    if subject.kpi.definition().direction != Direction::Neutral
        && !is_worse(subject.kpi, subject.change)
    {
        return "find out what was changed and do more of it";
    }
    let worst = subject
        .components
        .iter()
        .filter(|(kpi, change)| change.abs() >= LEAST_TOLD && is_worse(*kpi, *change))
        // The first of equals, which is the more telling one.
        .rev()
        .max_by_key(|(_, change)| change.abs());
    match worst {
        Some((kpi, _)) => advice(*kpi),
        None if subject.kpi.definition().direction == Direction::Neutral => {
            "check that it was meant"
        }
        None => advice(subject.kpi),
    }
}

/// A signed percentage: whole from 10 % on, with one decimal below.
fn percent(change: Decimal) -> String {
    let percent = change.saturating_mul(Decimal::ONE_HUNDRED);
    let places = u32::from(percent.abs() < Decimal::TEN);
    let rounded = percent
        .round_dp_with_strategy(places, RoundingStrategy::MidpointNearestEven)
        .normalize();
    let sign = if rounded.is_sign_negative() {
        '−'
    } else {
        '+'
    };
    format!("{sign}{}\u{a0}%", rounded.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject<'a>(kpi: Kpi, change: &str, components: &'a [(Kpi, Decimal)]) -> Subject<'a> {
        Subject {
            kpi,
            segment: None,
            change: change.parse().unwrap(),
            components,
            driver: None,
        }
    }

    #[test]
    fn a_rising_cost_is_told_with_its_cause_and_what_to_review() {
        let components = [
            (Kpi::ClickConversionRate, Decimal::new(-31, 2)),
            (Kpi::Cpc, Decimal::new(2, 2)),
        ];
        let told = sentence(&Subject {
            segment: Some("Paid Search"),
            ..subject(Kpi::Cac, "0.42", &components)
        });
        assert_eq!(
            told.unwrap(),
            "Customer acquisition cost on Paid Search +42\u{a0}%: click conversion rate −31\u{a0}%, cost per click \
             +2\u{a0}%; review the landing page and the offer before the budget."
        );
    }

    #[test]
    fn the_component_that_moved_furthest_the_worse_way_gives_the_advice() {
        let components = [
            (Kpi::ClickConversionRate, Decimal::new(5, 2)),
            (Kpi::Cpc, Decimal::new(4, 1)),
        ];
        let told = sentence(&subject(Kpi::Cpa, "0.333", &components)).unwrap();
        assert!(
            told.ends_with("; review bids, keywords and audiences."),
            "{told}"
        );
    }

    #[test]
    fn what_improved_is_to_be_repeated_and_neutral_changes_to_be_checked() {
        let better = sentence(&subject(Kpi::Ctr, "0.25", &[])).unwrap();
        assert_eq!(
            better,
            "Click-through rate +25\u{a0}%; find out what was changed and do more of it."
        );
        let spent = sentence(&subject(Kpi::Spend, "-0.05", &[])).unwrap();
        assert_eq!(spent, "Ad spend −5\u{a0}%; check that it was meant.");
        assert_eq!(sentence(&subject(Kpi::Ctr, "0.0005", &[])), None);
    }

    #[test]
    fn the_largest_driver_is_named_with_how_it_works() {
        let told = sentence(&Subject {
            driver: Some(Driver {
                name: "Display",
                by_mix: true,
            }),
            ..subject(Kpi::Ctr, "-0.258", &[])
        });
        assert_eq!(
            told.unwrap(),
            "Click-through rate −26\u{a0}%; mostly the weight of Display; renew the ads and check whom they reach."
        );
    }
}
