//! Which cells of a row make which field.

use csv::StringRecord;
use rust_decimal::Decimal;

use super::{date, date::DayOrder, number};
use crate::{
    import::{
        error::ImportError,
        header::{Content, Field, Header, Shape},
        profile::{How, Plan, column_names, find},
    },
    time::DateRange,
};

/// A millionth.
const MICRO_DIGITS: u32 = 6;

/// The way from a row's cells to a format's fields.
pub(super) struct Mapping {
    /// By field.
    fields: Vec<Way>,
    /// The columns of the file that make no field.
    left_out: Vec<String>,
    /// Where days come from that rows do not have themselves.
    span: Span,
    /// The column of the currency, if there is one, and the currency of rows that have none.
    currency: (Option<usize>, Option<String>),
    vendor: bool,
}

/// Where a field comes from.
struct Way {
    cells: Vec<usize>,
    how: &'static How,
    default: String,
}

/// The days that rows cover.
enum Span {
    /// Rows have days of their own, or the import's.
    None,
    /// All rows cover the same.
    Fixed(DateRange),
    /// The columns of the first and the last day.
    Columns(usize, usize),
}

impl Mapping {
    /// Every column is a field, as in the formats of this program; rows without a day cover `span`.
    pub fn of_own(header: &Header, span: Option<DateRange>) -> Self {
        let way = |cell| Way {
            cells: vec![cell],
            how: &How::Cell,
            default: String::new(),
        };
        Self {
            fields: (0..header.fields().len()).map(way).collect(),
            left_out: vec![],
            span: span.map_or(Span::None, Span::Fixed),
            currency: (header.place_if_known("currency"), None),
            vendor: false,
        }
    }

    /// The currency that a row names; empty when it names none.
    pub fn currency(&self, raw: &StringRecord) -> String {
        let cell = self
            .currency
            .0
            .and_then(|place| raw.get(place))
            .unwrap_or("")
            .trim();
        let given = (!cell.is_empty() && !number::is_none(cell)).then_some(cell);
        given
            .or(self.currency.1.as_deref())
            .unwrap_or("")
            .to_uppercase()
    }

    /// The cells of a row that are fields by themselves, with the fields' places.
    pub fn cells<'r>(&self, raw: &'r StringRecord) -> impl Iterator<Item = (usize, &'r str)> {
        let ways = self.fields.iter().enumerate();
        ways.filter_map(|(place, way)| {
            let cell = way.cells.first().filter(|_| *way.how == How::Cell)?;
            Some((place, raw.get(*cell)?.trim()))
        })
    }

    /// The text of a field, with `plain` to read the numbers that it is made of.
    pub fn text(
        &self,
        place: usize,
        raw: &StringRecord,
        plain: impl Fn(Content, &str) -> Result<String, String>,
    ) -> Result<String, String> {
        let way = &self.fields[place];
        let mut cells = way
            .cells
            .iter()
            .filter_map(|cell| raw.get(*cell))
            .map(str::trim);
        let text = match way.how {
            How::Cell => cells.next().unwrap_or("").to_owned(),
            How::First => {
                let all = cells.next().unwrap_or("");
                all.split(';').next().unwrap_or("").trim().to_owned()
            }
            How::Values(values) => meaning(values, cells.next().unwrap_or("")),
            How::Joined => joined(cells),
            How::JoinedValues(values) => meaning(values, &joined(cells)),
            How::Micros => match cells.next().unwrap_or("") {
                "" => String::new(),
                cell => {
                    let number = number(&plain(Content::Amount, cell)?)?;
                    let micro = Decimal::new(1, MICRO_DIGITS);
                    number.checked_mul(micro).ok_or("is too large")?.to_string()
                }
            },
            How::Sum => {
                let mut sum = None;
                for cell in cells.filter(|cell| !cell.is_empty()) {
                    let number = number(&plain(Content::Amount, cell)?)?;
                    let before = sum.unwrap_or(Decimal::ZERO);
                    sum = Some(number.checked_add(before).ok_or("is too large")?);
                }
                sum.map(|sum| sum.to_string()).unwrap_or_default()
            }
        };
        let blank = text.is_empty() || (self.vendor && number::is_none(&text));
        Ok(if blank { way.default.clone() } else { text })
    }

    /// Whether a field's text was made and needs no reading.
    pub fn is_plain(&self, place: usize) -> bool {
        let way = &self.fields[place];
        way.cells.is_empty() || matches!(way.how, How::Micros | How::Sum)
    }

    /// A text without the words by which vendors say that there is none.
    pub fn told(&self, text: String) -> String {
        match self.vendor && (text == "--" || text == "(not set)") {
            true => String::new(),
            false => text,
        }
    }

    /// The days that a row covers.
    pub fn span_of(
        &self,
        raw: &StringRecord,
        order: Option<DayOrder>,
    ) -> Result<Option<DateRange>, String> {
        let (first, last) = match self.span {
            Span::None => return Ok(None),
            Span::Fixed(span) => return Ok(Some(span)),
            Span::Columns(first, last) => (first, last),
        };
        let day = |place| {
            let text = raw.get(place).unwrap_or("");
            date::certain(text, order).ok_or_else(|| format!("'{text}' is no day"))
        };
        let (from, to) = (day(first)?, day(last)?);
        DateRange::new(from, to).map(Some).ok_or_else(|| {
            format!("covers the days from {from} to {to}, which end before they begin")
        })
    }

    /// Each column of the file and each value given, with what it becomes.
    pub fn described(&self, header: &Header) -> Vec<(String, String)> {
        let fields = header.fields().iter().zip(&self.fields).enumerate();
        let mut lines: Vec<(String, String)> = fields
            .map(|(place, (field, way))| {
                let from = match way.cells.is_empty() {
                    true => format!("always '{}'", way.default),
                    false => field.shown.clone(),
                };
                let to = match header.known_as(place) {
                    Some(known) => known.to_owned(),
                    None => format!("breakdown {}", field.key),
                };
                (from, to)
            })
            .collect();
        lines.extend(
            self.left_out
                .iter()
                .map(|name| (name.clone(), "left out".to_owned())),
        );
        lines
    }
}

