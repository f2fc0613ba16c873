//! What is said of KPIs and of their missing values, in the language of the request.

use fluent_bundle::FluentArgs;

use super::{Undefined, definition::Definition, graphql_name, lifetime::Degenerate};
use crate::locale::{Language, text};

impl Definition {
    /// The KPI's name.
    pub fn name_in(&self, language: Language) -> String {
        self.translated(language, None)
            .unwrap_or_else(|| self.name.to_owned())
    }

    /// What the KPI means, and when it is null.
    pub fn text_in(&self, language: Language) -> String {
        self.translated(language, Some("description"))
            .unwrap_or_else(|| self.text())
    }

    fn translated(&self, language: Language, attribute: Option<&str>) -> Option<String> {
        text(
            language,
            &graphql_name(self.kpi),
            attribute,
            &FluentArgs::new(),
        )
    }
}

impl Undefined {
    /// The case in words. Measures, dimensions and scopes keep the names that they have in the API.
    pub fn message_in(self, language: Language) -> String {
        text(
            language,
            &graphql_name(self.code()),
            None,
            &self.arguments(),
        )
        .unwrap_or_else(|| self.message())
    }

    fn arguments(self) -> FluentArgs<'static> {
        let mut arguments = FluentArgs::new();
        match self {
            Self::ZeroDenominator | Self::OutOfRange | Self::NoTarget | Self::NoBenchmark => {}
            Self::NoData(measure) | Self::NotAdditive(measure) => {
                arguments.set("measure", measure.name());
            }
            Self::MissingFxRate { currency } => {
                arguments.set("currency", String::from_utf8_lossy(&currency).into_owned());
            }
            Self::IncompatibleDimension(measure, dimension) => {
                arguments.set("measure", measure.name());
                arguments.set("dimension", graphql_name(dimension));
            }
            Self::NoHistory(measure, None) => arguments.set("what", measure.name()),
            Self::NoHistory(measure, Some(dimension)) => arguments.set(
                "what",
                format!("{} / {}", measure.name(), graphql_name(dimension)),
            ),
            Self::CutsSpan(days) => {
                arguments.set("from", days.from.to_string());
                arguments.set("to", days.to.to_string());
            }
            Self::MissingCost { orders } => arguments.set("orders", orders),
            Self::NotPaidBack { months } => arguments.set("months", months),
            Self::SampleTooSmall { found, needed } => {
                arguments.set("found", found);
                arguments.set("needed", needed);
            }
            Self::NoFit(Degenerate::RunsOff(parameter)) => {
                arguments.set("why", "runs-off");
                arguments.set("parameter", parameter);
            }
            Self::NoFit(Degenerate::NoMaximum) => arguments.set("why", "no-maximum"),
            Self::NoFit(Degenerate::NoMean) => arguments.set("why", "no-mean"),
            Self::NotPermitted(scope) => arguments.set("scope", scope.as_str()),
        }
        arguments
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use async_graphql::resolver_utils::EnumType as _;
    use chrono::NaiveDate;

    use super::*;
    use crate::{
        auth::Scope,
        kpi::{Kpi, UndefinedCode},
        locale::ids_by_file,
        store::measures::{Dimension, Measure},
        time::DateRange,
    };

    fn translated() -> impl Iterator<Item = Language> {
        Language::ALL
            .into_iter()
            .filter(|language| *language != Language::English)
    }

    /// The differences between what a language has and what it needs.
    fn compare(
        language: Language,
        had: impl IntoIterator<Item = String>,
        needed: BTreeSet<String>,
    ) {
        let had: BTreeSet<_> = had.into_iter().collect();
        let missing: Vec<_> = needed.difference(&had).collect();
        let unknown: Vec<_> = had.difference(&needed).collect();
        assert!(missing.is_empty(), "{language:?} lacks {missing:?}");
        assert!(
            unknown.is_empty(),
            "{language:?} has what nothing needs: {unknown:?}"
        );
    }

