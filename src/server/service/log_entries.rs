//! Log entries: what the text of a log stream says, line by line.

use std::path::PathBuf;

use anyhow::Context as _;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};

use crate::server::{
    db::{launches, logs::LogsRow},
    error::{AppError, Result},
    id::Id,
    launch::{logs::RunnerLine, process::RunFolder},
    service::{
        artifact_files::{LocalStore, unreadable},
        log_files::{LogFiles, Part, Place},
        logs::RUNNER_SOURCE,
    },
    state::AppState,
    time::Timestamp,
};

/// The most entries of one answer (ZenML's default).
pub const MAX_ENTRIES: usize = 50_000;

/// Levels as Python's `logging` numbers them; a line with another number is taken as plain text.
const LEVELS: [i64; 6] = [0, 10, 20, 30, 40, 50];

/// Whether a text names a level of logs, in words or as a number.
pub fn is_level(text: &str) -> bool {
    let names = ["NOTSET", "DEBUG", "INFO", "WARN", "WARNING", "ERROR", "CRITICAL"];
    names.contains(&text.to_ascii_uppercase().as_str()) || text.parse().is_ok_and(|number: i64| LEVELS.contains(&number))
}

/// The level of a line that states none.
const INFO: i64 = 20;

/// One entry (ZenML's `LogEntry`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LogEntry {
    pub message: String,
    pub name: Option<String>,
    pub level: Option<i64>,
    /// Unlike other times of the protocol these end in `Z`.
    #[serde(serialize_with = "with_z")]
    pub timestamp: Option<Timestamp>,
    pub module: Option<String>,
    pub filename: Option<String>,
    pub lineno: Option<i64>,
    /// A long message is cut into chunks that share an id.
    #[serde(default)]
    pub chunk_index: i64,
    #[serde(default = "one")]
    pub total_chunks: i64,
    #[serde(default)]
    pub id: Id,
}

fn one() -> i64 {
    1
}

fn with_z<S: Serializer>(time: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) => serializer.collect_str(&format_args!("{time}Z")),
        None => serializer.serialize_none(),
    }
}

/// A piece of a stream.
#[derive(Debug, Default)]
pub struct Entries {
    pub items: Vec<LogEntry>,
    pub from: Place,
    pub to: Place,
    /// Entries that the stream has by now.
    pub total: usize,
}

/// Part of the entries of a stream, at most `limit`. A stream whose file is not written yet has none; where it may still
/// grow, an entry that is being written is left for the next time.
pub async fn entries(state: &AppState, logs: &LogsRow, part: Part, limit: usize, grows: bool) -> Result<Entries> {
    let limit = limit.min(MAX_ENTRIES);
    let Some(text) = find_text(state, logs).await? else { return Ok(Entries::default()) };
    let uri = logs.uri.clone().unwrap_or_default();
    let read = move || {
        let piece = LogFiles::open(&text.path).and_then(|files| files.read(part, limit, grows));
        let piece = piece.map_err(|error| unreadable(&uri, &error))?;
        let items = piece.lines.iter().map(|line| (text.parse)(&String::from_utf8_lossy(line))).collect();
        Ok(Entries { items, from: piece.from, to: piece.to, total: piece.total })
    };
    tokio::task::spawn_blocking(read).await.context("reading logs")?
}

/// The file or folder of a stream, and how its lines are read.
struct Text {
    path: PathBuf,
    parse: fn(&str) -> LogEntry,
}

async fn find_text(state: &AppState, logs: &LogsRow) -> Result<Option<Text>> {
    if logs.source == RUNNER_SOURCE && logs.artifact_store_id.is_none() {
        // What the runner of a launched run printed; nothing for a run that this server did not launch.
        let Some(run) = logs.pipeline_run_id else { return Ok(None) };
        let launch = launches::get(&mut state.db.read().await?, run).await?;
        return Ok(launch.map(|launch| Text { path: RunFolder::at(launch.work_directory).log(), parse: runner_entry }));
    }
    if logs.log_store_id.is_some() {
        return Err(AppError::NotImplemented(
            "These logs are in a log store, which this server cannot read. Read them there, or use an artifact log store.".to_owned(),
        ));
    }
    let Some(uri) = &logs.uri else { return Ok(None) };
    let store = LocalStore::open(&mut state.db.read().await?, &state.config, logs.artifact_store_id).await?;
    match store.resolve(uri) {
        Ok(path) => Ok(Some(Text { path, parse: parse_line })),
        Err(AppError::NoSuchPart(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

fn runner_entry(line: &str) -> LogEntry {
    let line = RunnerLine::parse(line);
    // Python allows levels of one's own; the client knows only its own ones.
    let level = line.level.filter(|level| LEVELS.contains(level)).unwrap_or(INFO);
    plain(line.message, level, line.timestamp)
}

/// An entry from one line: JSON, or text that may begin with `[2026-11-23 04:51:11 UTC]`.
fn parse_line(line: &str) -> LogEntry {
    let line = line.trim();
    if line.starts_with('{')
        && let Ok(entry) = serde_json::from_str::<LogEntry>(line)
        && entry.level.is_none_or(|level| LEVELS.contains(&level))
    {
        return entry;
    }
    let (timestamp, message) = match old_format(line) {
        Some((timestamp, message)) => (Some(timestamp), message),
        None => (None, line),
    };
    plain(message.to_owned(), INFO, timestamp)
}

fn plain(message: String, level: i64, timestamp: Option<Timestamp>) -> LogEntry {
    LogEntry {
        message,
        name: None,
        level: Some(level),
        timestamp,
        module: None,
        filename: None,
        lineno: None,
        chunk_index: 0,
        total_chunks: 1,
        id: Id::new(),
    }
}

fn old_format(line: &str) -> Option<(Timestamp, &str)> {
    let (time, message) = line.strip_prefix('[')?.split_once(" UTC]")?;
    Some((Timestamp::parse(time)?, message.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_lines_keep_their_fields_and_times_end_in_z() {
        let line =
            r#"{"message": "loading", "name": "root", "level": 30, "timestamp": "2026-11-23T04:56:42.984740Z", "lineno": 7, "x": 1}"#;
        let entry = parse_line(line);
        assert_eq!((entry.message.as_str(), entry.level, entry.lineno), ("loading", Some(30), Some(7)));
        let json = serde_json::to_value(&entry).expect("it is JSON");
        assert_eq!(json["timestamp"], "2026-11-23T04:56:42.984740Z");
        assert_eq!(json["total_chunks"], 1);
    }

    #[test]
    fn other_lines_are_plain_text_at_level_info() {
        for line in ["{not json}", r#"{"level": 20}"#, r#"{"message": "m", "level": 21}"#, "plain"] {
            let entry = parse_line(line);
            assert_eq!((entry.message.as_str(), entry.level), (line, Some(INFO)));
        }
    }

    #[test]
    fn the_old_time_prefix_becomes_the_time() {
        let entry = parse_line("[2026-11-23 04:51:11 UTC] hello");
        assert_eq!((entry.message.as_str(), entry.timestamp), ("hello", Timestamp::parse("2026-11-23T04:51:11")));
    }
}
