//! What operations of each team cost. There may be thousands of teams, so only those that take the most of late are told
//! by name, the others together.

use std::{
    collections::HashMap,
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::{MetricType, counter::ConstCounter},
};

/// How often it is looked anew who takes the most. What was taken counts half after each look.
const RANKED_EVERY: Duration = Duration::from_secs(60);
/// Of so many teams it is known what they took of late; more than that are never told by name.
const KNOWN: usize = 10_000;
/// The name of all others; no team's slug looks so.
const OTHERS: &str = "(others)";

/// The points of teams.
#[derive(Debug)]
pub struct Teams {
    /// How many are told by name.
    most: usize,
    points: Mutex<Points>,
}

#[derive(Debug)]
struct Points {
    teams: HashMap<i64, Team>,
    others: u64,
    named: usize,
    ranked: Instant,
}

#[derive(Debug)]
struct Team {
    slug: String,
    /// What it took of late.
    recent: u64,
    /// What it took while it was told by name. It goes on from there when it is again, so it never falls.
    points: u64,
    named: bool,
}

impl Teams {
    /// Tells at most so many teams by name.
    pub fn new(most: usize) -> Self {
        Self {
            most,
            points: Mutex::new(Points {
                teams: HashMap::new(),
                others: 0,
                named: 0,
                ranked: Instant::now(),
            }),
        }
    }

    /// Counts what an operation of a team has cost.
    pub fn add(&self, id: i64, slug: &str, points: u64) {
        let mut all = self.points();
        let all = &mut *all;
        if !all.teams.contains_key(&id) && all.teams.len() < KNOWN {
            let named = all.named < self.most;
            all.named += usize::from(named);
            let team = Team {
                slug: slug.to_owned(),
                recent: 0,
                points: 0,
                named,
            };
            all.teams.insert(id, team);
        }
        let counted = match all.teams.get_mut(&id) {
            Some(team) => {
                team.recent = team.recent.saturating_add(points);
                match team.named {
                    true => &mut team.points,
                    false => &mut all.others,
                }
            }
            None => &mut all.others,
        };
        *counted = counted.saturating_add(points);
    }

    /// Looks anew who takes the most, once it is time.
    pub fn rank(&self, now: Instant) {
        let mut all = self.points();
        if now.saturating_duration_since(all.ranked) < RANKED_EVERY {
            return;
        }
        all.ranked = now;
        let mut ranks: Vec<(u64, bool, i64)> = all
            .teams
            .iter()
            // Of equal ones those stay that are there.
            .map(|(id, team)| (team.recent, team.named, *id))
            .collect();
        ranks.sort_unstable_by(|one, other| other.cmp(one));
        for (rank, (_, _, id)) in ranks.into_iter().enumerate() {
            if let Some(team) = all.teams.get_mut(&id) {
                team.named = rank < self.most;
                team.recent /= 2;
            }
        }
        // A team that took nothing for long is told no longer, so that there is room.
        all.teams.retain(|_, team| team.recent > 0);
        all.named = all.teams.values().filter(|team| team.named).count();
    }

    fn points(&self) -> MutexGuard<'_, Points> {
        self.points.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Collector for Teams {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let all = self.points();
        let named = all.teams.values().filter(|team| team.named);
        let told = named.map(|team| (team.slug.as_str(), team.points));
        let mut family = encoder.encode_descriptor(
            "team_points",
            "Points that operations have cost, by the teams that take the most, and of all others together",
            None,
            MetricType::Counter,
        )?;
        for (team, points) in told.chain([(OTHERS, all.others)]) {
            ConstCounter::new(points).encode(family.encode_family(&[("team", team)])?)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use prometheus_client::{encoding::text::encode, registry::Registry};

    use super::*;

    fn told(teams: &std::sync::Arc<Teams>) -> Vec<(String, u64)> {
        let mut registry = Registry::default();
        registry.register_collector(Box::new(teams.clone()));
        let mut text = String::new();
        encode(&mut text, &registry).unwrap();
        let lines = text.lines().filter_map(|line| {
            let (team, points) = line
                .strip_prefix("team_points_total{team=\"")?
                .split_once("\"} ")?;
            Some((team.to_owned(), points.parse().unwrap()))
        });
        let mut told: Vec<_> = lines.collect();
        told.sort();
        told
    }

    fn pairs(pairs: &[(&str, u64)]) -> Vec<(String, u64)> {
        pairs
            .iter()
            .map(|(team, points)| ((*team).to_owned(), *points))
            .collect()
    }

    #[test]
    fn the_teams_that_take_the_most_are_told_by_name_and_no_point_is_lost() {
        let teams = std::sync::Arc::new(Teams::new(2));
        teams.add(1, "a", 10);
        teams.add(2, "b", 20);
        teams.add(3, "c", 300);
        assert_eq!(
            told(&teams),
            pairs(&[("(others)", 300), ("a", 10), ("b", 20)])
        );
        let mut now = Instant::now();
        teams.rank(now);
        assert_eq!(
            told(&teams),
            pairs(&[("(others)", 300), ("a", 10), ("b", 20)]),
            "it is too soon"
        );
        now += RANKED_EVERY;
        teams.rank(now);
        teams.add(1, "a", 1);
        teams.add(3, "c", 3);
        assert_eq!(
            told(&teams),
            pairs(&[("(others)", 301), ("b", 20), ("c", 3)])
        );
        // Whoever comes back goes on from where it was.
        teams.add(1, "a", 1_000);
        now += RANKED_EVERY;
        teams.rank(now);
        assert_eq!(
            told(&teams),
            pairs(&[("(others)", 1_301), ("a", 10), ("c", 3)])
        );
    }

    #[test]
    fn what_is_kept_of_teams_is_bounded_and_the_silent_are_forgotten() {
        let teams = std::sync::Arc::new(Teams::new(0));
        for id in 0..12_000 {
            teams.add(id, "many", 2);
        }
        assert_eq!(teams.points().teams.len(), KNOWN);
        assert_eq!(told(&teams), pairs(&[("(others)", 24_000)]));
        let mut now = Instant::now();
        for _ in 0..2 {
            now += RANKED_EVERY;
            teams.rank(now);
        }
        assert_eq!(teams.points().teams.len(), 0);
        assert_eq!(told(&teams), pairs(&[("(others)", 24_000)]));
    }
}