    #[test]
    fn every_kpi_has_a_name_and_a_description_in_every_language_and_nothing_else_has() {
        for language in translated() {
            let keys = Kpi::ALL.iter().map(|kpi| graphql_name(*kpi));
            let [ids, _] = ids_by_file(language);
            compare(language, ids, keys.collect());
            for kpi in Kpi::ALL {
                let definition = kpi.definition();
                for attribute in [None, Some("description")] {
                    let text = definition.translated(language, attribute);
                    assert!(
                        text.is_some_and(|text| !text.contains('\n')),
                        "{language:?} {kpi:?} {attribute:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn names_tell_kpis_apart_in_every_language() {
        for language in Language::ALL {
            let mut seen = BTreeSet::new();
            for kpi in Kpi::ALL {
                let name = kpi.definition().name_in(language);
                assert!(
                    seen.insert(name.clone()),
                    "{language:?} calls two KPIs {name}"
                );
            }
        }
    }

    #[test]
    fn every_code_of_a_reason_has_words_in_every_language() {
        for language in translated() {
            let [_, ids] = ids_by_file(language);
            for code in UndefinedCode::items() {
                assert!(
                    ids.iter().any(|id| id == code.name),
                    "{language:?} lacks {}",
                    code.name
                );
            }
        }
    }

    #[test]
    fn every_reason_is_given_in_every_language_with_what_it_is_about() {
        for (reason, about) in [
            (Undefined::NoData(Measure::spend), vec!["spend"]),
            (Undefined::ZeroDenominator, vec![]),
            (Undefined::OutOfRange, vec![]),
            (Undefined::MissingFxRate { currency: *b"CHF" }, vec!["CHF"]),
            (
                Undefined::IncompatibleDimension(Measure::spend, Dimension::Customer),
                vec!["spend", "CUSTOMER"],
            ),
            (Undefined::NotAdditive(Measure::reach), vec!["reach"]),
            (Undefined::NoHistory(Measure::spend, None), vec!["spend"]),
            (
                Undefined::NoHistory(Measure::spend, Some(Dimension::Customer)),
                vec!["spend", "CUSTOMER"],
            ),
            (Undefined::NotPaidBack { months: 24 }, vec!["24"]),
            (
                Undefined::SampleTooSmall {
                    found: 7,
                    needed: 50,
                },
                vec!["7", "50"],
            ),
            (
                Undefined::NoFit(Degenerate::RunsOff("alpha")),
                vec!["alpha"],
            ),
            (Undefined::NoFit(Degenerate::NoMaximum), vec![]),
            (Undefined::NoFit(Degenerate::NoMean), vec![]),
            (Undefined::NoTarget, vec![]),
            (Undefined::NoBenchmark, vec![]),
            (
                Undefined::CutsSpan(DateRange {
                    from: NaiveDate::MIN,
                    to: NaiveDate::MAX,
                }),
                vec!["262142"],
            ),
            (Undefined::MissingCost { orders: 21 }, vec!["21"]),
            (
                Undefined::NotPermitted(Scope::MoneyRead),
                vec!["MONEY_READ"],
            ),
        ] {
            let english = reason.message_in(Language::English);
            assert_eq!(english, reason.message());
            for language in translated() {
                let message = reason.message_in(language);
                assert_ne!(message, english, "{language:?}");
                assert!(about.iter().all(|word| message.contains(word)), "{message}");
            }
        }
    }

    #[test]
    fn russian_counts_orders_in_its_own_way() {
        let message = |orders| Undefined::MissingCost { orders }.message_in(Language::Russian);
        assert_eq!(message(1), "себестоимость неизвестна для 1 заказа");
        assert_eq!(message(5), "себестоимость неизвестна для 5 заказов");
        assert_eq!(message(21), "себестоимость неизвестна для 21 заказа");
    }
}
