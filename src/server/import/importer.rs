//! How a table is carried over: read in pieces, turned into our rows, stored, counted.

use std::collections::{HashMap, HashSet};

use super::{
    report::{Report, TableReport},
    secrets::EncryptionKey,
    source::{Cursor, Readable, Row, Source},
};
use crate::server::{
    db::{Connection, Value, stored::Stored},
    encryption::Sealer,
    error::Result,
    id::Id,
};

/// Everything an import works with.
pub struct Importer<'a> {
    pub source: Source,
    /// The transaction that everything is stored in.
    pub target: Connection,
    pub report: Report,
    /// Seals what users keep secret.
    pub sealer: &'a Sealer,
    /// Opens what the other server sealed, where its key was given.
    pub encryption_key: Option<EncryptionKey>,
}

/// Reads a row as one of ours.
pub type Read<T> = fn(&Row) -> Readable<T>;

/// Rows of the source that were read as rows of ours, each with its own.
pub type Pairs<T> = Vec<(Row, T)>;

impl Importer<'_> {
    /// Carries over a table whose rows become rows of ours one by one.
    pub async fn copy<T: Stored>(&mut self, table: impl Into<Cursor>, read: Read<T>) -> Result<()> {
        let mut cursor = table.into();
        let mut report = TableReport::new(cursor.table());
        while let Some(rows) = self.next(&mut cursor, &mut report).await? {
            let rows = self.read(&mut report, rows, read);
            self.store(&mut report, rows).await?;
        }
        self.report.tables.push(report);
        Ok(())
    }

    /// The next rows of a table; none at its end.
    pub async fn next(&mut self, cursor: &mut Cursor, report: &mut TableReport) -> Result<Option<Vec<Row>>> {
        let rows = self.source.next(cursor).await.map_err(|error| anyhow::anyhow!("reading the table {}: {error}", report.table))?;
        report.read += rows.len() as u64;
        Ok((!rows.is_empty()).then_some(rows))
    }

    /// Reads rows as ours; those that cannot be are reported.
    pub fn read<T>(&mut self, report: &mut TableReport, rows: Vec<Row>, read: impl Fn(&Row) -> Readable<T>) -> Pairs<T> {
        let mut readable = Vec::with_capacity(rows.len());
        for row in rows {
            let found = row.missing.clone().map_or_else(|| read(&row), Err);
            match found {
                Ok(ours) => {
                    for (_, reason) in &row.dropped {
                        report.change(row.name(), reason);
                    }
                    readable.push((row, ours));
                }
                Err(reason) => self.skip(report, &row, &reason),
            }
        }
        readable
    }

    /// Reports a row as not carried over; what refers to it will be, too.
    pub fn skip(&mut self, report: &mut TableReport, row: &Row, reason: &str) {
        report.skip(row.name(), reason);
        if let Some(id) = row.stored_id() {
            self.source.lose(&report.table, &id);
        }
    }

    /// Stores rows of ours; gives the ids of those that were stored.
    pub async fn store<T: Stored>(&mut self, report: &mut TableReport, rows: Pairs<T>) -> Result<HashSet<Id>> {
        let (theirs, ours): (Vec<Row>, Vec<T>) = rows.into_iter().unzip();
        let stored = self.target.insert_many(&ours).await?;
        report.imported += stored.len() as u64;
        for (row, ours) in theirs.iter().zip(&ours) {
            if !stored.contains(&ours.id()) {
                self.skip(report, row, TAKEN);
            }
        }
        Ok(stored)
    }

    /// Carries over a table whose rows have no id of their own into these columns of a table of ours.
    pub async fn copy_links(&mut self, table: impl Into<Cursor>, target: &str, columns: &[&str], read: Read<Vec<Value>>) -> Result<()> {
        let mut cursor = table.into();
        let mut report = TableReport::new(cursor.table());
        while let Some(rows) = self.next(&mut cursor, &mut report).await? {
            let rows = self.read(&mut report, rows, read);
            let count = rows.len() as u64;
            let values = rows.into_iter().map(|(_, values)| values).collect();
            let stored = self.target.insert_links(target, columns, values).await?;
            report.imported += stored;
            for _ in stored..count {
                report.skip("(one of several that are the same)".to_owned(), TAKEN);
            }
        }
        self.report.tables.push(report);
        Ok(())
    }

    /// Reports on the tables that nothing reads.
    pub async fn report_the_rest(&mut self) -> Result<()> {
        let read: HashSet<String> = self.report.tables.iter().map(|table| table.table.clone()).collect();
        let tables = self.source.tables().await.map_err(anyhow::Error::new)?;
        for table in tables.into_iter().filter(|table| !read.contains(table)) {
            let rows = self.source.count(&table).await.map_err(anyhow::Error::new)?;
            if PARTS.contains(&table.as_str()) {
                self.report.tables.push(TableReport { read: rows, imported: rows, ..TableReport::new(&table) });
                continue;
            }
            let reason = LEFT_OUT.iter().find(|(name, _)| *name == table).map_or("there is no such thing here", |(_, reason)| reason);
            self.report.tables.push(TableReport::left_out(&table, rows, reason));
        }
        Ok(())
    }
}

const TAKEN: &str = "there is a row with the same name or link already";

/// Tables whose rows become parts of those of others.
const PARTS: &[&str] = &["run_metadata", "step_configuration", "webhook_stats"];

/// Tables that are left out on purpose.
const LEFT_OUT: &[(&str, &str)] = &[
    ("webhook_event_payload", "bodies of deliveries, kept for the runs that they started"),
    ("api_transaction", "answers kept for requests that are repeated within minutes"),
    ("api_transaction_result", "answers kept for requests that are repeated within minutes"),
];

/// What earlier rows became, so that equal texts are worked on once; it forgets everything when it gets long.
pub struct Memory<V>(HashMap<String, V>);

impl<V> Default for Memory<V> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<V: Clone> Memory<V> {
    const LONGEST: usize = 20_000;

    /// What was remembered.
    pub fn get(&self, key: &str) -> Option<V> {
        self.0.get(key).cloned()
    }

    /// Remembers.
    pub fn put(&mut self, key: String, value: V) {
        if self.0.len() >= Self::LONGEST {
            self.0.clear();
        }
        self.0.insert(key, value);
    }
}
