//! Which endpoints' deliveries go out next: a share for every team and endpoint, so that dead ones starve nobody.

use std::collections::HashMap;

use crate::store::DueWebhooks;

/// An endpoint, by its team's id and its own.
pub type Key = (i64, i64);

/// How many attempts run at once.
const TOTAL: usize = 64;
/// Of these, to endpoints whose last attempt failed: they may keep a place for as long as the time allowed.
const FAILING: usize = 16;
/// To endpoints of one team.
const PER_TEAM: usize = 24;
/// To one endpoint.
const PER_ENDPOINT: usize = 8;

/// Attempts under way, by endpoint.
#[derive(Debug, Default)]
pub struct UnderWay(HashMap<Key, (usize, bool)>);

impl UnderWay {
    /// Notes that so many attempts to an endpoint began.
    pub fn begin(&mut self, due: DueWebhooks, attempts: usize) {
        let (count, failing) = self.0.entry(key(due)).or_default();
        (*count, *failing) = (*count + attempts, due.failing);
    }

    /// Notes that an attempt ended.
    pub fn end(&mut self, key: Key) {
        if let Some((count, _)) = self.0.get_mut(&key) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.0.remove(&key);
            }
        }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.values().map(|(count, _)| count).sum()
    }

    /// How many more attempts each endpoint gets: one place after the other goes to the team, and in it to the
    /// endpoint, that has the fewest.
    pub fn share_out(&self, due: &[DueWebhooks]) -> Vec<(DueWebhooks, usize)> {
        let mut teams: HashMap<i64, usize> = HashMap::new();
        for ((team, _), (count, _)) in &self.0 {
            *teams.entry(*team).or_default() += count;
        }
        let failing = self.0.values().filter(|(_, failing)| *failing);
        let mut failing: usize = failing.map(|(count, _)| count).sum();
        let mut shares: Vec<(DueWebhooks, usize, usize)> = due
            .iter()
            .map(|due| {
                (
                    *due,
                    self.0.get(&key(*due)).map_or(0, |(count, _)| *count),
                    0,
                )
            })
            .collect();
        for _ in self.count()..TOTAL {
            let places = shares.iter_mut().filter(|(due, has, given)| {
                let most = if due.failing { 1 } else { PER_ENDPOINT };
                let of_team = teams.get(&due.team).copied().unwrap_or(0);
                has + given < most && of_team < PER_TEAM && (!due.failing || failing < FAILING)
            });
            let neediest = places.min_by_key(|(due, has, given)| {
                let of_team = teams.get(&due.team).copied().unwrap_or(0);
                (of_team, due.failing, has + given)
            });
            let Some((due, _, given)) = neediest else {
                break;
            };
            *given += 1;
            *teams.entry(due.team).or_default() += 1;
            failing += usize::from(due.failing);
        }
        shares.retain(|(_, _, given)| *given > 0);
        shares
            .into_iter()
            .map(|(due, _, given)| (due, given))
            .collect()
    }
}

/// The key of an endpoint.
pub fn key(due: DueWebhooks) -> Key {
    (due.team, due.endpoint)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn due(team: i64, endpoint: i64, failing: bool) -> DueWebhooks {
        DueWebhooks {
            team,
            endpoint,
            failing,
        }
    }

    fn shares(under_way: &UnderWay, due: &[DueWebhooks]) -> Vec<(Key, usize)> {
        let shares = under_way.share_out(due);
        shares
            .into_iter()
            .map(|(due, given)| (key(due), given))
            .collect()
    }

    #[test]
    fn an_endpoint_and_a_team_get_no_more_than_their_share() {
        let nothing = UnderWay::default();
        assert_eq!(
            shares(&nothing, &[due(1, 1, false)]),
            [((1, 1), PER_ENDPOINT)]
        );
        let many: Vec<DueWebhooks> = (1..=5).map(|endpoint| due(1, endpoint, false)).collect();
        let given: usize = shares(&nothing, &many).iter().map(|(_, given)| given).sum();
        assert_eq!(given, PER_TEAM);
    }

    #[test]
    fn failing_endpoints_get_one_place_each_and_leave_most_to_others() {
        let mut all: Vec<DueWebhooks> = (1..=40).map(|team| due(team, 1, true)).collect();
        all.push(due(99, 1, false));
        let given = shares(&UnderWay::default(), &all);
        let failing: Vec<_> = given.iter().filter(|(key, _)| key.0 != 99).collect();
        assert_eq!(failing.len(), FAILING);
        assert!(failing.iter().all(|(_, given)| *given == 1));
        assert!(given.contains(&((99, 1), PER_ENDPOINT)));
    }

    #[test]
    fn a_team_with_hundreds_of_endpoints_does_not_shut_out_a_small_one() {
        let mut under_way = UnderWay::default();
        for endpoint in 1..=3 {
            under_way.begin(due(1, endpoint, false), PER_ENDPOINT);
        }
        let mut all: Vec<DueWebhooks> = (1..=300).map(|endpoint| due(1, endpoint, false)).collect();
        all.push(due(2, 1, false));
        assert_eq!(shares(&under_way, &all), [((2, 1), PER_ENDPOINT)]);
        under_way.end((1, 1));
        assert!(shares(&under_way, &all).iter().any(|(key, _)| key.0 == 1));
    }

    #[test]
    fn nothing_is_given_beyond_the_total() {
        let all: Vec<DueWebhooks> = (1..=100).map(|team| due(team, 1, false)).collect();
        let mut under_way = UnderWay::default();
        let given = under_way.share_out(&all);
        assert_eq!(given.iter().map(|(_, given)| given).sum::<usize>(), TOTAL);
        for (due, attempts) in given {
            under_way.begin(due, attempts);
        }
        assert_eq!(
            (under_way.count(), under_way.share_out(&all).len()),
            (TOTAL, 0)
        );
    }
}
