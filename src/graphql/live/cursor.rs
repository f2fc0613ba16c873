//! The place of an event among its team's, as clients see it.

use std::fmt;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::TimeDelta;

use crate::{
    error::{Error, Result},
    live::After,
    store::TeamStore,
};

const PREFIX: &str = "event:";

/// The place of an event.
pub struct EventCursor(pub i64);

impl fmt::Display for EventCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE64_URL_SAFE_NO_PAD.encode(format!("{PREFIX}{}", self.0)))
    }
}

/// Where a subscription with this `after` begins.
pub fn after(cursor: Option<&str>) -> Result<After> {
    let Some(text) = cursor else {
        return Ok(After::Now);
    };
    let read = || {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        let number = std::str::from_utf8(&bytes).ok()?.strip_prefix(PREFIX)?;
        number.parse().ok().filter(|cursor| *cursor >= 0)
    };
    let own = |cursor: &i64| EventCursor(*cursor).to_string() == text;
    read().filter(own).map(After::Cursor).ok_or_else(|| {
        let shown: String = text.chars().take(60).collect();
        Error::invalid("after", shown, "the `cursor` of an event is needed")
    })
}

/// The cursor after which come the events from now on.
pub async fn now(store: &TeamStore) -> Result<String> {
    Ok(EventCursor(standing(store).await?).to_string())
}

/// The place after which come the events from now on. A team without events has one, too.
pub async fn standing(store: &TeamStore) -> Result<i64> {
    let last = store.last_event().await?;
    // Clocks of instances differ, but not by a day.
    let before_now = (store.clock().now() - TimeDelta::days(1)).timestamp_micros();
    Ok(last.max(before_now))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_written_and_nothing_else_is() {
        let text = EventCursor(1_790_000_000_000_000).to_string();
        assert_eq!(
            after(Some(&text)).unwrap(),
            After::Cursor(1_790_000_000_000_000)
        );
        assert_eq!(after(None).unwrap(), After::Now);
        for wrong in [
            "",
            "7",
            "ZXZlbnQ6LTE",
            "ZXZlbnQ6eA",
            "ZXZlbnQ6Kzc",
            "ZXZlbnQ6MDc",
        ] {
            assert!(after(Some(wrong)).is_err(), "{wrong}");
        }
    }
}
