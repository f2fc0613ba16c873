//! Ids of rows: 63 bits, ordered by time, made here so that both databases and every instance can insert without asking.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::time::Clock;

/// 2024-01-01T00:00:00Z in milliseconds: 41 bits of milliseconds from here last until 2093.
const EPOCH_MS: u64 = 1_704_067_200_000;
/// The bits below the millisecond: they start at random, so that two instances hardly ever meet, and count up.
const LOW_BITS: u32 = 22;

static LAST: AtomicU64 = AtomicU64::new(0);

/// A new id, larger than every id that this process made before.
pub fn next(clock: Clock) -> i64 {
    let ms = u64::try_from(clock.now().timestamp_millis())
        .unwrap_or(0)
        .saturating_sub(EPOCH_MS);
    let low = getrandom::u32().unwrap_or(0) & ((1 << LOW_BITS) - 1);
    let fresh = (ms << LOW_BITS) | u64::from(low >> 1);
    let mut id = fresh;
    // Within a millisecond, or when the clock steps back, count on from the last id.
    let _ = LAST.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| {
        id = if fresh > last && fresh >> LOW_BITS != last >> LOW_BITS {
            fresh
        } else {
            last.max(fresh) + 1
        };
        Some(id)
    });
    i64::try_from(id & (u64::MAX >> 1)).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_grow_and_never_repeat_across_threads() {
        let threads: Vec<_> = (0..4)
            .map(|_| {
                std::thread::spawn(|| {
                    (0..10_000)
                        .map(|_| next(Clock::system()))
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        let mut all = Vec::new();
        for thread in threads {
            let ids = thread.join().unwrap();
            assert!(ids.windows(2).all(|pair| pair[0] < pair[1]));
            all.extend(ids);
        }
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
