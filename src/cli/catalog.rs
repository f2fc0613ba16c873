//! The catalogue of KPIs as a page of documentation.

use crate::kpi::{Kpi, graphql_name};

const HEAD: &str = "# The KPIs

Every key that `kpis` on campaigns, channels, customers and the team and `metrics` answer; `metricCatalog` says the same
to programs, in several languages. This page is printed by `kpigraph catalog`.

A ratio is the sum of its upper part over the sum of its lower part, at any grouping; over zero it is null with
`ZERO_DENOMINATOR`. Where no source has delivered anything for the days asked a value is null with `NO_DATA`. A key
with `?` looks good without meaning much (a vanity metric).

";

/// The page in Markdown.
pub fn markdown() -> String {
    let mut page = HEAD.to_owned();
    page.push_str("| key | formula | unit | adds up | better | stage | look | version |\n");
    page.push_str("|---|---|---|---|---|---|---|---|\n");
    for kpi in Kpi::ALL {
        let definition = kpi.definition();
        let stage = definition
            .stage
            .map_or_else(|| "–".to_owned(), graphql_name);
        page.push_str(&format!(
            "| [`{key}`](#{anchor}){vanity} | `{formula}` | {unit} | {additivity} | {direction} | {stage} | {cadence} \
             | {version} |\n",
            key = graphql_name(*kpi),
            anchor = graphql_name(*kpi).to_lowercase(),
            vanity = if definition.vanity { " ?" } else { "" },
            formula = definition.formula_text(),
            unit = graphql_name(definition.unit),
            additivity = graphql_name(definition.additivity()),
            direction = graphql_name(definition.direction),
            cadence = graphql_name(definition.cadence),
            version = crate::kpi::definition::Definition::VERSION,
        ));
    }
    for kpi in Kpi::ALL {
        let definition = kpi.definition();
        let dimensions: Vec<String> = definition
            .dimensions()
            .into_iter()
            .map(graphql_name)
            .collect();
        page.push_str(&format!(
            "\n### {}\n\n**{}.** {}\n\nCan be cut by: {}.\n",
            graphql_name(*kpi),
            definition.name,
            definition.text(),
            dimensions.join(", ")
        ));
    }
    page
}
