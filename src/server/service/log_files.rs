//! The text of a log, line by line: one file, or the files of a folder one after the other (how stores that cannot append
//! keep logs).
//!
//! Logs grow while they are read and may be larger than memory, so every reading begins at a place that an earlier one
//! gave, and holds only the lines that are asked for. Lines without text count as nothing.

use std::{
    collections::VecDeque,
    fmt,
    fs::File,
    io::{self, BufReader, Seek as _, SeekFrom},
    path::{Path, PathBuf},
    str::FromStr,
};

/// The most bytes that one reading holds.
const MAX_BYTES: usize = 64 * 1024 * 1024;
/// The most bytes of a line that are kept; the rest of a longer one is dropped.
const MAX_LINE: usize = 1024 * 1024;

/// A place between two lines of a log. As text, `line-byte`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Lines before it.
    pub line: usize,
    /// Bytes before it.
    pub byte: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}-{}", self.line, self.byte)
    }
}

impl FromStr for Place {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (line, byte) = text.split_once('-').ok_or(())?;
        Ok(Self { line: line.parse().map_err(drop)?, byte: byte.parse().map_err(drop)? })
    }
}

/// Which lines to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// From a place on.
    From(Place),
    /// From a line on, counted from 0.
    FromLine(usize),
    /// The last ones before a place.
    Before(Place),
    /// The last ones.
    Last,
}

/// Lines that were read.
#[derive(Debug, PartialEq, Eq)]
pub struct Piece {
    pub lines: Vec<Vec<u8>>,
    pub from: Place,
    pub to: Place,
    /// Lines that the log has by now.
    pub total: usize,
}

/// The files of a log, in the order in which they are read.
#[derive(Debug)]
pub struct LogFiles(Vec<PathBuf>);

impl LogFiles {
    /// A file, or the files of a folder in the order of their names.
    pub fn open(path: &Path) -> io::Result<Self> {
        if !path.is_dir() {
            return Ok(Self(vec![path.to_owned()]));
        }
        let mut files = std::fs::read_dir(path)?.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>()?;
        // Only files themselves: a link could lead out of the store.
        files.retain(|file| file.symlink_metadata().is_ok_and(|metadata| metadata.is_file()));
        files.sort();
        Ok(Self(files))
    }

    /// At most `limit` lines. Where the log may still grow, its last line counts only once it is complete.
    pub fn read(&self, part: Part, limit: usize, grows: bool) -> io::Result<Piece> {
        let from = match part {
            Part::From(place) => place,
            Part::FromLine(0) => Place::default(),
            Part::FromLine(line) => self.last_place(Place::default(), grows, |place| place.line <= line)?,
            Part::Before(end) => self.places_before(end, limit, grows)?,
            Part::Last => self.places_before(Place { line: usize::MAX, byte: u64::MAX }, limit, grows)?,
        };
        let limit = match part {
            Part::Before(end) => limit.min(end.line.saturating_sub(from.line)),
            _ => limit,
        };
        let mut piece = Piece { lines: Vec::new(), from, to: from, total: from.line };
        let mut bytes = 0;
        self.walk(from, grows, |line, after| {
            if piece.lines.len() == limit || bytes > MAX_BYTES {
                return false;
            }
            bytes += line.len();
            if let Some(line) = line.text() {
                piece.lines.push(line);
            }
            piece.to = after;
            true
        })?;
        piece.total = self.last_place(piece.to, grows, |_| true)?.line;
        Ok(piece)
    }

    /// The place of the last `count` lines before `end`.
    fn places_before(&self, end: Place, count: usize, grows: bool) -> io::Result<Place> {
        let mut starts = VecDeque::from([Place::default()]);
        self.walk(Place::default(), grows, |_, after| {
            if after.byte > end.byte {
                return false;
            }
            // A line without text moves the place without counting.
            match starts.back_mut() {
                Some(last) if last.line == after.line => *last = after,
                _ => starts.push_back(after),
            }
            if starts.len() > count + 1 {
                starts.pop_front();
            }
            true
        })?;
        Ok(starts.front().copied().unwrap_or_default())
    }

    /// The last place from a place on that is wanted.
    fn last_place(&self, from: Place, grows: bool, wanted: impl Fn(Place) -> bool) -> io::Result<Place> {
        let mut last = from;
        self.walk(from, grows, |_, after| {
            let go_on = wanted(after);
            if go_on {
                last = after;
            }
            go_on
        })?;
        Ok(last)
    }

    /// Calls `visit` with each line from a place on and the place after it, until it says no.
    fn walk(&self, from: Place, grows: bool, mut visit: impl FnMut(Line, Place) -> bool) -> io::Result<()> {
        let (mut place, mut start) = (from, 0);
        for (position, path) in self.0.iter().enumerate() {
            let mut file = match File::open(path) {
                Ok(file) => file,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(error),
            };
            let end = start + file.metadata()?.len();
            if place.byte >= end {
                start = end;
                continue;
            }
            file.seek(SeekFrom::Start(place.byte - start))?;
            let mut reader = BufReader::with_capacity(64 * 1024, file);
            let may_grow = grows && position + 1 == self.0.len();
            while let Some(line) = Line::read(&mut reader)?.filter(|line| line.is_complete || !may_grow) {
                place.byte += line.length;
                place.line += usize::from(line.has_text);
                if !visit(line, place) {
                    return Ok(());
                }
            }
            start = end;
            // What another process added meanwhile is read the next time, at the same place.
            place.byte = place.byte.max(end);
        }
        Ok(())
    }
}

