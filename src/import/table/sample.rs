//! How a file writes numbers and days, learnt from its first rows.

use csv::StringRecord;

use super::{
    Hints,
    date::{self, DayOrder},
    mapping::Mapping,
    number::{self, DecimalMark, Numbers},
};
use crate::import::{
    header::{Content, Header},
    reader::Rows,
};

/// How a file writes numbers and days.
pub(super) struct Written {
    mark: Option<DecimalMark>,
    semicolons: bool,
    /// The order of days and months.
    pub dates: Option<DayOrder>,
}

impl Written {
    /// Learns it from rows. What most of them say holds, a point when they say as often the one as the other; rows
    /// that say otherwise are refused then.
    pub fn learn<'r>(
        header: &Header,
        mapping: &Mapping,
        rows: impl Iterator<Item = &'r StringRecord>,
        file: &Rows<'_>,
        hints: &Hints<'_>,
    ) -> Self {
        let (mut points, mut commas, mut days, mut months) = (0_u32, 0_u32, 0_u32, 0_u32);
        for row in rows {
            for (place, cell) in mapping.cells(row) {
                match header.content(place) {
                    Content::Text => {}
                    content @ (Content::Count | Content::Amount) => {
                        match number::evidence(content, cell) {
                            Some(DecimalMark::Point) => points += 1,
                            Some(DecimalMark::Comma) => commas += 1,
                            None => {}
                        }
                    }
                    Content::Day | Content::Time => match date::evidence(cell) {
                        Some(DayOrder::DayFirst) => days += 1,
                        Some(DayOrder::MonthFirst) => months += 1,
                        None => {}
                    },
                }
            }
        }
        let mark = match (points, commas) {
            (0, 0) => None,
            (points, commas) if commas > points => Some(DecimalMark::Comma),
            _ => Some(DecimalMark::Point),
        };
        let dates = match (days, months) {
            (days, months) if days == months => None,
            (days, months) if days > months => Some(DayOrder::DayFirst),
            _ => Some(DayOrder::MonthFirst),
        };
        Self {
            mark: hints.decimal.or(mark),
            semicolons: file.semicolons(),
            dates: hints.dates.or(dates),
        }
    }

    /// A cell in the form that formats read, or what is wrong with it. What is in no known form stays as it is.
    pub fn plain(&self, content: Content, cell: &str, currency: &str) -> Result<String, String> {
        let as_it_is = || Ok(cell.to_owned());
        if number::is_none(cell) {
            return Ok(String::new());
        }
        match content {
            Content::Text => as_it_is(),
            Content::Day | Content::Time => {
                date::plain(content, cell, self.dates).unwrap_or_else(as_it_is)
            }
            Content::Count | Content::Amount => {
                if cell.bytes().all(|byte| byte.is_ascii_digit()) {
                    return as_it_is();
                }
                let numbers = Numbers {
                    mark: self.mark,
                    semicolons: self.semicolons,
                    currency,
                };
                numbers.plain(content, cell).unwrap_or_else(as_it_is)
            }
        }
    }

    /// How the file writes, in words.
    pub fn described(&self) -> Vec<String> {
        let mark = self.mark.map(|mark| match mark {
            DecimalMark::Point => "numbers have a decimal point",
            DecimalMark::Comma => "numbers have a decimal comma",
        });
        let dates = self.dates.map(|order| match order {
            DayOrder::DayFirst => "in dates the day comes first",
            DayOrder::MonthFirst => "in dates the month comes first",
        });
        mark.into_iter().chain(dates).map(str::to_owned).collect()
    }
}
