//! The database that is taken over: a ZenML 0.98 SQLite file, only read.
//!
//! The one place outside `db/` with SQL in it, because it is SQL of another schema (ZenML's own tables). Tables are read in
//! pieces, in the order in which their rows were written, so that memory does not grow with the database.

use std::{
    collections::{HashMap, HashSet},
    path::Path,
};

use sqlx::{
    AssertSqlSafe, Decode, Row as _, Sqlite, SqliteConnection, ValueRef as _,
    sqlite::{SqliteConnectOptions, SqliteRow},
};

use crate::server::{id::Id, time::Timestamp};

/// The version whose tables are known here, as its migrations name it.
pub const VERSION: &str = "0.98.0";

/// Rows read, and written, together.
const CHUNK: i64 = 200;

/// An open source.
pub struct Source {
    connection: SqliteConnection,
    /// References to other tables, by table.
    references: HashMap<String, Vec<Reference>>,
    /// References that lead nowhere, by table and row number: the number of the reference.
    broken: HashMap<String, HashMap<i64, Vec<i64>>>,
    /// Rows that were not carried over, so that what refers to them is not lost silently.
    lost: HashMap<String, HashSet<String>>,
}

/// References that the tables do not declare and that may be empty: table, column, table they lead to.
const UNDECLARED: &[(&str, &str, &str)] = &[("service_connector", "secret_id", "secret")];

struct Reference {
    number: i64,
    column: String,
    table: String,
    /// Without what it refers to, the row is as good as deleted (`on delete cascade` and the like).
    required: bool,
}

/// A table and where reading it has got to.
pub struct Cursor {
    table: &'static str,
    columns: &'static str,
    join: &'static str,
    /// A joined table whose references are those of the row as well; its row number is the column `place`.
    also: Option<&'static str>,
    after: i64,
}

impl From<&'static str> for Cursor {
    /// At the beginning of a table.
    fn from(table: &'static str) -> Self {
        Self::joined(table, "", "")
    }
}

impl Cursor {
    /// With columns of other tables (`, x.a as a`), and how those are joined to the rows `t`.
    pub fn joined(table: &'static str, columns: &'static str, join: &'static str) -> Self {
        Self { table, columns, join, also: None, after: 0 }
    }

    /// With the references of a joined table, whose row number is the column `place`.
    pub fn and_references_of(self, table: &'static str) -> Self {
        Self { also: Some(table), ..self }
    }

    /// The table that is read.
    pub fn table(&self) -> &'static str {
        self.table
    }
}

impl Source {
    /// Opens a file for reading, and makes sure that it is a database of the version that is known here.
    pub async fn open(path: &Path) -> anyhow::Result<Self> {
        use anyhow::Context as _;
        use sqlx::{ConnectOptions as _, Connection as _};
        anyhow::ensure!(path.is_file(), "{} is not a file.", path.display());
        let options = SqliteConnectOptions::new().filename(path).read_only(true);
        let mut connection = options.connect().await.with_context(|| format!("cannot open {}", path.display()))?;
        check_version(&mut connection, path).await?;
        // One state of the database, even if a server still writes to it.
        sqlx::query("begin").execute(&mut connection).await?;
        connection.ping().await?;
        let mut source = Self { connection, references: HashMap::new(), broken: HashMap::new(), lost: HashMap::new() };
        for table in source.tables().await? {
            let references = source.references_of(&table).await?;
            source.references.insert(table, references);
        }
        source.find_broken().await?;
        source.add_undeclared().await?;
        Ok(source)
    }

    /// The names of all tables with something of ZenML in them.
    pub async fn tables(&mut self) -> sqlx::Result<Vec<String>> {
        let sql =
            "select name from sqlite_master where type = 'table' and name not like 'sqlite_%' and name <> 'alembic_version' order by 1";
        sqlx::query_scalar(sql).fetch_all(&mut self.connection).await
    }