/// The mapping of a file whose columns are taken by a plan, with the header that the format sees.
pub(super) fn of_plan(
    plan: &Plan<'_>,
    shape: &'static Shape,
    line: u64,
    names: &StringRecord,
    span: Option<DateRange>,
    dated: bool,
) -> Result<(Header, Mapping), ImportError> {
    let columns = column_names(names);
    let shown = |place: usize| names.get(place).unwrap_or("").trim().to_owned();
    let mut fields = Vec::new();
    let mut ways = Vec::new();
    let mut taken = vec![false; columns.len()];
    let mut stated = None;
    let mut add = |to: &str, cells: Vec<usize>, how: &'static How, default: &str| {
        cells.iter().for_each(|cell| taken[*cell] = true);
        fields.push(Field {
            shown: match cells.is_empty() {
                true => to.to_owned(),
                false => cells
                    .iter()
                    .map(|cell| shown(*cell))
                    .collect::<Vec<_>>()
                    .join(" + "),
            },
            key: to.to_owned(),
            raw: match cells[..] {
                [cell] => Some(cell),
                _ => None,
            },
        });
        ways.push(Way {
            cells,
            how,
            default: default.to_owned(),
        });
    };
    for source in &plan.sources {
        let cells: Vec<usize> = match source.how {
            How::Joined | How::JoinedValues(_) | How::Sum => source
                .names
                .iter()
                .filter_map(|name| find(&columns, &[name]))
                .collect(),
            _ => find(&columns, &source.names).into_iter().collect(),
        };
        if let Some(currency) = cells.iter().find_map(|cell| columns[*cell].currency) {
            stated.get_or_insert(currency.code());
        }
        if !cells.is_empty() || !source.default.is_empty() {
            add(source.to, cells, source.how, source.default);
        }
    }
    let place_of = |to: &str| plan.of(to).and_then(|source| find(&columns, &source.names));
    let mut covered = Span::None;
    let needs_day = shape
        .required
        .iter()
        .any(|group| group.contains(&shape.dated_by));
    if needs_day && place_of(shape.dated_by).is_none() {
        let ends = plan
            .span
            .map(|names| names.map(|names| find(&columns, names)));
        covered = match (ends, span) {
            (Some([Some(first), Some(last)]), _) => Span::Columns(first, last),
            (_, Some(span)) => Span::Fixed(span),
            _ => Span::None,
        };
        match covered {
            Span::Columns(_, last) => add(shape.dated_by, vec![last], &How::Cell, ""),
            Span::Fixed(span) => {
                add(shape.dated_by, vec![], &How::Cell, &span.to.to_string());
            }
            Span::None if !dated => {
                return Err(ImportError::Header {
                    line,
                    reason: format!(
                        "the rows of {} have no day, and nothing above them says which days they cover: export by \
                         day, or name the last day they cover by --day and the first by --from",
                        plan.title
                    ),
                });
            }
            Span::None => {}
        }
    }
    let knows_currency = shape.columns.iter().any(|column| column.name == "currency");
    let place = place_of("currency");
    let fixed = plan
        .of("currency")
        .map(|source| source.default)
        .filter(|code| !code.is_empty());
    let stated = stated.or(fixed);
    let missing = knows_currency && place.is_none() && fixed.is_none();
    if let Some(code) = stated.filter(|_| missing) {
        add("currency", vec![], &How::Cell, code);
    }
    if let Span::Columns(first, last) = covered {
        (taken[first], taken[last]) = (true, true);
    }
    let left_out = (0..columns.len())
        .filter(|place| !taken[*place])
        .map(shown)
        .collect();
    let mapping = Mapping {
        fields: ways,
        left_out,
        span: covered,
        currency: (place, stated.map(str::to_owned)),
        vendor: true,
    };
    Ok((Header::of(shape, line, fields, false)?, mapping))
}

fn joined<'c>(cells: impl Iterator<Item = &'c str>) -> String {
    let cells: Vec<&str> = cells.filter(|cell| !cell.is_empty()).collect();
    cells.join(" ")
}

fn number(plain: &str) -> Result<Decimal, String> {
    plain.parse().map_err(|_| "is not a number".to_owned())
}

/// What a text stands for.
fn meaning((values, other): &(&[(&str, &str)], Option<&str>), text: &str) -> String {
    let lower = text.to_lowercase();
    let known = values.iter().find(|(word, _)| *word == lower);
    match (known, other) {
        _ if text.is_empty() => String::new(),
        (Some((_, meaning)), _) => (*meaning).to_owned(),
        (None, Some(other)) => (*other).to_owned(),
        (None, None) => text.to_owned(),
    }
}
