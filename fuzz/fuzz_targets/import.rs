//! Files to import, read whole, by any layout: rows, header, encoding and delimiter. Two bytes are the layout and the
//! options; a mapping's columns stand in JSON on the first line. However a file arrives, and whether it is in UTF-8,
//! UTF-16 or gzipped, the same is told of it.
#![no_main]

use std::{
    io::{Read, Write},
    sync::{Arc, LazyLock},
};

use chrono::{DateTime, NaiveDate};
use clap::ValueEnum;
use entity::{team, values::Basis};
use flate2::{Compression, write::GzEncoder};
use kpigraph::import::{
    ColumnMapping, DayOrder, DecimalMark, Format, ImportAsk, ImportError, Layout, Profile, Refusal,
    Report, check,
};
use libfuzzer_sys::fuzz_target;

/// How many refusals are told one by one.
const MOST_REFUSALS: usize = 1_000;

/// Every layout that needs no mapping; the first is recognised.
static LAYOUTS: LazyLock<Vec<Option<Layout>>> = LazyLock::new(|| {
    let formats = Format::value_variants()
        .iter()
        .map(|format| Some((*format).into()));
    let profiles = Profile::all().map(|profile| Some(Layout::Profile(profile)));
    [None].into_iter().chain(formats).chain(profiles).collect()
});

fuzz_target!(|input: &[u8]| {
    let [layout, options, file @ ..] = input else {
        return;
    };
    let Some((ask, file)) = ask(*layout, *options, file) else {
        return;
    };
    let team = team(*options);
    let told = read(&team, &ask, file);
    if let Ok(report) = &told {
        check_report(report, file);
    }
    let in_parts = Parts {
        rest: file,
        size: usize::from(layout ^ options) % 7 + 1,
    };
    same(&told, &read(&team, &ask, in_parts), "in parts");
    if let Some(utf_16) = in_utf_16(file) {
        same(&told, &read(&team, &ask, &*utf_16), "in UTF-16");
    }
    if !file.starts_with(&[0x1f]) && *options >= 128 {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(file).expect("memory takes it");
        let gzipped = gzip.finish().expect("memory takes it");
        same(&told, &read(&team, &ask, &*gzipped), "gzipped");
    }
});

/// How a file is read, and the file.
fn ask(layout: u8, options: u8, file: &[u8]) -> Option<(ImportAsk, &[u8])> {
    let options = usize::from(options);
    let day = NaiveDate::from_ymd_opt(2026, 2, 28);
    let (layout, file) = match layout {
        u8::MAX => {
            let end = file.iter().position(|byte| *byte == b'\n')?;
            let (columns, file) = file.split_at(end);
            let formats = Format::value_variants();
            let mapping = ColumnMapping {
                name: "ours".to_owned(),
                format: formats[options % formats.len()],
                source: "ours".to_owned(),
                columns: serde_json::from_slice(columns).ok()?,
                decimal: None,
                dates: None,
            };
            // No other is ever stored.
            if !mapping.mistakes().is_empty() {
                return None;
            }
            (Some(Layout::Mapping(Arc::new(mapping))), &file[1..])
        }
        layout => (LAYOUTS[usize::from(layout) % LAYOUTS.len()].clone(), file),
    };
    let ask = ImportAsk {
        layout,
        day: day.filter(|_| options & 1 > 0),
        from: NaiveDate::from_ymd_opt(2026, 2, 1).filter(|_| options & 3 == 3),
        decimal: [None, Some(DecimalMark::Point), Some(DecimalMark::Comma)][options / 4 % 3],
        dates: [None, Some(DayOrder::DayFirst), Some(DayOrder::MonthFirst)][options / 12 % 3],
        ..ImportAsk::recognised()
    };
    Some((ask, file))
}

fn team(options: u8) -> team::Model {
    let (time_zone, currency) = [
        ("Europe/Rome", "EUR"),
        ("America/Sao_Paulo", "BRL"),
        ("Pacific/Apia", "WST"),
        ("Asia/Tokyo", "JPY"),
    ][usize::from(options / 32 % 4)];
    team::Model {
        id: 1,
        slug: "acme".to_owned(),
        name: "Acme".to_owned(),
        currency: currency.to_owned(),
        time_zone: time_zone.to_owned(),
        week_start: "MONDAY".to_owned(),
        fiscal_year_start_month: 1,
        ad_basis: Basis::PlatformReported,
        churn_days: None,
        attribution: None,
        channel_rules: None,
        match_by_email: false,
        created_at: DateTime::UNIX_EPOCH,
        version: 1,
    }
}

type Told = Result<Report, ImportError>;

fn read(team: &team::Model, ask: &ImportAsk, file: impl Read) -> Told {
    check(team, ask, file, Report::default(), &mut |_| true)
}

/// Rows are told in the order of the file, each once, and none that the file does not have.
fn check_report(report: &Report, file: &[u8]) {
    assert!(report.refused <= report.read);
    let told = usize::try_from(report.refused).expect("rows are few");
    assert_eq!(report.refusals.len(), told.min(MOST_REFUSALS));
    assert!(
        report
            .refusals
            .is_sorted_by(|one, other| one.line < other.line),
        "{:?}",
        report.refusals
    );
    assert!(!report.to_string().is_empty());
    let kind = report.preview.as_ref().map_or("", |preview| &preview.kind);
    if kind.contains("UTF-8") && !kind.contains("gzipped") {
        let ends = file
            .iter()
            .filter(|byte| matches!(byte, b'\n' | b'\r'))
            .count();
        let lines = u64::try_from(ends).expect("lines are few") + 1;
        // Lines of JSON have no header.
        let first = if kind.contains("JSON") { 1 } else { 2 };
        let rows = report.read + report.passed_over;
        assert!(rows + first <= lines + 1, "{rows} rows of {lines} lines");
        let known = |refusal: &Refusal| (first..=lines).contains(&refusal.line);
        assert!(report.refusals.iter().all(known));
    }
}

/// Nothing but what kind of file it is may differ.
fn same(one: &Told, other: &Told, how: &str) {
    match (one, other) {
        (Ok(one), Ok(other)) => {
            let plain = |report: &Report| {
                let mut report = report.clone();
                if let Some(preview) = &mut report.preview {
                    preview.kind.clear();
                }
                report
            };
            assert_eq!(plain(one), plain(other), "{how}");
        }
        (Err(one), Err(other)) => assert_eq!(one.to_string(), other.to_string(), "{how}"),
        _ => panic!("{how}: {one:?}, then {other:?}"),
    }
}

/// A text in UTF-16; nothing for other files.
fn in_utf_16(file: &[u8]) -> Option<Vec<u8>> {
    let text = str::from_utf8(file).ok()?;
    let is_plain = !text.contains('\0')
        && !text.starts_with(['\u{feff}', '\u{1f}'])
        && !text.starts_with("PK");
    is_plain.then(|| {
        "\u{feff}"
            .encode_utf16()
            .chain(text.encode_utf16())
            .flat_map(u16::to_le_bytes)
            .collect()
    })
}

/// A file that arrives a few bytes at a time.
struct Parts<'a> {
    rest: &'a [u8],
    size: usize,
}

impl Read for Parts<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let size = self.size.min(buffer.len());
        (&mut self.rest)
            .take(u64::try_from(size).unwrap_or(1))
            .read(buffer)
    }
}
