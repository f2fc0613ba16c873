//! Which KPIs to look at: by audience, by objective, and what speaks against a choice.

use entity::{dashboard::Audience, values::Objective};

use super::{Kpi, definition::JourneyStage, graphql_name};
use crate::store::measures::Dimension;

/// The most KPIs that a person can keep an eye on.
const MOST_KPIS: usize = 7;

/// The KPIs that an audience looks at unless the team chose others: seven at most, from every stage of the journey.
pub fn usual(audience: Audience) -> &'static [Kpi] {
    match audience {
        Audience::Executive => &[
            Kpi::Revenue,
            Kpi::Roi,
            Kpi::Cac,
            Kpi::ClvCohort,
            Kpi::LtvToCac,
            Kpi::Sessions,
            Kpi::Ctr,
        ],
        Audience::Manager => &[
            Kpi::Cpl,
            Kpi::ConversionRate,
            Kpi::Roas,
            Kpi::Spend,
            Kpi::Sessions,
            Kpi::Ctr,
            Kpi::RepeatPurchaseRate,
        ],
        Audience::Specialist => &[
            Kpi::EngagementRate,
            Kpi::Reach,
            Kpi::NetNewFollowers,
            Kpi::Ctr,
            Kpi::Cpc,
            Kpi::ConversionRate,
            Kpi::UnsubscribeRate,
        ],
    }
}

/// By what an audience breaks its KPIs down.
pub fn breakdown(audience: Audience) -> Dimension {
    match audience {
        Audience::Executive | Audience::Specialist => Dimension::Channel,
        Audience::Manager => Dimension::Campaign,
    }
}

/// The KPIs that tell whether an objective is reached, the most telling first.
pub fn recommended(objective: Objective) -> &'static [Kpi] {
    match objective {
        Objective::Awareness => &[
            Kpi::Reach,
            Kpi::Impressions,
            Kpi::Sessions,
            Kpi::BrandAwarenessUnaided,
            Kpi::ShareOfVoice,
        ],
        Objective::Traffic => &[Kpi::Sessions, Kpi::Clicks, Kpi::Ctr, Kpi::Cpc],
        Objective::Leads => &[
            Kpi::Mqls,
            Kpi::LpConversionRate,
            Kpi::Cpl,
            Kpi::Leads,
            Kpi::LeadQuality,
        ],
        Objective::Sales => &[
            Kpi::Aov,
            Kpi::ConversionRate,
            Kpi::Roas,
            Kpi::Revenue,
            Kpi::Cac,
        ],
        Objective::Retention => &[
            Kpi::RetentionRate,
            Kpi::ChurnRate,
            Kpi::RepeatPurchaseRate,
            Kpi::ClvCohort,
            Kpi::Nps,
        ],
    }
}

/// What speaks against a choice of KPIs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, async_graphql::Enum)]
pub enum DashboardWarningCode {
    /// There are more than seven KPIs, more than a person can keep an eye on.
    TooManyKpis,
    /// A stage of the customer's journey has no KPI.
    StageLeftOut,
    /// A KPI looks good without meaning much.
    VanityMetric,
}

/// One thing that speaks against a choice of KPIs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The case.
    pub code: DashboardWarningCode,
    /// The KPI, where it is about one.
    pub metric: Option<Kpi>,
    /// The stage, where it is about one.
    pub stage: Option<JourneyStage>,
    /// The case in words.
    pub message: String,
}

/// What speaks against these KPIs: too many, a stage left out, vanity metrics. In this order; empty when nothing does.
pub fn lint(kpis: &[Kpi]) -> Vec<Finding> {
    const STAGES: [JourneyStage; 4] = [
        JourneyStage::Awareness,
        JourneyStage::Consideration,
        JourneyStage::Conversion,
        JourneyStage::Loyalty,
    ];
    let mut found = Vec::new();
    if kpis.len() > MOST_KPIS {
        found.push(Finding {
            code: DashboardWarningCode::TooManyKpis,
            metric: None,
            stage: None,
            message: format!(
                "{} KPIs are more than a person can keep an eye on; choose {MOST_KPIS} at most",
                kpis.len()
            ),
        });
    }
    let covers = |stage: JourneyStage| kpis.iter().any(|kpi| kpi.definition().stage == Some(stage));
    found.extend(
        STAGES
            .into_iter()
            .filter(|stage| !covers(*stage))
            .map(|stage| Finding {
                code: DashboardWarningCode::StageLeftOut,
                metric: None,
                stage: Some(stage),
                message: format!("no KPI tells of the stage {}", graphql_name(stage)),
            }),
    );
    let vain = kpis.iter().filter(|kpi| kpi.definition().vanity);
    found.extend(vain.map(|kpi| Finding {
        code: DashboardWarningCode::VanityMetric,
        metric: Some(*kpi),
        stage: None,
        message: format!(
            "{} looks good without meaning much; choose what it leads to",
            graphql_name(*kpi)
        ),
    }));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_speaks_against_the_usual_dashboards() {
        for audience in [Audience::Executive, Audience::Manager, Audience::Specialist] {
            assert_eq!(lint(usual(audience)), [], "{audience:?}");
        }
    }

    #[test]
    fn each_kind_of_mistake_is_found() {
        let codes = |kpis: &[Kpi]| {
            let found = lint(kpis);
            found
                .iter()
                .map(|finding| (finding.code, finding.stage, finding.metric))
                .collect::<Vec<_>>()
        };
        use DashboardWarningCode as C;
        assert_eq!(
            codes(&[Kpi::Impressions, Kpi::Ctr, Kpi::Cac]),
            [
                (C::StageLeftOut, Some(JourneyStage::Loyalty), None),
                (C::VanityMetric, None, Some(Kpi::Impressions)),
            ]
        );
        let mut eight = usual(Audience::Executive).to_vec();
        eight.push(Kpi::Mer);
        assert_eq!(codes(&eight), [(C::TooManyKpis, None, None)]);
        assert_eq!(codes(&[]).len(), 4);
    }

    #[test]
    fn every_objective_has_metrics_of_which_none_is_named_twice() {
        for objective in [
            Objective::Awareness,
            Objective::Traffic,
            Objective::Leads,
            Objective::Sales,
            Objective::Retention,
        ] {
            let kpis = recommended(objective);
            let distinct: std::collections::BTreeSet<_> = kpis.iter().collect();
            assert!(
                kpis.len() >= 3 && distinct.len() == kpis.len(),
                "{objective:?}"
            );
        }
    }
}
