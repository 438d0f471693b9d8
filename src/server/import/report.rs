//! What an import read, stored and could not carry over: for the person who runs it.

use std::fmt;

use serde::Serialize;

/// Rows of one table.
#[derive(Debug, Default, Serialize)]
pub struct TableReport {
    pub table: String,
    pub read: u64,
    pub imported: u64,
    /// Rows that were not carried over, by reason.
    pub skipped: Vec<Finding>,
    /// Rows that were carried over without something, by reason.
    pub changed: Vec<Finding>,
}

/// Rows that have something in common.
#[derive(Debug, Serialize)]
pub struct Finding {
    pub reason: String,
    pub count: u64,
    /// Which they are; none where a whole table is meant.
    pub ids: Vec<String>,
}

/// The whole report.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// Nothing was stored: it was only tried.
    pub dry_run: bool,
    pub tables: Vec<TableReport>,
    /// What remains to be done, in sentences.
    pub notes: Vec<String>,
}

fn note(findings: &mut Vec<Finding>, id: String, reason: &str) {
    match findings.iter_mut().find(|finding| finding.reason == reason) {
        Some(finding) => {
            finding.count += 1;
            finding.ids.push(id);
        }
        None => findings.push(Finding { reason: reason.to_owned(), count: 1, ids: vec![id] }),
    }
}

impl TableReport {
    /// Of a table that is about to be read.
    pub fn new(table: &str) -> Self {
        Self { table: table.to_owned(), ..Self::default() }
    }

    /// Of a table that is left out as a whole.
    pub fn left_out(table: &str, rows: u64, reason: &str) -> Self {
        let finding = Finding { reason: reason.to_owned(), count: rows, ids: Vec::new() };
        Self { read: rows, skipped: if rows > 0 { vec![finding] } else { Vec::new() }, ..Self::new(table) }
    }

    /// A row that is not carried over.
    pub fn skip(&mut self, id: String, reason: &str) {
        note(&mut self.skipped, id, reason);
    }

    /// A row that is carried over without something.
    pub fn change(&mut self, id: String, reason: &str) {
        note(&mut self.changed, id, reason);
    }

    /// How many rows were not carried over.
    pub fn skipped_count(&self) -> u64 {
        self.skipped.iter().map(|finding| finding.count).sum()
    }
}

impl Report {
    /// How many rows were stored.
    pub fn imported(&self) -> u64 {
        self.tables.iter().map(|table| table.imported).sum()
    }

    /// The report on one table.
    pub fn table(&self, name: &str) -> Option<&TableReport> {
        self.tables.iter().find(|table| table.table == name)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "{:34} {:>10} {:>10} {:>10}", "table", "read", "imported", "skipped")?;
        for table in self.tables.iter().filter(|table| table.read > 0) {
            writeln!(formatter, "{:34} {:>10} {:>10} {:>10}", table.table, table.read, table.imported, table.skipped_count())?;
        }
        for table in &self.tables {
            for finding in &table.skipped {
                write_finding(formatter, &format!("{}: not carried over", table.table), finding)?;
            }
            for finding in &table.changed {
                write_finding(formatter, &format!("{}: carried over, but changed", table.table), finding)?;
            }
        }
        for note in &self.notes {
            writeln!(formatter, "\n{note}")?;
        }
        Ok(())
    }
}

fn write_finding(formatter: &mut fmt::Formatter<'_>, what: &str, finding: &Finding) -> fmt::Result {
    writeln!(formatter, "\n{what} ({}): {}", finding.count, finding.reason)?;
    for id in &finding.ids {
        writeln!(formatter, "  {id}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Report, TableReport};

    #[test]
    fn rows_are_named_once_for_each_reason() {
        let mut table = TableReport::new("logs");
        table.read = 3;
        for id in ["a", "b"] {
            table.skip(id.to_owned(), "its `uri` is empty");
        }
        table.change("c".to_owned(), "the user is not there");
        let report = Report { tables: vec![table, TableReport::left_out("api_transaction", 7, "short-lived")], ..Report::default() };
        let text = report.to_string();
        assert_eq!(text.matches("its `uri` is empty").count(), 1, "{text}");
        assert!(text.contains("logs: not carried over (2)") && text.contains("  a\n  b\n"), "{text}");
        assert!(text.contains("api_transaction: not carried over (7): short-lived"), "{text}");
    }
}
