//! Files as such: lines, compression, encodings, kinds.

use std::io::Write;

use flate2::{Compression, write::GzEncoder};

use super::{scanner::MOST_ROW_BYTES, *};

fn read(bytes: &[u8]) -> Result<Vec<(u64, Vec<String>)>, ImportError> {
    let mut rows = Rows::open(bytes)?;
    let mut all = Vec::new();
    while let Some((mark, record)) = rows.next_row()? {
        all.push((mark.line, record.iter().map(str::to_owned).collect()));
    }
    Ok(all)
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn rows_keep_their_lines_across_blank_lines_quotes_and_line_ends() {
    for end in ["\n", "\r\n"] {
        let text = ["a,b", "", "\"x", "y\",\"2\"", "3,4", ""].join(end);
        let lines: Vec<u64> = read(text.as_bytes()).unwrap().iter().map(|r| r.0).collect();
        assert_eq!(lines, [1, 3, 5]);
    }
    let long: String = (0..50_000)
        .map(|n| format!("{n},\"a\"\"{n}\"\r\n"))
        .collect();
    for (place, (line, fields)) in read(long.as_bytes()).unwrap().iter().enumerate() {
        assert_eq!(*line, place as u64 + 1);
        assert_eq!(fields[1], format!("a\"{place}"));
    }
}

#[test]
fn gzip_in_members_and_a_byte_order_mark_are_recognised() {
    let mut members = gzip("\u{feff}a,b\n1,");
    members.extend(gzip("2\n"));
    let plain = read(b"\xef\xbb\xbfa,b\n1,2").unwrap();
    assert_eq!(plain[0].1, ["a", "b"]);
    assert_eq!(read(&members).unwrap(), plain);
}

#[test]
fn broken_gzip_is_an_error_of_reading() {
    let whole = gzip("a,b\n1,2\n");
    let cut = &whole[..whole.len() - 6];
    assert!(matches!(read(cut), Err(ImportError::Read(_))));
}

#[test]
fn what_is_not_text_is_told_with_its_line() {
    for bytes in [
        &b"a,b\n1,2\n\xff\xfe,3\n"[..],
        b"a,b\n1,2\n1,\0\n",
        b"a,b\n1,2\n\x89PNG",
    ] {
        match read(bytes) {
            Err(ImportError::NotText { line }) => assert_eq!(line, 3),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn utf16_is_read_in_both_orders_of_bytes_with_and_without_a_mark() {
    let text = "a\tb\nü\t2\n";
    for mark in ["", "\u{feff}"] {
        let units = || format!("{mark}{text}").encode_utf16().collect::<Vec<_>>();
        let little: Vec<u8> = units().into_iter().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = units().into_iter().flat_map(u16::to_be_bytes).collect();
        for bytes in [little, big] {
            assert_eq!(read(&bytes).unwrap()[1].1, ["ü", "2"]);
        }
    }
}

#[test]
fn lines_of_json_are_rows_under_the_names_of_their_fields() {
    let text = "{\"id\":1,\"at\":{\"day\":\"2026-03-01\"}}\n\n{\"id\":12345678901234567890.5,\"x\":null}\n[1]\n";
    let mut rows = Rows::open(text.as_bytes()).unwrap();
    let mut all = Vec::new();
    while let Some((mark, record)) = rows.next_row().unwrap() {
        let cells: Vec<&str> = record.iter().collect();
        all.push((mark.line, mark.fault.is_some(), cells.join("|")));
    }
    let expected = [
        (1, false, "id|at.day|x"),
        (1, false, "1|2026-03-01|"),
        (3, false, "12345678901234567890.5||"),
        (4, true, "||"),
    ];
    assert_eq!(
        all,
        expected.map(|(line, fault, cells)| (line, fault, cells.to_owned()))
    );
}

#[test]
fn the_first_worksheet_of_a_workbook_is_read_with_its_dates() {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let date = rust_xlsxwriter::Format::new().set_num_format("yyyy-mm-dd");
    let sheet = workbook.add_worksheet();
    sheet.set_name("Raw").unwrap();
    sheet.write(0, 0, "Report").unwrap();
    for (column, name) in ["Day", "Campaign", "Cost", "Note"].iter().enumerate() {
        sheet
            .write(2, u16::try_from(column).unwrap(), *name)
            .unwrap();
    }
    let day = rust_xlsxwriter::ExcelDateTime::from_ymd(2026, 3, 1).unwrap();
    sheet.write_with_format(3, 0, &day, &date).unwrap();
    sheet.write(3, 1, "Spring").unwrap();
    sheet.write(3, 2, 12.5).unwrap();
    let bytes = workbook.save_to_buffer().unwrap();
    let rows = read(&bytes).unwrap();
    let expected: [(u64, &[&str]); 3] = [
        (1, &["Report"]),
        (3, &["Day", "Campaign", "Cost", "Note"]),
        (4, &["2026-03-01", "Spring", "12.5"]),
    ];
    for ((line, cells), (at, wanted)) in rows.iter().zip(expected) {
        assert_eq!(
            (*line, &cells[..]),
            (
                at,
                &wanted.iter().map(|c| (*c).to_owned()).collect::<Vec<_>>()[..]
            )
        );
    }
    assert_eq!(rows.len(), 3);
    assert!(matches!(
        read(&bytes[..bytes.len() / 2]),
        Err(ImportError::Workbook(_))
    ));
}

#[test]
fn what_kind_of_file_it_is_is_told() {
    for (bytes, kind) in [
        (
            b"a;b\n1;2\n".to_vec(),
            "values parted by semicolons in UTF-8",
        ),
        (
            gzip("a,b\n1,2\n"),
            "values parted by commas in UTF-8, gzipped",
        ),
        (b"{\"a\":1}\n".to_vec(), "lines of JSON in UTF-8"),
    ] {
        assert_eq!(Rows::open(&*bytes).unwrap().to_string(), kind);
    }
}

#[test]
fn an_endless_row_is_told_with_its_line() {
    let text = format!("a,b\n1,\"{}", "x\n".repeat(MOST_ROW_BYTES));
    assert!(matches!(
        read(text.as_bytes()),
        Err(ImportError::RowTooLong { line: 2, .. })
    ));
}
