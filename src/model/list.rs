//! Lists: what is asked for in the URL, and one page of the answer.

use serde::{Deserialize, Serialize};

/// Rows on a page where the URL does not say.
pub const DEFAULT_SIZE: u64 = 25;
/// Sizes offered.
pub const SIZES: [u64; 3] = [25, 50, 100];

/// One page of rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Listing<T> {
    pub rows: Vec<T>,
    pub position: PagePosition,
}

/// Which part of a list is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PagePosition {
    /// The page shown, from 1.
    pub page: u64,
    pub size: u64,
    pub total_pages: u64,
    /// Rows in all pages.
    pub total: u64,
}

impl PagePosition {
    /// "26–50 of 311".
    pub fn summary(&self) -> String {
        if self.total == 0 {
            return "None".to_owned();
        }
        let first = (self.page - 1) * self.size + 1;
        let last = (self.page * self.size).min(self.total);
        format!("{}–{} of {}", grouped(first), grouped(last), grouped(self.total))
    }
}

/// A number with thin groups of three digits: `12 400`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}

/// An object that another one refers to: a link with its name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reference {
    pub id: String,
    pub name: String,
}

/// A list as the URL asks for it: filters, order and page, in the order in which the parameters stand there.
///
/// Parameters have the names of the REST surface where it has them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListQuery {
    /// Part of a name.
    pub q: String,
    pub status: String,
    /// Name or id.
    pub pipeline: String,
    /// Name or id.
    pub stack: String,
    /// Id of the snapshot that runs were launched from.
    pub snapshot: String,
    /// Name of a tag.
    pub tag: String,
    /// Name or id of the account that made it.
    pub user: String,
    /// Days in which nothing used it.
    pub unused: String,
    /// `true`: also what has no name.
    pub unnamed: String,
    /// How rows are shown: `cards`, or else as a table.
    pub view: String,
    /// `desc:created`.
    pub sort: String,
    /// What was just removed, so that it can be undone: an id and a name on each line.
    pub removed: String,
    /// 0 is the first page.
    pub page: u64,
    /// 0 is the usual size.
    pub size: u64,
}

/// A part of a query.
#[cfg(feature = "ssr")]
pub type QueryPart = fn(&mut ListQuery) -> &mut String;

impl ListQuery {
    /// The view that is not the table.
    pub const CARDS: &'static str = "cards";

    /// Whether the list is shown as cards; any other view is the table.
    pub fn shows_cards(&self) -> bool {
        self.view == Self::CARDS
    }

    /// Reads the parameters it knows through `get`; what cannot be read is as if it were not there.
    pub fn read(get: impl Fn(&str) -> Option<String>) -> Self {
        let text = |name: &str| get(name).map(|value| value.trim().to_owned()).unwrap_or_default();
        let number = |name: &str| get(name).and_then(|value| value.parse().ok()).unwrap_or(0);
        Self {
            q: text("q"),
            status: text("status"),
            pipeline: text("pipeline"),
            stack: text("stack"),
            snapshot: text("snapshot"),
            tag: text("tag"),
            user: text("user"),
            unused: text("unused"),
            unnamed: text("unnamed"),
            view: text("view"),
            sort: text("sort"),
            removed: text("removed"),
            page: number("page"),
            size: number("size"),
        }
    }

