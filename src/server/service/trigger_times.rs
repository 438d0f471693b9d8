//! When scheduled triggers are due: pure arithmetic on times, all of them UTC.
//!
//! Cron expressions have the five usual fields and mean UTC, as in ZenML, so that no clock change skips or repeats a time.
//!
//! **Missed times.** What became due while no server was running is fired once, for the newest of the missed times, if that is
//! no older than [`GRACE_SECONDS`]; the others, and all of them after longer, are skipped.

use chrono::{DateTime, Utc};
use croner::{
    Cron,
    parser::{CronParser, Seconds, Year},
};

use crate::server::{
    api::wire::triggers::ScheduleConfiguration,
    error::{AppError, Result},
    time::Timestamp,
};

/// How late a schedule still fires, in seconds.
pub const GRACE_SECONDS: i64 = 60 * 60;

/// What a schedule repeats.
#[derive(Debug)]
enum Rule {
    /// `start` is the time after which the first one comes.
    Cron {
        expression: Box<Cron>,
        start: Option<Timestamp>,
    },
    Interval {
        start: Timestamp,
        seconds: i64,
    },
    Once(Timestamp),
}

/// The times of a schedule.
#[derive(Debug)]
pub struct Times {
    rule: Rule,
    end: Option<Timestamp>,
}

/// What to do about a schedule that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// The time to fire for; none where all that is due is too old.
    pub fire: Option<Timestamp>,
    /// When the schedule is due next; none when it never is again.
    pub next: Option<Timestamp>,
}

impl Times {
    /// Reads a configuration: one of cron, interval with a start, or a single time.
    ///
    /// # Errors
    /// 422 where the options do not fit together, 400 for a cron expression that cannot be read.
    pub fn read(configuration: &ScheduleConfiguration) -> Result<Self> {
        let refuse = |message: &str| Err(AppError::Malformed(format!("1 validation error:\n  {message}")));
        let ScheduleConfiguration { cron_expression, interval, start_time, end_time, run_once_start_time, max_runs } = configuration;
        if interval.is_some_and(|seconds| seconds < 60) {
            return refuse("`interval` must be 60 seconds or more.");
        }
        if max_runs.is_some_and(|runs| runs < 1) {
            return refuse("`max_runs` must be 1 or more.");
        }
        if let (Some(start), Some(end)) = (start_time, end_time)
            && end <= start
        {
            return refuse("The end time must be after the start time.");
        }
        let rule = match (cron_expression, interval, run_once_start_time) {
            (Some(text), None, None) => Rule::Cron { expression: Box::new(cron(text)?), start: *start_time },
            (None, Some(seconds), None) => match start_time {
                Some(start) => Rule::Interval { start: *start, seconds: *seconds },
                None => return refuse("Interval must be set with start time."),
            },
            (None, None, Some(time)) => Rule::Once(*time),
            (None, None, None) => return refuse("You must specify an execution option (cron, interval, one-off) for the schedule."),
            _ => return refuse("You must specify exactly one option (cron, interval, one-off) for the schedule."),
        };
        Ok(Self { rule, end: *end_time })
    }

    /// When a schedule that is made or changed now is due first. A single time in the past stays what it is.
    pub fn first(&self, now: Timestamp) -> Option<Timestamp> {
        let first = match &self.rule {
            Rule::Cron { expression, start } => next_of(expression, start.map_or(now, |start| start.max(now))),
            Rule::Interval { start, .. } if *start > now => Some(*start),
            Rule::Interval { start, seconds } => Some(last_of_interval(*start, *seconds, now).plus_seconds(*seconds)),
            Rule::Once(time) => Some(*time),
        };
        first.filter(|time| self.end.is_none_or(|end| *time <= end))
    }

    /// What to do when a schedule that was due at `planned` is found at `now`.
    pub fn due(&self, planned: Timestamp, now: Timestamp) -> Due {
        let until = self.end.map_or(now, |end| end.min(now));
        let newest = match &self.rule {
            Rule::Cron { expression, .. } => previous_of(expression, until).map_or(planned, |time| time.max(planned)),
            Rule::Interval { seconds, .. } if until >= planned => last_of_interval(planned, *seconds, until),
            Rule::Interval { .. } | Rule::Once(_) => planned,
        };
        let next = match &self.rule {
            Rule::Cron { expression, .. } => next_of(expression, now),
            Rule::Interval { seconds, .. } => Some(last_of_interval(planned, *seconds, now.max(planned)).plus_seconds(*seconds)),
            Rule::Once(_) => None,
        };
        Due {
            fire: Some(newest).filter(|time| *time <= until && now.seconds_since(*time) <= GRACE_SECONDS as f64),
            next: next.filter(|time| self.end.is_none_or(|end| *time <= end)),
        }
    }
}

fn cron(text: &str) -> Result<Cron> {
    let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
    parser.parse(text).map_err(|error| {
        AppError::Invalid(format!(
            "`{text}` is not a cron expression: {error}. It has five fields, in UTC: minute, hour, day of month, month, day of week."
        ))
    })
}

/// The last time of an interval, counted from `start`, that is not after `now`.
fn last_of_interval(start: Timestamp, seconds: i64, now: Timestamp) -> Timestamp {
    let passed = (now.seconds_since(start) / seconds as f64).floor() as i64;
    start.plus_seconds(passed.saturating_mul(seconds))
}

/// The first time of an expression after a time; none for one that never comes, such as 30 February.
fn next_of(expression: &Cron, after: Timestamp) -> Option<Timestamp> {
    let after: DateTime<Utc> = after.into();
    expression.find_next_occurrence(&after, false).ok().map(Into::into)
}

