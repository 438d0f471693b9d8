//! Log entries: what the text of a log stream says, line by line.

use std::{
    fs::File,
    io::{BufRead as _, BufReader, Read as _},
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use serde::{Deserialize, Serialize, Serializer};

use crate::server::{
    db::{launches, logs::LogsRow},
    error::{AppError, Result},
    id::Id,
    launch::{logs as runner_logs, process::RunFolder},
    service::{
        artifact_files::{LocalStore, unreadable},
        logs::RUNNER_SOURCE,
    },
    state::AppState,
    time::Timestamp,
};

/// The most entries of one answer (ZenML's default).
pub const MAX_ENTRIES: usize = 50_000;

/// The most bytes read for one answer.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// Levels as Python's `logging` numbers them; a line with another number is taken as plain text.
const LEVELS: [i64; 6] = [0, 10, 20, 30, 40, 50];

/// The level of a line that states none.
const INFO: i64 = 20;

/// One entry (ZenML's `LogEntry`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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

/// The oldest entries of a stream, at most `limit`. A stream whose file is not written yet has none.
pub async fn entries(state: &AppState, logs: &LogsRow, limit: usize) -> Result<Vec<LogEntry>> {
    let limit = limit.min(MAX_ENTRIES);
    if logs.source == RUNNER_SOURCE && logs.artifact_store_id.is_none() {
        return runner_entries(state, logs.pipeline_run_id, limit).await;
    }
    if logs.log_store_id.is_some() {
        return Err(AppError::NotImplemented(
            "These logs are in a log store, which this server cannot read. Read them there, or use an artifact log store.".to_owned(),
        ));
    }
    let Some(uri) = logs.uri.clone() else { return Ok(Vec::new()) };
    let store = LocalStore::open(&mut state.db.read().await?, &state.config, logs.artifact_store_id).await?;
    let read = move || match store.resolve(&uri) {
        Ok(path) => read_path(&path, limit).map_err(|error| unreadable(&uri, &error)),
        Err(AppError::NotFound(_)) => Ok(Vec::new()),
        Err(error) => Err(error),
    };
    tokio::task::spawn_blocking(read).await.context("reading logs")?
}

/// What the runner of a launched run printed; nothing for a run that this server did not launch.
async fn runner_entries(state: &AppState, run: Option<Id>, limit: usize) -> Result<Vec<LogEntry>> {
    let Some(run) = run else { return Ok(Vec::new()) };
    let Some(launch) = launches::get(&mut state.db.read().await?, run).await? else { return Ok(Vec::new()) };
    let log = RunFolder::at(launch.work_directory).log();
    let read = move || {
        let mut entries = Vec::new();
        let mut offset = 0;
        while entries.len() < limit && offset < MAX_BYTES {
            let page = runner_logs::read(&log, offset, limit - entries.len())?;
            if page.next == offset {
                break;
            }
            offset = page.next;
            entries.extend(page.lines.into_iter().map(|line| {
                // Python allows levels of one's own; the client knows only its own ones.
                let level = line.level.filter(|level| LEVELS.contains(level)).unwrap_or(INFO);
                plain(line.message, level, line.timestamp)
            }));
        }
        Ok::<_, std::io::Error>(entries)
    };
    let entries = tokio::task::spawn_blocking(read).await.context("reading runner logs")?;
    Ok(entries.context("reading runner logs")?)
}

/// Reads a log file, or the files of a folder in the order of their names (how stores that cannot append keep logs).
fn read_path(path: &Path, limit: usize) -> std::io::Result<Vec<LogEntry>> {
    let mut entries = Vec::new();
    let mut bytes = MAX_BYTES;
    for file in files(path)? {
        let mut reader = BufReader::new(File::open(file)?.take(bytes));
        let mut line = Vec::new();
        while entries.len() < limit && reader.read_until(b'\n', &mut line)? > 0 {
            bytes = bytes.saturating_sub(line.len() as u64);
            entries.extend(parse_line(&String::from_utf8_lossy(&line)));
            line.clear();
        }
    }
    Ok(entries)
}

fn files(path: &Path) -> std::io::Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = std::fs::read_dir(path)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>()?;
    // Only files themselves: a link could lead out of the store.
    files.retain(|file| file.symlink_metadata().is_ok_and(|metadata| metadata.is_file()));
    files.sort();
    Ok(files)
}

/// An entry from one line: JSON, or text that may begin with `[2026-11-23 04:51:11 UTC]`; none from an empty line.
fn parse_line(line: &str) -> Option<LogEntry> {
    let line = line.trim();
    if line.is_empty() {
        return None;
    }
    if line.starts_with('{')
        && let Ok(entry) = serde_json::from_str::<LogEntry>(line)
        && entry.level.is_none_or(|level| LEVELS.contains(&level))
    {
        return Some(entry);
    }
    let (timestamp, message) = match old_format(line) {
        Some((timestamp, message)) => (Some(timestamp), message),
        None => (None, line),
    };
    Some(plain(message.to_owned(), INFO, timestamp))
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
        let entry = parse_line(line).expect("an entry");
        assert_eq!((entry.message.as_str(), entry.level, entry.lineno), ("loading", Some(30), Some(7)));
        let json = serde_json::to_value(&entry).expect("it is JSON");
        assert_eq!(json["timestamp"], "2026-11-23T04:56:42.984740Z");
        assert_eq!(json["total_chunks"], 1);
    }

    #[test]
    fn other_lines_are_plain_text_at_level_info() {
        for line in ["{not json}", r#"{"level": 20}"#, r#"{"message": "m", "level": 21}"#, "plain"] {
            let entry = parse_line(line).expect("an entry");
            assert_eq!((entry.message.as_str(), entry.level), (line, Some(INFO)));
        }
        assert_eq!(parse_line(" \n"), None);
    }

    #[test]
    fn the_old_time_prefix_becomes_the_time() {
        let entry = parse_line("[2026-11-23 04:51:11 UTC] hello").expect("an entry");
        assert_eq!((entry.message.as_str(), entry.timestamp), ("hello", Timestamp::parse("2026-11-23T04:51:11")));
    }

    #[test]
    fn folders_are_read_in_the_order_of_names_up_to_the_limit() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("2.log"), "c\n").expect("a file");
        std::fs::write(folder.path().join("1.log"), "a\nb\n").expect("a file");
        let messages = |limit| read_path(folder.path(), limit).expect("it reads").into_iter().map(|e| e.message).collect::<Vec<_>>();
        assert_eq!(messages(10), ["a", "b", "c"]);
        assert_eq!(messages(2), ["a", "b"]);
    }
}
