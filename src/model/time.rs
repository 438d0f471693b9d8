//! Points in time and durations as pages show them.

use serde::{Deserialize, Serialize};

/// A point in time. The texts are the server's, so that both worlds render the same; an open page keeps `ago` current.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Moment {
    /// Milliseconds since 1970.
    pub millis: f64,
    /// RFC 3339 in UTC, for machines.
    pub iso: String,
    /// For a tooltip: `24 Nov 2026, 08:53:23 UTC`.
    pub absolute: String,
    /// `3 min ago`.
    pub ago: String,
}

/// How long something took, or takes so far.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Duration {
    /// Milliseconds since 1970 of its start, while it still runs.
    pub running_since: Option<f64>,
    /// Seconds when the page was made; none if it never started.
    pub seconds: Option<f64>,
}

impl Duration {
    /// The text at the time the page was made.
    pub fn text(&self) -> String {
        self.seconds.map_or_else(|| "–".to_owned(), |seconds| if self.running_since.is_some() { whole(seconds) } else { duration(seconds) })
    }
}

/// A past time in words, from its distance in seconds.
pub fn ago(seconds: f64) -> String {
    let seconds = seconds.max(0.0) as u64;
    match seconds {
        0..=9 => "just now".to_owned(),
        10..=59 => format!("{seconds} s ago"),
        60..=3_599 => format!("{} min ago", seconds / 60),
        3_600..=86_399 => format!("{} h ago", seconds / 3_600),
        86_400..=172_799 => "yesterday".to_owned(),
        172_800..=2_591_999 => format!("{} days ago", seconds / 86_400),
        2_592_000..=31_535_999 => format!("{} mo ago", seconds / 2_592_000),
        _ => format!("{} y ago", seconds / 31_536_000),
    }
}

/// A finished duration: `0.4s`, `9.2s`, `48s`, `3m 07s`, `1h 04m 09s`, `2d 03h`.
pub fn duration(seconds: f64) -> String {
    // By whole tenths: formatting of floats would be a large part of what the browser loads.
    let tenths = (seconds.max(0.0) * 10.0).round() as u64;
    if tenths < 100 { format!("{}.{}s", tenths / 10, tenths % 10) } else { whole(seconds) }
}

/// The same in whole seconds, for one that is still counting.
pub fn whole(seconds: f64) -> String {
    let seconds = seconds.max(0.0).round() as u64;
    let (days, hours, minutes, rest) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{rest}s"),
        (0, 0, minutes) => format!("{minutes}m {rest:02}s"),
        (0, hours, minutes) => format!("{hours}h {minutes:02}m {rest:02}s"),
        (days, hours, _) => format!("{days}d {hours:02}h"),
    }
}

#[cfg(test)]
mod tests {
    use super::{ago, duration, whole};

    #[test]
    fn durations_have_two_digits_below_the_first_unit() {
        assert_eq!(duration(0.44), "0.4s");
        assert_eq!(duration(9.96), "10s");
        assert_eq!(duration(187.0), "3m 07s");
        assert_eq!(duration(3849.2), "1h 04m 09s");
        assert_eq!(duration(183_600.0), "2d 03h");
        assert_eq!(whole(0.9), "1s");
    }

    #[test]
    fn past_times_are_told_in_one_unit() {
        assert_eq!(ago(-3.0), "just now");
        assert_eq!(ago(59.9), "59 s ago");
        assert_eq!(ago(7_300.0), "2 h ago");
        assert_eq!(ago(90_000.0), "yesterday");
        assert_eq!(ago(86_400.0 * 12.0), "12 days ago");
        assert_eq!(ago(86_400.0 * 800.0), "2 y ago");
    }
}