/// The last time of an expression that is not after a time.
fn previous_of(expression: &Cron, until: Timestamp) -> Option<Timestamp> {
    let until: DateTime<Utc> = until.into();
    expression.find_previous_occurrence(&until, true).ok().map(Into::into)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(&format!("2026-{text}")).expect("a time")
    }

    fn cron_times(expression: &str) -> ScheduleConfiguration {
        ScheduleConfiguration { cron_expression: Some(expression.to_owned()), ..ScheduleConfiguration::default() }
    }

    fn every(seconds: i64, start: &str) -> ScheduleConfiguration {
        ScheduleConfiguration { interval: Some(seconds), start_time: Some(at(start)), ..ScheduleConfiguration::default() }
    }

    fn times(configuration: &ScheduleConfiguration) -> Times {
        Times::read(configuration).expect("a schedule")
    }

    #[test]
    fn the_first_time_comes_after_now_and_after_the_start() {
        let nightly = cron_times("0 2 * * *");
        assert_eq!(times(&nightly).first(at("11-24T12:00:00")), Some(at("11-25T02:00:00")));
        let later = ScheduleConfiguration { start_time: Some(at("12-01T00:00:00")), ..nightly.clone() };
        assert_eq!(times(&later).first(at("11-24T12:00:00")), Some(at("12-01T02:00:00")));
        let over = ScheduleConfiguration { end_time: Some(at("11-25T01:00:00")), ..nightly };
        assert_eq!(times(&over).first(at("11-24T12:00:00")), None);
        assert_eq!(times(&every(90, "11-24T13:00:00")).first(at("11-24T12:00:00")), Some(at("11-24T13:00:00")));
        assert_eq!(times(&every(90, "11-24T11:59:00")).first(at("11-24T12:00:00")), Some(at("11-24T12:00:30")));
    }

    #[test]
    fn cron_knows_either_day_names_and_steps() {
        for (expression, first) in [
            ("*/20 * * * *", "11-24T12:20:00"),
            ("0 9 * * MON-FRI", "11-25T09:00:00"),
            // A day of the month or a day of the week, as every cron has it: 24 November 2026 is a Tuesday.
            ("0 0 1 * 5", "11-27T00:00:00"),
            ("0 0 * * 7", "11-29T00:00:00"),
        ] {
            assert_eq!(times(&cron_times(expression)).first(at("11-24T12:00:00")), Some(at(first)), "{expression}");
        }
        assert_eq!(times(&cron_times("0 0 30 2 *")).first(at("11-24T12:00:00")), None, "a day that never comes");
    }

    #[test]
    fn what_is_due_fires_once_and_goes_on_after_now() {
        let nightly = times(&cron_times("0 2 * * *"));
        let due = |planned, now| nightly.due(at(planned), at(now));
        let next = Some(at("11-25T02:00:00"));
        assert_eq!(due("11-24T02:00:00", "11-24T02:00:01"), Due { fire: Some(at("11-24T02:00:00")), next });
        assert_eq!(due("11-20T02:00:00", "11-24T02:59:00"), Due { fire: Some(at("11-24T02:00:00")), next }, "the newest of four");
        assert_eq!(due("11-20T02:00:00", "11-24T03:00:01"), Due { fire: None, next }, "too old");
        let minutely = times(&every(60, "11-24T00:00:00"));
        let expected = Due { fire: Some(at("11-24T12:00:00")), next: Some(at("11-24T12:01:00")) };
        assert_eq!(minutely.due(at("11-24T00:05:00"), at("11-24T12:00:30")), expected);
    }

    #[test]
    fn nothing_comes_after_the_end() {
        let schedule = times(&ScheduleConfiguration { end_time: Some(at("11-24T12:00:00")), ..every(3600, "11-24T08:00:00") });
        assert_eq!(schedule.due(at("11-24T11:00:00"), at("11-24T11:00:02")).next, Some(at("11-24T12:00:00")));
        let last = Due { fire: Some(at("11-24T12:00:00")), next: None };
        assert_eq!(schedule.due(at("11-24T12:00:00"), at("11-24T12:00:02")), last);
        assert_eq!(schedule.due(at("11-24T10:00:00"), at("11-24T12:30:00")), last, "missed, and the end has passed since");
    }

    #[test]
    fn a_single_time_fires_once() {
        let once = ScheduleConfiguration { run_once_start_time: Some(at("11-24T12:00:00")), ..ScheduleConfiguration::default() };
        let once = times(&once);
        assert_eq!(once.first(at("11-24T12:00:01")), Some(at("11-24T12:00:00")));
        assert_eq!(once.due(at("11-24T12:00:00"), at("11-24T12:00:01")), Due { fire: Some(at("11-24T12:00:00")), next: None });
        assert_eq!(once.due(at("11-24T12:00:00"), at("11-24T15:00:00")), Due { fire: None, next: None });
    }

    #[test]
    fn what_is_no_schedule_is_refused() {
        for bad in [
            ScheduleConfiguration::default(),
            ScheduleConfiguration { interval: Some(60), ..ScheduleConfiguration::default() },
            every(59, "11-24T00:00:00"),
            ScheduleConfiguration { interval: Some(60), start_time: Some(at("11-24T00:00:00")), ..cron_times("* * * * *") },
            ScheduleConfiguration { end_time: Some(at("11-24T00:00:00")), ..every(60, "11-24T00:00:00") },
        ] {
            assert!(matches!(Times::read(&bad), Err(AppError::Malformed(_))), "{bad:?}");
        }
        for bad in ["", "daily", "* * * *", "0 0 2 * * *", "61 * * * *"] {
            assert!(matches!(Times::read(&cron_times(bad)), Err(AppError::Invalid(_))), "{bad:?}");
        }
    }
}
