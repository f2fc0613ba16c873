//! What fields cost beside the objects that they give.

/// Points of a mutation, beside those of the rows in its input.
pub const MUTATION: u64 = 10;

/// Points of counting all rows of a list.
const COUNT: u64 = 10;
/// Fields by type and name, with their points: about a tenth of a millisecond of the database's time each, on a team
/// with a million facts.
pub const WEIGHTS: &[(&str, &str, u64)] = &[
    ("Campaign", "kpis", 10),
    ("Channel", "kpis", 10),
    ("Customer", "acquisition", 5),
    ("Customer", "kpis", 10),
    ("Customer", "value", 10),
    ("Dashboard", "breakdown", 50),
    ("Experiment", "variants", 50),
    ("Goal", "progress", 10),
    ("Query", "anomalies", 500),
    ("Query", "attribution", 500),
    ("Query", "cohorts", 500),
    ("Query", "customerData", 50),
    ("Query", "dashboard", 100),
    ("Query", "drivers", 300),
    ("Query", "funnel", 200),
    ("Query", "lifetimeValue", 500),
    ("Query", "metrics", 100),
    ("Team", "kpis", 50),
];

/// The elements of a page when none are asked for.
const USUAL_PAGE: u64 = 20;
/// Fields by type and name whose pages are larger.
const LARGER_PAGES: &[(&str, &str, u64)] = &[("Query", "changes", 100), ("Query", "metrics", 100)];

/// The elements of a field's page when none are asked for.
pub fn page_of(on: &str, field: &str) -> u64 {
    let listed = LARGER_PAGES
        .iter()
        .find(|(t, f, _)| (*t, *f) == (on, field));
    listed.map_or(USUAL_PAGE, |(_, _, usual)| *usual)
}

/// Points of a field beside the objects that it gives.
pub fn of(on: &str, field: &str) -> u64 {
    let listed = WEIGHTS.iter().find(|(t, f, _)| (*t, *f) == (on, field));
    match listed {
        Some((_, _, points)) => *points,
        None if field == "totalCount" => COUNT,
        None if on == "Mutation" => MUTATION,
        None => 0,
    }
}
