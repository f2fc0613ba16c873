//! Which character parts the fields of a text.

use std::collections::HashMap;

use csv::{ByteRecord, ReaderBuilder};

/// In the order of preference when the text does not tell.
const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];
/// How many rows are looked at.
const ROWS: usize = 100;
/// Excel's way to name the delimiter on the first line.
const NAMED: &[u8] = b"sep=";

/// The delimiter of a text that begins like this: the one that parts most rows into most fields, the same number in
/// each. Without any it is the comma.
pub(super) fn find(head: &[u8]) -> u8 {
    if let Some([named, b'\r' | b'\n', ..]) = head.strip_prefix(NAMED) {
        return *named;
    }
    let score = |delimiter: u8| {
        let mut rows = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .from_reader(head);
        let mut record = ByteRecord::new();
        let mut widths: HashMap<usize, usize> = HashMap::new();
        for _ in 0..ROWS {
            if !rows.read_byte_record(&mut record).unwrap_or(false) {
                break;
            }
            *widths.entry(record.len()).or_default() += 1;
        }
        widths.iter().map(|(width, rows)| (width - 1) * rows).max()
    };
    let mut best = (DELIMITERS[0], score(DELIMITERS[0]));
    for delimiter in &DELIMITERS[1..] {
        let found = score(*delimiter);
        if found > best.1 {
            best = (*delimiter, found);
        }
    }
    best.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delimiter_is_the_one_that_parts_rows_alike() {
        for (text, delimiter) in [
            ("a,b,c\n1,2,3\n", b','),
            ("a;b;c\n1,5;2,5;3,5\n1,5;2;3\n", b';'),
            ("a\tb\n\"1,243\"\t2\n", b'\t'),
            (
                "Report\n\"May 1, 2026 - May 2, 2026\"\nDay\tCost\n2026-05-01\t1,50\n2026-05-02\t2\n",
                b'\t',
            ),
            (
                "tags,day\n\"a;b;c\",2026-05-01\n\"d;e;f\",2026-05-02\n",
                b',',
            ),
            ("sep=;\nlonely\n1\n", b';'),
            ("lonely\n1\n", b','),
            ("", b','),
        ] {
            assert_eq!(
                char::from(find(text.as_bytes())),
                char::from(delimiter),
                "{text}"
            );
        }
    }
}