    /// How many rows a table has.
    pub async fn count(&mut self, table: &str) -> sqlx::Result<u64> {
        let sql = format!("select count(*) from \"{}\"", table.replace('"', ""));
        let count: i64 = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut self.connection).await?;
        Ok(count.unsigned_abs())
    }

    async fn references_of(&mut self, table: &str) -> sqlx::Result<Vec<Reference>> {
        let sql = "select f.id, f.\"from\", f.\"table\", f.on_delete <> 'SET NULL' from pragma_foreign_key_list(?) f";
        let rows: Vec<(i64, String, String, bool)> = sqlx::query_as(sql).bind(table).fetch_all(&mut self.connection).await?;
        Ok(rows.into_iter().map(|(number, column, table, required)| Reference { number, column, table, required }).collect())
    }

    /// A database whose references were not enforced at some time may have rows that refer to nothing.
    async fn find_broken(&mut self) -> sqlx::Result<()> {
        let rows: Vec<(String, i64, i64)> =
            sqlx::query_as("select \"table\", rowid, fkid from pragma_foreign_key_check").fetch_all(&mut self.connection).await?;
        for (table, row, reference) in rows {
            self.broken.entry(table).or_default().entry(row).or_default().push(reference);
        }
        Ok(())
    }

    /// References that the tables do not declare, and that ours do.
    async fn add_undeclared(&mut self) -> sqlx::Result<()> {
        for (place, (table, column, target)) in UNDECLARED.iter().enumerate() {
            let number = -1 - place as i64;
            let sql = format!("select rowid from \"{table}\" where {column} is not null and {column} not in (select id from \"{target}\")");
            let rows: Vec<i64> = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(&mut self.connection).await?;
            for row in rows {
                self.broken.entry((*table).to_owned()).or_default().entry(row).or_default().push(number);
            }
            let reference = Reference { number, column: (*column).to_owned(), table: (*target).to_owned(), required: false };
            self.references.entry((*table).to_owned()).or_default().push(reference);
        }
        Ok(())
    }

    /// The next rows of a table; none at its end.
    pub async fn next(&mut self, cursor: &mut Cursor) -> sqlx::Result<Vec<Row>> {
        let Cursor { table, columns, join, also, after } = cursor;
        let sql = format!(
            "select t.*, t.rowid as source_row{columns} from \"{table}\" t {join} where t.rowid > ? order by t.rowid limit {CHUNK}"
        );
        let rows = sqlx::query(AssertSqlSafe(sql)).bind(*after).fetch_all(&mut self.connection).await?;
        let mut found = Vec::with_capacity(rows.len());
        for row in rows {
            *after = row.try_get("source_row")?;
            found.push(self.checked(table, *also, row));
        }
        Ok(found)
    }

    /// The step configurations of snapshots, in their order: name and JSON text, by the snapshot's id as it is stored.
    pub async fn snapshot_steps(&mut self, snapshots: &[Row]) -> sqlx::Result<HashMap<String, Vec<(String, String)>>> {
        self.step_configurations("snapshot_id", snapshots).await
    }

    /// The configurations that steps of dynamic pipelines brought themselves, in the same form, by the step run's id.
    pub async fn dynamic_steps(&mut self, steps: &[Row]) -> sqlx::Result<HashMap<String, Vec<(String, String)>>> {
        self.step_configurations("step_run_id", steps).await
    }

    async fn step_configurations(&mut self, column: &str, rows: &[Row]) -> sqlx::Result<HashMap<String, Vec<(String, String)>>> {
        let ids: Vec<String> = rows.iter().filter_map(Row::stored_id).collect();
        let marks = vec!["?"; ids.len()].join(", ");
        let sql = format!("select {column}, name, config from step_configuration where {column} in ({marks}) order by {column}, \"index\"");
        let mut query = sqlx::query_as::<_, (String, String, String)>(AssertSqlSafe(sql));
        for id in ids {
            query = query.bind(id);
        }
        let mut found: HashMap<String, Vec<(String, String)>> = HashMap::new();
        for (owner, name, text) in query.fetch_all(&mut self.connection).await? {
            found.entry(owner).or_default().push((name, text));
        }
        Ok(found)
    }

    /// Remembers that a row was not carried over.
    pub fn lose(&mut self, table: &str, id: &str) {
        self.lost.entry(table.to_owned()).or_default().insert(id.to_owned());
    }

    /// A row with its references looked at: those to rows that are not carried over count as null.
    fn checked(&self, table: &'static str, also: Option<&'static str>, row: SqliteRow) -> Row {
        let mut checked = Row { table, row, dropped: Vec::new(), missing: None };
        if self.broken.is_empty() && self.lost.is_empty() {
            return checked;
        }
        self.check_references(table, "source_row", &mut checked);
        if let Some(also) = also {
            self.check_references(also, "place", &mut checked);
        }
        // What is attached to things of several types names the table and the row.
        let (kind, id): (Option<String>, Option<String>) = (checked.text("resource_type"), checked.text("resource_id"));
        if let (Some(kind), Some(id)) = (kind, id)
            && self.lost.get(&kind).is_some_and(|ids| ids.contains(&id))
        {
            checked.missing = Some(not_there(&kind, &id));
        }
        checked
    }

    fn check_references(&self, table: &str, number: &str, row: &mut Row) {
        let number: i64 = row.row.try_get_unchecked(number).unwrap_or_default();
        let broken = self.broken.get(table).and_then(|rows| rows.get(&number));
        for reference in self.references.get(table).into_iter().flatten() {
            let Some(target) = row.text(&reference.column) else { continue };
            let is_broken = broken.is_some_and(|numbers| numbers.contains(&reference.number));
            if !is_broken && !self.lost.get(&reference.table).is_some_and(|ids| ids.contains(&target)) {
                continue;
            }
            let reason = not_there(&reference.table, &target);
            if reference.required {
                row.missing = Some(reason);
            } else {
                row.dropped.push((reference.column.clone(), reason));
            }
        }
    }
}

