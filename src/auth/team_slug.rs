//! The name of a team in tokens and on the command line.

use std::{fmt, str::FromStr};

/// A team's short name: 1 to 63 characters of `a` to `z`, `0` to `9` and `-`, not beginning with `-`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TeamSlug(String);

impl TeamSlug {
    /// The slug as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TeamSlug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The text is not a team's slug.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a team slug; allowed are 1 to 63 characters of a-z, 0-9 and -, not beginning with -")]
pub struct InvalidTeamSlug;

impl FromStr for TeamSlug {
    type Err = InvalidTeamSlug;

    fn from_str(text: &str) -> Result<Self, InvalidTeamSlug> {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let valid =
            (1..=63).contains(&text.len()) && !text.starts_with('-') && text.bytes().all(allowed);
        if valid {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidTeamSlug)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_short_lower_case_names() {
        for slug in ["a", "7", "acme-eu-2", "a-", &"x".repeat(63)] {
            assert_eq!(slug.parse::<TeamSlug>().unwrap().as_str(), slug);
        }
        for text in ["", "-a", "Acme", "a_b", "a b", "é", "a\n", &"x".repeat(64)] {
            assert_eq!(text.parse::<TeamSlug>(), Err(InvalidTeamSlug), "{text:?}");
        }
    }
}
