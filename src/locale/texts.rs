//! Translated texts: Fluent files, embedded in the binary and read once per process.

use std::{collections::HashMap, sync::LazyLock};

use fluent_bundle::{FluentArgs, FluentResource, concurrent::FluentBundle};

use super::Language;

type Bundle = FluentBundle<FluentResource>;

macro_rules! sources {
    ($tag:literal) => {
        [
            include_str!(concat!("../../locales/", $tag, "/kpis.ftl")),
            include_str!(concat!("../../locales/", $tag, "/messages.ftl")),
        ]
    };
}

static BUNDLES: LazyLock<HashMap<Language, Bundle>> = LazyLock::new(|| {
    Language::ALL
        .map(|language| (language, bundle(language)))
        .into()
});

/// The files of a language; English has none, because its texts stand in the source.
fn sources(language: Language) -> &'static [&'static str] {
    match language {
        Language::English => &[],
        Language::SimplifiedChinese => &sources!("zh-CN"),
        Language::TraditionalChinese => &sources!("zh-TW"),
        Language::Russian => &sources!("ru"),
    }
}

fn resources(language: Language) -> impl Iterator<Item = FluentResource> {
    // What does not parse is left out, and English stands in; a test sees to it that all does.
    sources(language).iter().map(
        |source| match FluentResource::try_new((*source).to_owned()) {
            Ok(resource) | Err((resource, _)) => resource,
        },
    )
}

fn bundle(language: Language) -> Bundle {
    let mut bundle = Bundle::new_concurrent(language.tag().parse().into_iter().collect());
    // The marks that isolate arguments serve mixed directions of writing, which these languages lack.
    bundle.set_use_isolating(false);
    for resource in resources(language) {
        bundle.add_resource_overriding(resource);
    }
    bundle
}

/// The text `id` of a language, or its attribute. `None` in English, and when there is none or an argument is missing.
pub fn text(
    language: Language,
    id: &str,
    attribute: Option<&str>,
    arguments: &FluentArgs<'_>,
) -> Option<String> {
    let bundle = BUNDLES.get(&language)?;
    let message = bundle.get_message(id)?;
    let pattern = match attribute {
        None => message.value()?,
        Some(name) => message.get_attribute(name)?.value(),
    };
    let mut errors = Vec::new();
    let text = bundle.format_pattern(pattern, Some(arguments), &mut errors);
    errors.is_empty().then(|| text.into_owned())
}

/// The ids of the texts in a language's file of KPIs, and in that of the rest.
#[cfg(test)]
pub(crate) fn ids_by_file(language: Language) -> [Vec<String>; 2] {
    let mut files = resources(language).map(|resource| ids(&resource));
    [(); 2].map(|()| files.next().unwrap_or_default())
}

#[cfg(test)]
fn ids(resource: &FluentResource) -> Vec<String> {
    resource
        .entries()
        .filter_map(|entry| match entry {
            fluent_syntax::ast::Entry::Message(message) => Some(message.id.name.to_owned()),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_file_is_free_of_mistakes_and_says_nothing_twice() {
        for language in Language::ALL {
            let mut seen = BTreeSet::new();
            for source in sources(language) {
                if let Err((_, mistakes)) = FluentResource::try_new((*source).to_owned()) {
                    panic!("{language:?}: {mistakes:?}");
                }
            }
            for id in resources(language).flat_map(|resource| ids(&resource)) {
                assert!(seen.insert(id.clone()), "{language:?} has {id} twice");
            }
        }
    }

    #[test]
    fn a_text_that_lacks_an_argument_is_none_at_all() {
        let none = FluentArgs::new();
        assert_eq!(text(Language::Russian, "amount-per-day", None, &none), None);
        assert_eq!(text(Language::Russian, "no-such-text", None, &none), None);
    }
}
