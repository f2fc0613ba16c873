//! Filters over credited facts: what a fact itself tells is asked of the database, what its touches tell is asked here.

use crate::store::measures::{Cut, Dimension, Filter, Key, Predicate, PredicateOp};

/// The part of a filter that the facts alone decide, and the rest.
pub fn divide(filter: &Filter) -> (Filter, Filter) {
    match filter {
        Filter::And(parts) => parts.iter().map(divide).fold(
            (Filter::Everything, Filter::Everything),
            |(facts, rest), part| (facts.and(part.0), rest.and(part.1)),
        ),
        other
            if Dimension::ALL
                .into_iter()
                .any(|d| d.credits() && other.names(d)) =>
        {
            (Filter::Everything, other.clone())
        }
        other => (other.clone(), Filter::Everything),
    }
}

/// What a filter asks of the facts, as cuts.
pub fn asked_of_facts(filter: &Filter, cuts: &mut Vec<Cut>) {
    match filter {
        Filter::Everything => {}
        Filter::And(parts) | Filter::Or(parts) => {
            parts.iter().for_each(|part| asked_of_facts(part, cuts));
        }
        Filter::Not(part) => asked_of_facts(part, cuts),
        // Groups are singled out only where people are counted, which are not credited.
        Filter::Groups { .. } => {}
        Filter::Is(predicate) if predicate.dimension.credits() => {}
        Filter::Is(predicate) => {
            let cut = cut_of(predicate);
            if !cuts.contains(&cut) {
                cuts.push(cut);
            }
        }
    }
}

/// The cut that tells what a predicate compares.
pub fn cut_of(predicate: &Predicate) -> Cut {
    match &predicate.property {
        Some(name) => Cut::Property(name.clone()),
        None => Cut::By(predicate.dimension),
    }
}

/// Whether the values that `value` tells pass. Empty dimensions count as empty texts and the id 0, as in the database.
pub fn passes(filter: &Filter, value: &dyn Fn(&Predicate) -> Key) -> bool {
    match filter {
        Filter::Everything | Filter::Groups { .. } => true,
        Filter::And(parts) => parts.iter().all(|part| passes(part, value)),
        Filter::Or(parts) => parts.iter().any(|part| passes(part, value)),
        Filter::Not(part) => !passes(part, value),
        Filter::Is(predicate) => matches(predicate, &value(predicate)),
    }
}

/// Whether a comparison of ids is by name.
pub fn by_name(predicate: &Predicate) -> bool {
    matches!(
        predicate.op,
        PredicateOp::Contains | PredicateOp::StartsWith
    )
}

fn matches(predicate: &Predicate, key: &Key) -> bool {
    let text = match key {
        Key::Text(text) => text.as_str(),
        _ => "",
    };
    let is_one_of = || match key {
        Key::Id(id) => predicate.ids.contains(id),
        Key::None if predicate.dimension.is_id() => predicate.ids.contains(&0),
        _ => predicate.texts.iter().any(|listed| listed == text),
    };
    let lower = |text: &str| text.to_ascii_lowercase();
    let first = || {
        predicate
            .texts
            .first()
            .map(|text| lower(text))
            .unwrap_or_default()
    };
    match predicate.op {
        PredicateOp::Eq | PredicateOp::In => is_one_of(),
        PredicateOp::NotIn => !is_one_of(),
        PredicateOp::Contains => lower(text).contains(&first()),
        PredicateOp::StartsWith => lower(text).starts_with(&first()),
        PredicateOp::IsNull => *key == Key::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is(dimension: Dimension, op: PredicateOp, texts: &[&str]) -> Filter {
        let texts = texts.iter().map(|text| (*text).to_owned()).collect();
        Filter::Is(Predicate {
            dimension,
            property: None,
            op,
            texts,
            ids: vec![],
        })
    }

    #[test]
    fn conjunctions_are_divided_and_mixtures_are_not() {
        let country = is(Dimension::Country, PredicateOp::Eq, &["IT"]);
        let kind = is(Dimension::ChannelKind, PredicateOp::Eq, &["EMAIL"]);
        let either = Filter::Or(vec![country.clone(), kind.clone()]);
        let all = Filter::And(vec![
            country.clone(),
            Filter::And(vec![kind.clone(), either.clone()]),
        ]);
        assert_eq!(divide(&all), (country.clone(), kind.and(either.clone())));
        let mut cuts = vec![];
        asked_of_facts(&either, &mut cuts);
        assert_eq!(cuts, [Cut::By(Dimension::Country)]);
        assert_eq!(divide(&country), (country, Filter::Everything));
    }

    #[test]
    fn comparisons_mean_what_they_mean_in_the_database() {
        use PredicateOp as Op;
        let ask = |op, texts: &[&str], key: Key| {
            passes(&is(Dimension::Country, op, texts), &move |_| key.clone())
        };
        let it = || Key::Text("IT".into());
        assert!(ask(Op::Eq, &["IT"], it()) && !ask(Op::NotIn, &["IT"], it()));
        assert!(ask(Op::Contains, &["t"], it()) && !ask(Op::StartsWith, &["t"], it()));
        assert!(ask(Op::NotIn, &["IT"], Key::None) && ask(Op::IsNull, &[], Key::None));
        assert!(ask(Op::In, &["", "DE"], Key::None) && !ask(Op::IsNull, &[], it()));
    }
}
