//! Points in time: naive UTC with microseconds, as ZenML writes them (no offset, no `Z`).

use std::fmt;

use chrono::{DateTime, Datelike as _, NaiveDate, NaiveDateTime, SubsecRound, Timelike as _, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A UTC time with microsecond precision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(NaiveDateTime);

impl Timestamp {
    /// The present moment.
    pub fn now() -> Self {
        Self(Utc::now().naive_utc().trunc_subsecs(6))
    }

    /// Reads an ISO 8601 time; a time with an offset is converted to UTC, one without is taken as UTC.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(stored) = Self::parse_stored(text) {
            return Some(stored);
        }
        let naive = DateTime::parse_from_rfc3339(text)
            .map(|time| time.naive_utc())
            .or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f"))
            .or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f"))
            .ok()?;
        Some(Self(naive.trunc_subsecs(6)))
    }

    /// Reads the stored form alone, which every row has several of.
    fn parse_stored(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        if bytes.len() != 26
            || [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':'), (19, b'.')].iter().any(|&(at, byte)| bytes[at] != byte)
        {
            return None;
        }
        let number = |from: usize, to: usize| {
            bytes[from..to].iter().try_fold(0_u32, |number, byte| byte.is_ascii_digit().then(|| number * 10 + u32::from(byte - b'0')))
        };
        let date = NaiveDate::from_ymd_opt(number(0, 4)?.cast_signed(), number(5, 7)?, number(8, 10)?)?;
        Some(Self(date.and_hms_micro_opt(number(11, 13)?, number(14, 16)?, number(17, 19)?, number(20, 26)?)?))
    }

    /// The fixed-width form stored in the database, whose text order is time order.
    pub fn stored(&self) -> String {
        String::from_utf8_lossy(&self.digits()).into_owned()
    }

    /// The characters of the stored form, written one by one: each answer has hundreds of times, and formatting is slow.
    fn digits(&self) -> [u8; 26] {
        let (date, time) = (self.0.date(), self.0.time());
        let mut text = *b"0000-00-00T00:00:00.000000";
        let mut write = |from: usize, to: usize, mut number: u32| {
            for digit in text[from..to].iter_mut().rev() {
                *digit = b'0' + (number % 10) as u8;
                number /= 10;
            }
        };
        write(0, 4, date.year().unsigned_abs());
        write(5, 7, date.month());
        write(8, 10, date.day());
        write(11, 13, time.hour());
        write(14, 16, time.minute());
        write(17, 19, time.second());
        write(20, 26, time.nanosecond() / 1000);
        text
    }

    /// This time formatted with a `strftime` pattern.
    pub fn format(&self, pattern: &str) -> String {
        self.0.format(pattern).to_string()
    }

    /// Seconds from `earlier` to this time, negative if `earlier` is later.
    pub fn seconds_since(&self, earlier: Self) -> f64 {
        (self.0 - earlier.0).num_microseconds().unwrap_or(i64::MAX) as f64 / 1e6
    }

    /// This time moved by a number of seconds (negative: back).
    pub fn plus_seconds(&self, seconds: i64) -> Self {
        let moved = chrono::Duration::try_seconds(seconds).and_then(|d| self.0.checked_add_signed(d));
        Self(moved.unwrap_or(self.0))
    }

    /// The time a number of seconds after 1970; none for one that no calendar knows.
    pub fn from_unix_seconds(seconds: f64) -> Option<Self> {
        Some(Self(DateTime::from_timestamp_micros((seconds * 1e6).round() as i64)?.naive_utc()))
    }

    /// Seconds since 1970, as JSON Web Tokens count.
    pub fn unix_seconds(&self) -> f64 {
        self.0.and_utc().timestamp_micros() as f64 / 1e6
    }
}

impl From<DateTime<Utc>> for Timestamp {
    fn from(time: DateTime<Utc>) -> Self {
        Self(time.naive_utc().trunc_subsecs(6))
    }
}

impl From<Timestamp> for DateTime<Utc> {
    fn from(time: Timestamp) -> Self {
        time.0.and_utc()
    }
}

/// The wire form: microseconds are omitted when they are zero, as pydantic does.
impl fmt::Display for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.digits();
        let text = std::str::from_utf8(&digits).map_err(|_| fmt::Error)?;
        formatter.write_str(text.strip_suffix(".000000").unwrap_or(text))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl std::str::FromStr for Timestamp {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text).ok_or_else(|| format!("`{text}` is not an ISO 8601 date and time"))
    }
}

crate::stored_as_text!(Timestamp);

#[cfg(test)]
mod tests {
    use super::Timestamp;

    #[test]
    fn offsets_become_utc_and_zero_microseconds_are_omitted() {
        let time = Timestamp::parse("2026-11-23T06:00:00+02:00").expect("a valid time");
        assert_eq!(time.to_string(), "2026-11-23T04:00:00");
        assert_eq!(time.stored(), "2026-11-23T04:00:00.000000");
    }

    #[test]
    fn a_stored_time_is_read_as_it_was_written() {
        for text in ["2026-11-23T04:05:06.000007", "0099-01-02T23:59:59.999999", "2024-02-29T00:00:00.000000"] {
            assert_eq!(Timestamp::parse(text).map(|time| time.stored()).as_deref(), Some(text));
        }
        for wrong in ["2026-02-29T00:00:00.000000", "2026-11-23T24:00:00.000000", "2026-11-23T04:05:0x.000007"] {
            assert_eq!(Timestamp::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn text_that_is_no_time_is_refused() {
        assert_eq!(Timestamp::parse("yesterday"), None);
    }
}
