//! Lists that are short by nature and come whole, unless a client asks for fewer.

/// How many rows are given.
pub fn most(limit: Option<u32>) -> usize {
    limit.map_or(usize::MAX, |limit| limit.try_into().unwrap_or(usize::MAX))
}

/// The rows that are given.
pub fn start<T>(all: &[T], limit: Option<u32>) -> &[T] {
    &all[..all.len().min(most(limit))]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_cuts_the_end_off() {
        let all = [1, 2, 3];
        assert_eq!(start(&all, None), all);
        assert_eq!(start(&all, Some(2)), [1, 2]);
        assert_eq!(start(&all, Some(0)), [0; 0]);
        assert_eq!(start(&all, Some(4)), all);
    }
}
