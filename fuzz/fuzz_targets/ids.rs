//! Ids and cursors: what is accepted is written again as it was, so that nothing has two names. The input is read as it
//! is, and as what stands behind the base64 of a text.
#![no_main]

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use kpigraph::{
    export,
    graphql::{EventCursor, GlobalId, after_event},
    insight::anomaly_id::{self, AnomalyId},
    live::After,
    store::{FeedPlace, PageCursor},
};
use libfuzzer_sys::fuzz_target;

const TEAM: i64 = 1;
const EXPORTS: [&str; 3] = ["ORDERS", "CUSTOMERS", "metrics"];

fuzz_target!(|input: &[u8]| {
    if let Ok(text) = str::from_utf8(input) {
        read(text);
    }
    read(&BASE64_URL_SAFE_NO_PAD.encode(input));
    if let Some(number) = input.first_chunk().copied().map(i64::from_le_bytes) {
        write(number.saturating_abs());
    }
});

/// Whatever reads a text would write the very same.
fn read(text: &str) {
    if let Ok(id) = text.parse::<GlobalId>() {
        assert!(id.id > 0);
        assert_eq!(id.to_string(), text);
    }
    if let Some(place) = anomaly_id::place(text, TEAM) {
        assert_eq!(
            AnomalyId {
                place: &place,
                team: TEAM
            }
            .to_string(),
            text
        );
        for other in [0, TEAM + 1, -TEAM, i64::MAX] {
            assert_eq!(
                anomaly_id::place(text, other),
                None,
                "an id of another team"
            );
        }
    }
    match after_event(Some(text)) {
        Ok(After::Cursor(cursor)) => assert_eq!(EventCursor(cursor).to_string(), text),
        Ok(After::Now) => panic!("a cursor that is none"),
        Err(_) => {}
    }
    if let Some(place) = FeedPlace::decode(text) {
        assert_eq!(place.encode(), text);
    }
    if let Ok(cursor) = PageCursor::decode("after", text) {
        assert_eq!(cursor.encode(), text);
    }
    for name in EXPORTS {
        if let Ok(cursor) = export::Cursor::decode(text, name) {
            assert_eq!((cursor.encode(), &*cursor.export), (text.to_owned(), name));
        }
    }
}

/// What is written is read.
fn write(number: i64) {
    let text = EventCursor(number).to_string();
    assert!(matches!(after_event(Some(&text)), Ok(After::Cursor(read)) if read == number));
    let known = "Q2FtcGFpZ246MQ".parse::<GlobalId>();
    let node = known.expect("the id of the first campaign").node;
    let id = GlobalId::new(node, number);
    assert_eq!(id.to_string().parse().ok(), (number > 0).then_some(id));
}
