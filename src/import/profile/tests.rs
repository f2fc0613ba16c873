//! Every profile fits the format that it feeds, and no two can be mistaken for each other.

use std::collections::BTreeSet;

use super::*;

#[test]
fn names_are_their_own_and_sources_are_allowed() {
    let names: BTreeSet<_> = Profile::all().map(|profile| profile.name).collect();
    assert_eq!(names.len(), Profile::all().count());
    for profile in Profile::all() {
        assert_eq!(Profile::named(profile.name), Some(profile));
        assert!(
            crate::store::is_source_name(profile.source),
            "{}",
            profile.name
        );
        let by_name = profile.name.parse::<Format>();
        assert!(by_name.is_err(), "{} is a format, too", profile.name);
    }
}

#[test]
fn every_profile_stands_in_the_documents_table() {
    let documented = include_str!("../../../docs/import.md");
    let rows = documented.lines().filter(|line| line.starts_with("| "));
    let names: BTreeSet<&str> = rows
        .filter_map(|row| row.split('|').nth(1))
        .flat_map(|cell| cell.split(',').map(str::trim))
        .collect();
    for profile in Profile::all() {
        assert!(names.contains(profile.name), "{}", profile.name);
    }
}

#[test]
fn columns_are_named_as_headers_are_read_and_feed_what_the_format_needs() {
    for profile in Profile::all() {
        let shape = crate::import::shape(profile.format);
        let spans = profile.span.iter().flatten().copied();
        let taken = profile.columns.iter().map(|take| take.names);
        for names in profile.signs.iter().copied().chain(spans).chain(taken) {
            for name in names {
                assert_eq!(key(name), *name, "{}", profile.name);
            }
        }
        // A report may have days in its preamble.
        let lacks = shape.lacks(true, |name| {
            profile.columns.iter().any(|take| take.to == name)
        });
        assert_eq!(lacks, None, "{}", profile.name);
        let targets: BTreeSet<_> = profile.columns.iter().map(|take| take.to).collect();
        assert_eq!(
            targets.len(),
            profile.columns.len(),
            "{} fills a field twice",
            profile.name
        );
    }
}

#[test]
fn a_currency_in_a_name_is_no_part_of_it() {
    let record = StringRecord::from(vec!["Amount spent (USD)", "Clicks (all)", "CTR"]);
    let names = column_names(&record);
    assert_eq!(find(&names, &["amount_spent"]), Some(0));
    assert_eq!(names[0].currency, Some(Currency::USD));
    assert_eq!(find(&names, &["clicks", "clicks_all"]), Some(1));
    assert_eq!(names[1].currency, None);
}
