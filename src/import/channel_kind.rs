//! What kind of channel a name suggests, for channels that an import meets first.

use entity::values::ChannelKind::{self, *};

/// Parts of names with the kind they suggest and whether it is paid for; the first part found decides.
const SIGNS: [(&[&str], ChannelKind, bool); 11] = [
    (&["organic_search", "seo"], OrganicSearch, false),
    (&["organic_social"], OrganicSocial, false),
    (&["youtube", "video"], Video, true),
    (&["display", "banner"], Display, true),
    (
        &["google", "bing", "paid_search", "sem", "ppc", "cpc"],
        PaidSearch,
        true,
    ),
    (
        &[
            "facebook",
            "instagram",
            "tiktok",
            "linkedin",
            "meta",
            "paid_social",
        ],
        PaidSocial,
        true,
    ),
    (&["email", "e_mail", "newsletter"], Email, false),
    (&["social", "twitter"], OrganicSocial, false),
    (&["affiliate"], Affiliate, true),
    (&["referral"], Referral, false),
    (&["direct"], Direct, false),
];

/// The kind of a channel and whether it is paid for. Advertising figures tell that even a social network is paid.
pub(super) fn guess(name: &str, advertising: bool) -> (ChannelKind, bool) {
    let name = name.to_lowercase().replace([' ', '-'], "_");
    let found = SIGNS
        .iter()
        .find(|(parts, _, _)| parts.iter().any(|part| has(&name, part)));
    let (kind, paid) = found.map_or((Other, false), |(_, kind, paid)| (*kind, *paid));
    if has(&name, "organic") {
        let kind = match kind {
            PaidSearch => OrganicSearch,
            PaidSocial => OrganicSocial,
            kind => kind,
        };
        return (kind, advertising);
    }
    let paid = paid || has(&name, "paid");
    match kind {
        PaidSocial if !advertising && !name.contains("paid") => (OrganicSocial, false),
        kind => (kind, paid || advertising),
    }
}

/// Whether the part begins a word of the name: `sem` is none of `assembly`.
fn has(name: &str, part: &str) -> bool {
    name.match_indices(part)
        .any(|(place, _)| place == 0 || name.as_bytes()[place - 1] == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_platforms_and_media_tell_the_kind() {
        for (name, kind, paid) in [
            ("google_ads", PaidSearch, true),
            ("paid_search", PaidSearch, true),
            ("Paid Search", PaidSearch, true),
            ("Online Display", Display, true),
            ("Google Display", Display, true),
            ("Online Video", Video, true),
            ("organic_search", OrganicSearch, false),
            ("social", OrganicSocial, false),
            ("Facebook", OrganicSocial, false),
            ("direct_traffic", Direct, false),
            ("referral", Referral, false),
            ("email", Email, false),
            ("affiliates", Affiliate, true),
            ("assembly", Other, false),
            ("unknown", Other, false),
            ("Organic Video", Video, false),
            ("Organic Shopping", Other, false),
            ("Paid Shopping", Other, true),
            ("Paid Other", Other, true),
        ] {
            assert_eq!(guess(name, false), (kind, paid), "{name}");
        }
        assert_eq!(guess("facebook_ads", true), (PaidSocial, true));
        assert_eq!(guess("tv", true), (Other, true));
    }
}