/// One line with its end.
struct Line {
    bytes: Vec<u8>,
    length: u64,
    has_text: bool,
    is_complete: bool,
}

impl Line {
    fn read(reader: &mut impl io::BufRead) -> io::Result<Option<Self>> {
        let mut line = Self { bytes: Vec::new(), length: 0, has_text: false, is_complete: false };
        while !line.is_complete {
            let available = reader.fill_buf()?;
            if available.is_empty() {
                break;
            }
            let end = available.iter().position(|byte| *byte == b'\n').map(|position| position + 1);
            let taken = end.unwrap_or(available.len());
            let room = MAX_LINE.saturating_sub(line.bytes.len());
            line.bytes.extend_from_slice(&available[..taken.min(room)]);
            line.has_text |= available[..taken].iter().any(|byte| !byte.is_ascii_whitespace());
            line.is_complete = end.is_some();
            line.length += taken as u64;
            reader.consume(taken);
        }
        Ok((line.length > 0).then_some(line))
    }

    fn len(&self) -> usize {
        self.bytes.len()
    }

    fn text(self) -> Option<Vec<u8>> {
        self.has_text.then_some(self.bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(piece: &Piece) -> Vec<String> {
        piece.lines.iter().map(|line| String::from_utf8_lossy(line).trim_end().to_owned()).collect()
    }

    fn log(text: &str) -> (tempfile::TempDir, LogFiles) {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("1.log"), text).expect("a file");
        let files = LogFiles::open(&folder.path().join("1.log")).expect("a log");
        (folder, files)
    }

    #[test]
    fn pieces_follow_each_other_to_the_end_and_back() {
        let (_folder, files) = log("a\n\nb\nc\nd\ne");
        let first = files.read(Part::FromLine(0), 2, false).expect("it reads");
        assert_eq!((texts(&first), first.total), (vec!["a".to_owned(), "b".to_owned()], 5));
        let second = files.read(Part::From(first.to), 2, false).expect("it reads");
        assert_eq!((texts(&second), second.from.line), (vec!["c".to_owned(), "d".to_owned()], 2));
        let third = files.read(Part::From(second.to), 2, false).expect("it reads");
        assert_eq!((texts(&third), third.to.line, third.total), (vec!["e".to_owned()], 5, 5));
        assert_eq!(texts(&files.read(Part::From(third.to), 2, false).expect("it reads")), Vec::<String>::new());

        let last = files.read(Part::Last, 2, false).expect("it reads");
        assert_eq!((texts(&last), last.from.line), (vec!["d".to_owned(), "e".to_owned()], 3));
        let before = files.read(Part::Before(last.from), 2, false).expect("it reads");
        assert_eq!((texts(&before), before.from.line), (vec!["b".to_owned(), "c".to_owned()], 1));
        let begin = files.read(Part::Before(before.from), 2, false).expect("it reads");
        assert_eq!((texts(&begin), begin.from.line), (vec!["a".to_owned()], 0));
        assert_eq!(texts(&files.read(Part::FromLine(3), 1, false).expect("it reads")), ["d"]);
        assert_eq!(files.read(Part::FromLine(99), 1, false).expect("it reads").from.line, 5);
    }

    #[test]
    fn a_line_that_is_being_written_waits() {
        let (folder, files) = log("a\nhal");
        let piece = files.read(Part::Last, 10, true).expect("it reads");
        assert_eq!((texts(&piece), piece.total), (vec!["a".to_owned()], 1));
        std::fs::write(folder.path().join("1.log"), "a\nhalf\nmore\n").expect("a file");
        let added = files.read(Part::From(piece.to), 10, true).expect("it reads");
        assert_eq!((texts(&added), added.total), (vec!["half".to_owned(), "more".to_owned()], 3));
    }

    #[test]
    fn the_files_of_a_folder_are_one_log() {
        let (folder, _) = log("a\nb");
        std::fs::write(folder.path().join("2.log"), "c\nd\n").expect("a file");
        let files = LogFiles::open(folder.path()).expect("a log");
        let all = files.read(Part::FromLine(0), 10, false).expect("it reads");
        assert_eq!(texts(&all), ["a", "b", "c", "d"]);
        let two = files.read(Part::FromLine(0), 3, false).expect("it reads");
        assert_eq!(texts(&files.read(Part::From(two.to), 10, false).expect("it reads")), ["d"]);
        assert_eq!(texts(&files.read(Part::Last, 3, false).expect("it reads")), ["b", "c", "d"]);
    }

    #[test]
    fn a_place_is_a_text() {
        let place = Place { line: 3, byte: 120 };
        assert_eq!(place.to_string().parse(), Ok(place));
        assert_eq!("x".parse::<Place>(), Err(()));
    }
}
