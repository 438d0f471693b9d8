//! What a runner printed: notes of the launcher, reading in pages, and its last words.
//!
//! The file may be large and may grow while it is read, so every function reads a bounded part of it.

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

/// Part of a runner's output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunnerPage {
    pub lines: Vec<RunnerLine>,
    /// Where the next part begins: give it to [`read`] again to follow a running runner.
    pub next: u64,
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

/// Complete lines from an offset on, at most `limit`. A file that is missing has no lines.
pub fn read(log: &Path, offset: u64, limit: usize) -> io::Result<RunnerPage> {
    let mut bytes = Vec::new();
    match fs::File::open(log) {
        Ok(mut file) => {
            file.seek(SeekFrom::Start(offset))?;
            file.take(MAX_BYTES).read_to_end(&mut bytes)?;
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let full = bytes.len() as u64 == MAX_BYTES;
    let mut page = RunnerPage { lines: Vec::new(), next: offset };
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        // The last line of a running runner may still grow; one that fills the whole part is taken as it is.
        let complete = line.ends_with(b"\n") || (full && page.lines.is_empty());
        if page.lines.len() >= limit || !complete {
            break;
        }
        page.next += line.len() as u64;
        page.lines.extend(RunnerLine::parse(&String::from_utf8_lossy(line)));
    }
    Ok(page)
}

/// The offset from which about the last `lines` lines are read.
pub fn tail_offset(log: &Path, lines: usize) -> io::Result<u64> {
    let mut file = match fs::File::open(log) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(error),
    };
    let length = file.metadata()?.len();
    let start = length.saturating_sub(MAX_BYTES);
    file.seek(SeekFrom::Start(start))?;
    let mut bytes = Vec::new();
    file.take(MAX_BYTES).read_to_end(&mut bytes)?;
    let ends: Vec<usize> = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(index, _)| index + 1).collect();
    let skipped = match ends.len().checked_sub(lines + 1) {
        Some(index) => ends[index],
        None if start == 0 => 0,
        None => ends.first().copied().unwrap_or(0),
    };
    Ok(start + skipped as u64)
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
    let lines: Vec<String> = text.lines().filter_map(RunnerLine::parse).map(|line| line.message).collect();
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
    /// Reads a line; none for an empty one.
    fn parse(line: &str) -> Option<Self> {
        let mut text = without_escapes(line.trim_end());
        if text.trim().is_empty() {
            return None;
        }
        let (mut level, mut timestamp) = (None, None);
        if let Some((seconds, number, message)) = stamped(&text) {
            (level, timestamp) = (Some(number), Timestamp::from_unix_seconds(seconds));
            text = message.to_owned();
        }
        if let Some((end, _)) = text.char_indices().nth(MAX_LINE) {
            text.truncate(end);
            text.push('…');
        }
        Some(Self { message: text, level, timestamp })
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

/// Text without terminal escape sequences (`ESC [ … letter`); of a line that was drawn several times, the last drawing.
fn without_escapes(line: &str) -> String {
    let line = line.rsplit('\r').find(|part| !part.is_empty()).unwrap_or(line);
    let mut text = String::with_capacity(line.len());
    let mut rest = line.chars();
    while let Some(character) = rest.next() {
        if character == '\u{1b}' {
            if rest.next() == Some('[') {
                rest.find(|c| ('@'..='~').contains(c));
            }
        } else {
            text.push(character);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_in_parts_and_followed() {
        let folder = tempfile::tempdir().expect("a folder");
        let log = folder.path().join("runner.log");
        assert_eq!(read(&log, 0, 10).expect("nothing").lines, []);
        note(&log, "first");
        fs::write(&log, fs::read_to_string(&log).expect("text") + "\u{1b}[31mred\u{1b}[0m\n\nhalf").expect("written");
        let page = read(&log, 0, 10).expect("a page");
        let messages: Vec<&str> = page.lines.iter().map(|line| line.message.as_str()).collect();
        assert_eq!(messages, ["first", "red"]);
        assert_eq!(page.lines[0].level, Some(20));
        assert!(page.lines[0].timestamp.is_some() && page.lines[1].timestamp.is_none());
        fs::write(&log, fs::read_to_string(&log).expect("text") + " done\nlast\n").expect("written");
        let rest = read(&log, page.next, 1).expect("a page");
        assert_eq!(rest.lines[0].message, "half done");
        assert_eq!(read(&log, rest.next, 10).expect("a page").lines[0].message, "last");
        assert_eq!(read(&log, tail_offset(&log, 1).expect("an offset"), 10).expect("a page").lines.len(), 1);
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
