//! Teams for tests.

use chrono_tz::Tz;
use entity::values::Basis;
use iso_currency::Currency;
use kpigraph::{store::NewTeam, time::WeekStart};

/// A team to be made, with the plainest settings: EUR, UTC, weeks from Monday, fiscal years from January, advertising
/// KPIs as the platforms report them. Change what a test needs: `NewTeam { time_zone, ..new_team("acme") }`.
pub fn new_team(slug: &str) -> NewTeam {
    NewTeam {
        slug: slug.parse().expect("a test names a valid team"),
        name: format!("Team {slug}"),
        currency: Currency::EUR,
        time_zone: Tz::UTC,
        week_start: WeekStart::Monday,
        fiscal_year_start_month: 1,
        ad_basis: Basis::PlatformReported,
    }
}