    /// The filters, by the names of their parameters.
    fn filters(&self) -> [(&'static str, &String); 8] {
        [
            ("q", &self.q),
            ("status", &self.status),
            ("pipeline", &self.pipeline),
            ("stack", &self.stack),
            ("snapshot", &self.snapshot),
            ("tag", &self.tag),
            ("user", &self.user),
            ("unused", &self.unused),
        ]
    }

    /// The page asked for, from 1.
    pub fn page(&self) -> u64 {
        self.page.max(1)
    }

    /// The rows asked for, at most as many as are offered.
    pub fn size(&self) -> u64 {
        if self.size == 0 { DEFAULT_SIZE } else { self.size.min(SIZES[SIZES.len() - 1]) }
    }

    /// Whether anything but order and page is asked for.
    pub fn is_filtered(&self) -> bool {
        self.filters().iter().any(|(_, text)| !text.is_empty())
    }

    /// Of these filters those that are set, each with its words and the URL of the list at `path` without it.
    #[cfg(feature = "ssr")]
    pub fn without_each(&self, path: &str, filters: &[(&'static str, QueryPart)]) -> Vec<(&'static str, String)> {
        let is_set = |(_, part): &&(_, QueryPart)| !part(&mut self.clone()).is_empty();
        filters.iter().filter(is_set).map(|(label, part)| (*label, self.with(|query| part(query).clear()).href(path))).collect()
    }

    /// The URL of this list at `path`; what was removed is told once and not again.
    pub fn href(&self, path: &str) -> String {
        let mut pairs: Vec<String> = Vec::new();
        let others = [("unnamed", &self.unnamed), ("view", &self.view), ("sort", &self.sort)];
        for (name, text) in self.filters().into_iter().chain(others).filter(|(_, text)| !text.is_empty()) {
            pairs.push(format!("{name}={}", encode(text)));
        }
        for (name, number, usual) in [("page", self.page, 1), ("size", self.size, DEFAULT_SIZE)] {
            if number != 0 && number != usual {
                pairs.push(format!("{name}={number}"));
            }
        }
        if pairs.is_empty() { path.to_owned() } else { format!("{path}?{}", pairs.join("&")) }
    }

    /// The same list from its first page, changed by `change`.
    pub fn with(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut query = Self { page: 0, ..self.clone() };
        change(&mut query);
        query
    }

    /// The same list sorted by a column: the other way round where it is sorted by that column already.
    pub fn sorted_by(&self, column: &str, usual: &str) -> Self {
        let current = if self.sort.is_empty() { usual } else { &self.sort };
        let descending = format!("desc:{column}");
        let next = if current == descending { format!("asc:{column}") } else { descending };
        self.with(|query| query.sort = if next == usual { String::new() } else { next })
    }

    /// How a column is sorted now, in the words of `aria-sort`.
    pub fn direction(&self, column: &str, usual: &str) -> Option<&'static str> {
        let current = if self.sort.is_empty() { usual } else { &self.sort };
        let (direction, sorted) = current.split_once(':').unwrap_or(("asc", current));
        (sorted == column).then_some(if direction == "desc" { "descending" } else { "ascending" })
    }
}

/// A value inside a URL's query or path.
pub fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b':' => out.push(byte as char),
            _ => {
                out.push('%');
                for digit in [byte >> 4, byte & 15] {
                    out.push(char::from_digit(u32::from(digit), 16).unwrap_or('0').to_ascii_uppercase());
                }
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{ListQuery, PagePosition, encode, grouped};

    #[test]
    fn summary_counts_the_rows_of_the_last_page() {
        let position = PagePosition { page: 3, size: 25, total_pages: 3, total: 61 };
        assert_eq!(position.summary(), "51–61 of 61");
        assert_eq!(PagePosition { page: 1, size: 25, total_pages: 1, total: 0 }.summary(), "None");
    }

    #[test]
    fn numbers_are_grouped_by_three() {
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_234_567), "1\u{202f}234\u{202f}567");
    }

    #[test]
    fn a_query_goes_to_the_url_and_back_without_what_is_usual() {
        let query = ListQuery { q: "a&b ü".to_owned(), status: "failed".to_owned(), page: 3, size: 25, ..ListQuery::default() };
        assert_eq!(query.href("/runs"), "/runs?q=a%26b%20%C3%BC&status=failed&page=3");
        assert_eq!(query.with(|query| query.status = String::new()).href("/runs"), "/runs?q=a%26b%20%C3%BC");
        let read = ListQuery::read(|name| match name {
            "q" => Some(" a&b ü ".to_owned()),
            "status" => Some("failed".to_owned()),
            "page" => Some("3".to_owned()),
            "size" => Some("many".to_owned()),
            _ => None,
        });
        assert_eq!(read, ListQuery { size: 0, ..query });
    }

    #[test]
    fn sorting_by_the_same_column_turns_the_order_round() {
        let usual = "desc:created";
        let query = ListQuery::default();
        assert_eq!(query.direction("created", usual), Some("descending"));
        let up = query.sorted_by("created", usual);
        assert_eq!((up.sort.as_str(), up.direction("created", usual)), ("asc:created", Some("ascending")));
        assert_eq!(up.sorted_by("created", usual).sort, "");
        assert_eq!(query.sorted_by("name", usual).sort, "desc:name");
    }

    #[test]
    fn encoding_keeps_only_what_is_safe_in_a_query() {
        assert_eq!(encode("desc:a/b?c=d+e%"), "desc:a%2Fb%3Fc%3Dd%2Be%25");
    }
}
