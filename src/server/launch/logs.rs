//! What a runner printed: notes of the launcher, what a line says, and its last words.
//!
//! The file may be large and may grow while it is read, so a bounded part of it is read.

use std::{
    fs,
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    path::Path,
};

use crate::server::time::Timestamp;

/// Bytes read at once.
const MAX_BYTES: u64 = 256 * 1024;
/// Characters one line may have; the rest of a longer one is cut off.
const MAX_LINE: usize = 16 * 1024;
/// Lines of the last words.
const LAST_LINES: usize = 12;
/// Characters of the last words.
const MAX_WORDS: usize = 2000;

/// One line of a runner's output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunnerLine {
    pub message: String,
    /// Python's log level (10 debug … 50 critical) where the line says it.
    pub level: Option<i64>,
    pub timestamp: Option<Timestamp>,
}

/// The format runners log in, as `ZENML_CONSOLE_LOGGING_FORMAT`: seconds since 1970, level, message.
pub const FORMAT: &str = "%(created).6f %(levelno)d %(message)s";

/// Adds a line of the launcher's own. A log that cannot be written is not worth failing a run for.
pub fn note(log: &Path, message: &str) {
    let line = format!("{:.6} 20 {message}\n", Timestamp::now().unix_seconds());
    let written = fs::OpenOptions::new().create(true).append(true).open(log).and_then(|mut file| file.write_all(line.as_bytes()));
    if let Err(error) = written {
        tracing::warn!(log = %log.display(), %error, "cannot write to a runner's log");
    }
}

/// The end of what was written since an offset, as text.
pub fn text_from(log: &Path, offset: u64) -> String {
    let read = || -> io::Result<String> {
        let mut file = fs::File::open(log)?;
        let start = file.metadata()?.len().saturating_sub(MAX_BYTES).max(offset);
        file.seek(SeekFrom::Start(start))?;
        let mut bytes = Vec::new();
        file.take(MAX_BYTES).read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    read().unwrap_or_default()
}

/// What a program said last that means something: the error at the end of its last Python traceback, else its error lines
/// or its last lines.
pub fn last_words(text: &str) -> String {
    let lines: Vec<String> =
        text.lines().map(RunnerLine::parse).map(|line| line.message).filter(|message| !message.trim().is_empty()).collect();
    let traceback = lines.iter().rposition(|line| line.starts_with("Traceback (most recent call last)"));
    let error = traceback.and_then(|start| {
        let after = lines[start + 1..].iter().position(|line| !line.starts_with(char::is_whitespace))?;
        Some(start + 1 + after)
    });
    let last = lines.len().saturating_sub(LAST_LINES);
    let words = match error {
        Some(error) => lines[error..].iter().take(LAST_LINES).cloned().collect(),
        None => {
            let errors: Vec<String> = lines[last..].iter().filter(|line| line.starts_with("ERROR")).cloned().collect();
            if errors.is_empty() { lines[last..].to_vec() } else { errors }
        }
    };
    let words = words.join("\n");
    match words.char_indices().nth(MAX_WORDS) {
        Some((end, _)) => format!("{}…", &words[..end]),
        None => words,
    }
}

impl RunnerLine {
    /// Reads a line, without its escape sequences for terminals.
    pub fn parse(line: &str) -> Self {
        let mut text = without_escapes(line.trim_end());
        let (mut level, mut timestamp) = (None, None);
        if let Some((seconds, number, message)) = stamped(&text) {
            (level, timestamp) = (Some(number), Timestamp::from_unix_seconds(seconds));
            text = message.to_owned();
        }
        if let Some((end, _)) = text.char_indices().nth(MAX_LINE) {
            text.truncate(end);
            text.push('…');
        }
        Self { message: text, level, timestamp }
    }
}

/// The parts of a line in [`FORMAT`].
fn stamped(line: &str) -> Option<(f64, i64, &str)> {
    let (seconds, rest) = line.split_once(' ')?;
    let (level, message) = rest.split_once(' ')?;
    let (whole, fraction) = seconds.split_once('.')?;
    if whole.len() < 9 || fraction.len() != 6 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some((seconds.parse().ok()?, level.parse().ok()?, message))
}

/// Text without terminal escape sequences (`ESC [ … letter`) and NUL characters, which no database stores; of a line that
/// was drawn several times, the last drawing.
fn without_escapes(line: &str) -> String {
    let line = line.rsplit('\r').find(|part| !part.is_empty()).unwrap_or(line);
    let mut text = String::with_capacity(line.len());
    let mut rest = line.chars();
    while let Some(character) = rest.next() {
        if character == '\u{1b}' {
            if rest.next() == Some('[') {
                rest.find(|c| ('@'..='~').contains(c));
            }
        } else if character != '\0' {
            text.push(character);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_its_time_and_level_if_it_has_them() {
        let folder = tempfile::tempdir().expect("a folder");
        let log = folder.path().join("runner.log");
        note(&log, "first");
        let line = RunnerLine::parse(&fs::read_to_string(&log).expect("text"));
        assert_eq!((line.message.as_str(), line.level, line.timestamp.is_some()), ("first", Some(20), true));
        let line = RunnerLine::parse("\u{1b}[31mr\0ed\u{1b}[0m\n");
        assert_eq!((line.message.as_str(), line.level, line.timestamp), ("red", None, None));
    }

    #[test]
    fn the_last_words_are_the_error_of_the_last_traceback() {
        let text = "1795409471.616900 20 Step `a` has started.\nTraceback (most recent call last):\n  File \"x\", line 1\n    f()\n\
                    ValueError: no rows\nin the table\n";
        assert_eq!(last_words(text), "ValueError: no rows\nin the table");
        assert_eq!(last_words("one\ntwo\n"), "one\ntwo");
        assert_eq!(last_words("Collecting x\nERROR: no x\nhint\n"), "ERROR: no x");
        assert_eq!(last_words(""), "");
    }
}
