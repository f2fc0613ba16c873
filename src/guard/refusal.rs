//! Why a request is refused before anything of it runs.

/// A bound that was passed. Nothing of what the client sent is repeated but numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the query's {what}: {actual} asked; at most {limit}")]
pub struct Exceeded {
    /// What is bounded; stable, for programs.
    pub what: &'static str,
    /// The most that is taken.
    pub limit: u64,
    /// What was asked.
    pub actual: u64,
}

impl Exceeded {
    /// Refuses what is over a limit.
    ///
    /// # Errors
    /// The bound that was passed.
    pub fn check(what: &'static str, actual: usize, limit: usize) -> Result<(), Refusal> {
        let wide = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        if actual > limit {
            return Err(Refusal::Exceeded(Self {
                what,
                limit: wide(limit),
                actual: wide(actual),
            }));
        }
        Ok(())
    }
}

/// Why a request is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A bound was passed.
    #[error(transparent)]
    Exceeded(#[from] Exceeded),
    /// The text is no document, whatever the parser would make of it.
    #[error("{0}")]
    Syntax(&'static str),
    /// A fragment leads back to itself.
    #[error("the fragment {0} spreads itself")]
    Cycle(String),
}