fn not_there(table: &str, id: &str) -> String {
    let id = id.parse::<Id>().map_or_else(|_| id.to_owned(), |id| id.to_string());
    format!("it belongs to the {} {id}, which is not there or was not carried over", table.replace('_', " "))
}

async fn check_version(connection: &mut SqliteConnection, path: &Path) -> anyhow::Result<()> {
    let found: Result<Option<String>, _> = sqlx::query_scalar("select version_num from alembic_version").fetch_optional(connection).await;
    match found {
        Ok(Some(version)) if version == VERSION => Ok(()),
        Ok(Some(version)) => anyhow::bail!(
            "{} is a database of ZenML {version}; only one of {VERSION} can be taken over. Of an older version: make a copy, start a \
             ZenML {VERSION} server once on the copy, which brings it to its version, and take over the copy.",
            path.display()
        ),
        Ok(None) | Err(_) => anyhow::bail!("{} is not a SQLite database of a ZenML server.", path.display()),
    }
}

/// One row, whose values are read as the type that is wanted.
pub struct Row {
    table: &'static str,
    row: SqliteRow,
    /// Columns that count as null, each with the reason.
    pub dropped: Vec<(String, String)>,
    /// What the row cannot be without, and that is not there.
    pub missing: Option<String>,
}

/// Why a row cannot be carried over, in words.
pub type Unreadable = String;

/// A row of ours, read from one of the source.
pub type Readable<T> = Result<T, Unreadable>;

impl Row {
    /// The value of a column.
    pub fn get<T: FromSource>(&self, column: &str) -> Result<T, Unreadable> {
        let is_null = self.dropped.iter().any(|(name, _)| name == column);
        T::read(&self.row, column, is_null).map_err(|problem| format!("its `{column}` {problem}"))
    }

    /// The value of a column that may be null here and has a value with us.
    pub fn get_or<T: FromSource>(&self, column: &str, default: T) -> Result<T, Unreadable> {
        Ok(self.get::<Option<T>>(column)?.unwrap_or(default))
    }

    /// JSON that is stored as text; `null` is none.
    pub fn json(&self, column: &str) -> Result<Option<String>, Unreadable> {
        let text: Option<String> = self.get(column)?;
        text.map_or(Ok(None), |text| valid_json(&text)).map_err(|problem| format!("its `{column}` {problem}"))
    }

