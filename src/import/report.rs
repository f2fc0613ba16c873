//! What became of a file's rows, for people and for programs.

use std::{collections::BTreeMap, fmt};

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::preview::Preview;
use crate::{store::Change, time::DateRange};

/// How many refusals are told one by one.
pub(super) const MOST_REFUSALS: usize = 20;

/// What became of the rows of a file: `read` is the sum of `written`, `unchanged` and `refused` when committed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Rows read, without the header and blank lines.
    pub read: u64,
    /// Rows that are new or changed something; 0 when not committed.
    pub written: u64,
    /// Rows that said what was known already; 0 when not committed.
    pub unchanged: u64,
    /// Rows that cannot be stored.
    pub refused: u64,
    /// The first refusals, in the order of the file: 20, of jobs 1 000.
    pub refusals: Vec<Refusal>,
    /// Whether anything of the file is stored now.
    pub committed: bool,
    /// Whether nothing was to be stored: `written` and `unchanged` then tell what would be.
    pub dry_run: bool,
    /// Rows of totals and remarks, which are not among those read.
    pub passed_over: u64,
    /// How the file was read.
    pub preview: Option<Preview>,
}

/// Why a row is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The line of the file on which the row begins; the header is on line 1.
    pub line: u64,
    /// The column at fault, as the file names it; `None` when the row as a whole is.
    pub column: Option<String>,
    /// The value and what is wrong with it.
    pub reason: String,
}

impl Report {
    /// What the audit log tells of the file.
    pub(in crate::import) fn told(&self) -> Value {
        let preview = self.preview.as_ref();
        json!({
            "layout": preview.map(|preview| preview.layout.to_string()),
            "source": preview.map(|preview| preview.source.as_str()),
            "rows": {
                "read": self.read,
                "written": self.written,
                "unchanged": self.unchanged,
                "refused": self.refused,
            },
        })
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.line)?;
        if let Some(column) = &self.column {
            write!(f, ", column {column}")?;
        }
        write!(f, ": {}", self.reason)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(preview) = self.preview.as_ref().filter(|_| self.dry_run) {
            write!(f, "{preview}")?;
        }
        write!(
            f,
            "{} rows read: {} written, {} unchanged, {} refused",
            self.read, self.written, self.unchanged, self.refused
        )?;
        if self.passed_over > 0 {
            write!(f, ", {} totals and remarks passed over", self.passed_over)?;
        }
        for refusal in &self.refusals {
            write!(f, "\n  {refusal}")?;
        }
        let told = u64::try_from(self.refusals.len()).unwrap_or(u64::MAX);
        if self.refused > told {
            write!(f, "\n  and {} more", self.refused - told)?;
        }
        if self.dry_run {
            write!(f, "\nThis was a dry run: nothing was imported.")?;
        } else if !self.committed {
            write!(
                f,
                "\nNothing was imported; --partial imports the good rows."
            )?;
        }
        Ok(())
    }
}

/// The report in the making.
pub(super) struct Tally {
    /// The report so far.
    pub report: Report,
    /// How many refusals are told one by one.
    pub most_refusals: usize,
    days: Option<DateRange>,
    /// What became of each row by its line, where that is wanted.
    pub fates: Option<BTreeMap<u64, Fate>>,
}

/// What became of a row.
pub(super) enum Fate {
    /// It is stored as the row with this id, where somebody asks for it.
    Stored(Change, Option<i64>),
    /// It is refused, under the code of a mistake.
    Refused(&'static str, Refusal),
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            report: Report::default(),
            most_refusals: MOST_REFUSALS,
            days: None,
            fates: None,
        }
    }
}

impl Tally {
    /// Counts a row.
    pub fn count(&mut self, line: u64, change: Change) {
        self.count_stored(line, change, None);
    }

    /// Counts a row and notes the id of what it is stored as.
    pub fn count_stored(&mut self, line: u64, change: Change, id: Option<i64>) {
        if change.is_written() {
            self.report.written += 1;
        } else {
            self.report.unchanged += 1;
        }
        if let Some(fates) = &mut self.fates {
            fates.insert(line, Fate::Stored(change, id));
        }
    }

    /// Counts a refused row whose value is not allowed.
    pub fn refuse(&mut self, refusal: Refusal) {
        self.refuse_as("INVALID", refusal);
    }

    /// Counts a refused row. Refusals found while writing come after those found while reading, hence the order.
    pub fn refuse_as(&mut self, code: &'static str, refusal: Refusal) {
        self.report.refused += 1;
        if let Some(fates) = &mut self.fates {
            fates.insert(refusal.line, Fate::Refused(code, refusal));
            return;
        }
        let told = &mut self.report.refusals;
        let place = told.partition_point(|other| other.line <= refusal.line);
        told.insert(place, refusal);
        told.truncate(self.most_refusals);
    }

    /// Notes that the file has a row of this day.
    pub fn cover(&mut self, day: NaiveDate) {
        let days = self.days.get_or_insert(DateRange::single(day));
        days.from = days.from.min(day);
        days.to = days.to.max(day);
    }

    /// The days since this was asked before, which are forgotten.
    pub fn take_days(&mut self) -> Option<DateRange> {
        self.days.take()
    }

    /// From the first to the last day that the file has rows of.
    pub fn days(&self) -> Option<DateRange> {
        self.days
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(line: u64) -> Refusal {
        Refusal {
            line,
            column: Some("spend".into()),
            reason: "'x' is not a number".into(),
        }
    }

    #[test]
    fn the_first_twenty_refusals_are_told_and_all_are_counted() {
        let mut tally = Tally::default();
        for line in (2..=40).rev() {
            tally.refuse(refusal(line));
        }
        assert_eq!(tally.report.refused, 39);
        let lines: Vec<u64> = tally.report.refusals.iter().map(|r| r.line).collect();
        assert_eq!(lines, (2..=21).collect::<Vec<_>>());
        let text = tally.report.to_string();
        assert!(text.contains("line 2, column spend: 'x' is not a number"));
        assert!(text.contains("and 19 more"));
        assert!(text.ends_with("--partial imports the good rows."));
    }
}
