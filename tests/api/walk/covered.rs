//! What the walk must have covered. Whatever it cannot is in a list here with the reason.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    asking::{Asking, Recipe},
    schema::{Root, Schema},
};

/// Fields of roots that no arguments are found for, as `Root.field`, each with the reason.
const NOT_CALLED: &[(&str, &str)] = &[];

/// Types of nodes that a team of this test has none of, each with the reason.
const NO_NODES: &[(&str, &str)] = &[];

/// Fields that no document of this test selects, as `Type.field`, each with the reason.
const NOT_SELECTED: &[(&str, &str)] = &[];

/// Every field of the roots was called with success, every kind of node was found, every field was asked for; or it is
/// in a list. Subscriptions fail where they are walked.
pub fn everything_was_walked(
    schema: &Schema,
    walked: &BTreeMap<&str, BTreeMap<String, Recipe>>,
    team: &Asking<'_>,
) {
    let mut wrong = Vec::new();

    let roots = [Root::Query, Root::Mutation].into_iter();
    let names = roots.flat_map(|root| {
        let fields = schema.root(root).iter();
        fields.map(move |field| format!("{root:?}.{}", field.name))
    });
    let not_called = names.filter(|name| !walked.values().all(|all| all.contains_key(name)));
    hold(not_called, "NOT_CALLED", NOT_CALLED, &mut wrong, |name| {
        let tried = team.failed.get(name).map_or("nothing", String::as_str);
        format!(
            "the field {name} is not walked, as no arguments were found with which it does what it is asked; give them \
            in SPECIAL or PREFERRED of walk/values.rs, or what they need in walk/rows.rs. Tried: {tried}."
        )
    });

    let nodes = schema.possible("Node").into_iter().map(str::to_owned);
    let no_nodes = nodes.filter(|of| !team.types.contains(of));
    hold(no_nodes, "NO_NODES", NO_NODES, &mut wrong, |name| {
        format!("there is no {name} whose id could be tried; make one in walk/rows.rs.")
    });

    let all = schema.all_fields().into_iter();
    let of_types = all.filter(|field| {
        let of = field.split('.').next().unwrap_or_default();
        !["Query", "Mutation", "Subscription"].contains(&of)
    });
    let not_selected = of_types.filter(|field| !team.selected.contains(field));
    hold(
        not_selected,
        "NOT_SELECTED",
        NOT_SELECTED,
        &mut wrong,
        |name| {
            format!(
                "the field {name} is asked for by no document; its arguments need values in SPECIAL of walk/values.rs, or \
            DEPTH in walk/asking.rs does not reach it."
            )
        },
    );

    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Notes what is missing and not in the list, and what is in the list and not missing.
fn hold(
    missing: impl Iterator<Item = String>,
    name: &str,
    list: &[(&str, &str)],
    wrong: &mut Vec<String>,
    sentence: impl Fn(&str) -> String,
) {
    let missing: BTreeSet<String> = missing.collect();
    let listed: BTreeSet<String> = list.iter().map(|(name, _)| (*name).to_owned()).collect();
    for field in missing.difference(&listed) {
        let way_out = format!("Or put it into {name} of walk/covered.rs with the reason.");
        wrong.push(format!("{} {way_out}", sentence(field)));
    }
    for field in listed.difference(&missing) {
        wrong.push(format!(
            "{field} is walked: take it out of {name} in walk/covered.rs"
        ));
    }
}