    /// JSON that is stored as base64; `null` is none.
    pub fn encoded_json(&self, column: &str) -> Result<Option<String>, Unreadable> {
        use base64::{Engine as _, engine::general_purpose::STANDARD};
        let Some(text) = self.get::<Option<String>>(column)? else { return Ok(None) };
        let bytes = STANDARD.decode(text.trim()).map_err(|_| format!("its `{column}` is not base64"))?;
        let text = String::from_utf8(bytes).map_err(|_| format!("its `{column}` is not text"))?;
        valid_json(&text).map_err(|problem| format!("its `{column}` {problem}"))
    }

    /// The row's place in its table, which grows with each row that is written.
    pub fn place(&self) -> Result<i64, Unreadable> {
        self.get("source_row")
    }

    fn text(&self, column: &str) -> Option<String> {
        self.row.try_get_unchecked::<Option<String>, _>(column).ok().flatten()
    }

    /// The id as it is stored, or the row's place where a table has none: to name the row to people.
    pub fn name(&self) -> String {
        let id = self.row.try_get_unchecked::<String, _>("id").ok();
        let id = id.map(|id| id.parse::<Id>().map_or(id, |id| id.to_string()));
        id.unwrap_or_else(|| format!("{} row {}", self.table, self.place().unwrap_or_default()))
    }

    /// The id as it is stored; none in a table without.
    pub fn stored_id(&self) -> Option<String> {
        self.row.try_get_unchecked("id").ok()
    }
}

/// A text that is JSON, unchanged (numbers may be longer than any type here holds); none for `null`.
fn valid_json(text: &str) -> Result<Option<String>, Unreadable> {
    let value: &serde_json::value::RawValue = serde_json::from_str(text).map_err(|error| format!("is not JSON: {error}"))?;
    Ok((value.get() != "null").then(|| value.get().to_owned()))
}

/// A type that values of the source are read as.
pub trait FromSource: Sized {
    /// Reads a column; `is_null` where it counts as null whatever it holds.
    fn read(row: &SqliteRow, column: &str, is_null: bool) -> Result<Self, String>;
}

impl<T: FromSource> FromSource for Option<T> {
    fn read(row: &SqliteRow, column: &str, is_null: bool) -> Result<Self, String> {
        let value = row.try_get_raw(column).map_err(|_| "is not there".to_owned())?;
        if is_null || value.is_null() { Ok(None) } else { T::read(row, column, false).map(Some) }
    }
}

/// SQLite converts between its types, so a number that is stored as text is read all the same.
fn decode<'r, T: Decode<'r, Sqlite>>(row: &'r SqliteRow, column: &str, is_null: bool) -> Result<T, String> {
    let value = row.try_get_raw(column).map_err(|_| "is not there".to_owned())?;
    if is_null || value.is_null() {
        return Err("is empty".to_owned());
    }
    T::decode(value).map_err(|error| format!("cannot be read: {error}"))
}

macro_rules! read_as {
    ($($type:ty),*) => {$(
        impl FromSource for $type {
            fn read(row: &SqliteRow, column: &str, is_null: bool) -> Result<Self, String> {
                decode(row, column, is_null)
            }
        }
    )*};
}
read_as!(i64, f64, bool);

impl FromSource for String {
    fn read(row: &SqliteRow, column: &str, is_null: bool) -> Result<Self, String> {
        // As bytes, because some texts are in columns for bytes.
        let bytes: Vec<u8> = decode(row, column, is_null)?;
        let text = Self::from_utf8(bytes).map_err(|_| "is not text".to_owned())?;
        // PostgreSQL cannot store this character, and ZenML itself never writes it.
        if text.contains('\0') { Ok(text.replace('\0', "")) } else { Ok(text) }
    }
}

macro_rules! read_from_text {
    ($($type:ty),*) => {$(
        impl FromSource for $type {
            fn read(row: &SqliteRow, column: &str, is_null: bool) -> Result<Self, String> {
                let text = String::read(row, column, is_null)?;
                text.parse().map_err(|_| format!("is `{text}`, which has no meaning here"))
            }
        }
    )*};
}
read_from_text!(Id, Timestamp, crate::model::status::ExecutionStatus, crate::server::db::devices::DeviceStatus);
