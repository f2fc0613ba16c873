//! Figures that others count for a team, such as the searches for its brand.

/// The figures that others can count for a team.
pub const OUTSIDE_FIGURES: [&str; 16] = [
    "awareness_asked",
    "aware_aided",
    "aware_unaided",
    "brand_searches",
    "competitor_mentions",
    "eligible_impressions",
    "exposed_people",
    "market_people",
    "market_sales",
    "negative_comments",
    "page_revenue",
    "positive_comments",
    "scored_comments",
    "search_impressions",
    "top_impressions",
    "unique_pageviews",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::measures::Fact;

    #[test]
    fn every_figure_of_others_is_read_by_a_measure_and_every_such_measure_reads_one() {
        let measures = || {
            crate::kpi::Kpi::ALL
                .iter()
                .flat_map(|kpi| kpi.definition().measures)
        };
        let outside: Vec<_> = measures()
            .filter(|measure| measure.spec().fact == Fact::Outside)
            .collect();
        for figure in OUTSIDE_FIGURES {
            let quoted = format!("'{figure}'");
            assert!(
                outside
                    .iter()
                    .any(|measure| measure.sql().contains(&quoted)),
                "{figure}"
            );
        }
        for measure in outside {
            let known = |figure: &str| measure.sql().contains(&format!("'{figure}'"));
            assert!(
                OUTSIDE_FIGURES.iter().any(|figure| known(figure)),
                "{measure:?}"
            );
        }
    }
}
