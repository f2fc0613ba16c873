//! What one import works with. Reading rows needs the source and the team's settings and tells the report; writing
//! them needs a transaction, too, and knows names already found.

use std::{
    collections::{HashMap, HashSet},
    ops::{Deref, DerefMut},
};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use entity::{team, values::RefEntity};

use super::{
    cell::{self, Cell},
    report::{Refusal, Tally},
    row::Row,
};
use crate::{
    error::{Error, Result},
    store::{RefKey, TeamWriter},
    time::{Calendar, WeekStart},
};

/// Rows being read.
pub(super) struct Reading<'a> {
    /// Whose ids the file has.
    pub source: &'a str,
    /// The team's currency.
    pub currency: String,
    /// The report in the making.
    pub tally: Tally,
    team_id: i64,
    calendar: Calendar,
    day: Option<NaiveDate>,
}

/// Rows being written in a transaction.
pub(super) struct Session<'a> {
    /// The transaction.
    pub writer: &'a TeamWriter,
    /// Campaigns met so far, by the source's name.
    pub campaigns: HashMap<String, i64>,
    /// Channels met so far, by the source's name.
    pub channels: HashMap<String, i64>,
    /// Customers that are named otherwise than by the source's ids.
    pub customers: HashMap<String, i64>,
    /// Customers that this call has made.
    pub made: HashSet<i64>,
    reading: Reading<'a>,
}

impl<'a> Deref for Session<'a> {
    type Target = Reading<'a>;

    fn deref(&self) -> &Reading<'a> {
        &self.reading
    }
}

impl<'a> DerefMut for Session<'a> {
    fn deref_mut(&mut self) -> &mut Reading<'a> {
        &mut self.reading
    }
}

impl<'a> Session<'a> {
    /// A session in a transaction.
    pub fn new(writer: &'a TeamWriter, source: &'a str, day: Option<NaiveDate>) -> Result<Self> {
        let reading = Reading::new(writer.team(), source, day)?;
        Ok(Self::writing(writer, reading))
    }

    /// A session that writes what is read.
    pub fn writing(writer: &'a TeamWriter, reading: Reading<'a>) -> Self {
        Self {
            writer,
            campaigns: HashMap::new(),
            channels: HashMap::new(),
            customers: HashMap::new(),
            made: HashSet::new(),
            reading,
        }
    }

    /// The report in the making, for another transaction to go on with.
    pub fn into_tally(self) -> Tally {
        self.reading.tally
    }

    /// The source's names for one kind of row.
    pub fn key(&self, entity: RefEntity) -> RefKey<'a> {
        RefKey {
            entity,
            system: self.source,
        }
    }
}

impl<'a> Reading<'a> {
    /// Rows of a source; `day` is the date of those that have none.
    pub fn new(team: &team::Model, source: &'a str, day: Option<NaiveDate>) -> Result<Self> {
        let zone = &team.time_zone;
        let time_zone = zone
            .parse()
            .map_err(|_| Error::Internal(format!("the team's time zone '{zone}' is unknown")))?;
        // Weeks and fiscal years do not matter here: only days and instants are read.
        let calendar = Calendar {
            time_zone,
            week_start: WeekStart::Monday,
            fiscal_year_start_month: 1,
        };
        Ok(Self {
            source,
            team_id: team.id,
            currency: team.currency.clone(),
            tally: Tally::default(),
            calendar,
            day,
        })
    }

    /// The team that owns what is read.
    pub fn team_id(&self) -> i64 {
        self.team_id
    }

    /// Reads instants in the team's zone.
    pub fn instants(&self) -> impl Fn(&str) -> Cell<DateTime<Utc>> {
        cell::instant(&self.calendar)
    }

    /// Reads instants in the team's zone; a day alone means its last moment, so that what happened on it comes before.
    pub fn ends(&self) -> impl Fn(&str) -> Cell<DateTime<Utc>> {
        let calendar = self.calendar;
        let read = cell::day_or_instant(&self.calendar);
        move |text| {
            let (day, at) = read(text)?;
            let is_day = at == calendar.start_of_day(day) && !text.contains(':');
            let next = day.succ_opt().filter(|_| is_day);
            Ok(next.map_or(at, |next| {
                calendar.start_of_day(next) - TimeDelta::microseconds(1)
            }))
        }
    }

    /// Reads days, also from instants in the team's zone.
    pub fn days(&self) -> impl Fn(&str) -> Cell<NaiveDate> {
        let read = cell::day_or_instant(&self.calendar);
        move |text| read(text).map(|(day, _)| day)
    }

    /// The team's day of an instant.
    pub fn day_of(&self, at: DateTime<Utc>) -> NaiveDate {
        self.calendar.day_of(at)
    }

    /// The date of a daily fact, or the import's day where it has none.
    pub fn row_date(&self, row: &Row<'_>, column: &str) -> Result<NaiveDate, Refusal> {
        row.get(column, cell::date)?
            .or(self.day)
            .ok_or_else(|| row.refuse_blank(column))
    }

    /// The instant of an event, or the first moment of the import's day where it has none.
    pub fn row_instant(&self, row: &Row<'_>, column: &str) -> Result<DateTime<Utc>, Refusal> {
        row.get(column, self.instants())?
            .or_else(|| self.day.map(|day| self.calendar.start_of_day(day)))
            .ok_or_else(|| row.refuse_blank(column))
    }

    /// The currency of a row; the team's when blank.
    pub fn row_currency(&self, row: &Row<'_>, column: &str) -> Result<String, Refusal> {
        let given = row.get(column, cell::currency)?;
        Ok(given.unwrap_or_else(|| self.currency.clone()))
    }
}
