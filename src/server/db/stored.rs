//! Rows and their tables: one declaration per resource gives reading, inserting, updating and deleting by id.

use std::collections::{HashMap, HashSet};

use super::{Connection, DbError, LONGEST_LIST, Record, Value, id_values, placeholders};
use crate::server::{id::Id, time::Timestamp};

/// A row type that knows its table. Made by [`stored!`](crate::stored).
pub trait Stored: Record {
    /// Name of the table.
    const TABLE: &'static str;
    /// Every column, in the order of [`Stored::values`].
    const COLUMNS: &'static [&'static str];

    /// The row's id.
    fn id(&self) -> Id;

    /// The row's values, in the order of the columns.
    fn values(&self) -> Vec<Value>;

    /// The columns for a `select`, each with a table alias in front: `r.id, r.created, …`.
    fn columns(alias: &str) -> String {
        Self::COLUMNS.iter().map(|column| format!("{alias}.{column}")).collect::<Vec<_>>().join(", ")
    }
}

/// Declares a row struct and its table: fields are columns, `= "name"` where a column is named otherwise.
///
/// ```ignore
/// stored! {
///     /// A pipeline.
///     pub struct PipelineRow in "pipelines" { id: Id, created: Timestamp, kind: String = "type" }
/// }
/// ```
#[macro_export]
macro_rules! stored {
    ($(#[$meta:meta])* pub struct $name:ident in $table:literal {
        $($(#[$field_meta:meta])* $field:ident: $type:ty $(= $column:literal)?),* $(,)?
    }) => {
        $crate::record! {
            $(#[$meta])*
            #[derive(Clone, Debug)]
            pub struct $name {
                $($(#[$field_meta])* pub $field: $type),*
            }
        }

        impl $crate::server::db::stored::Stored for $name {
            const TABLE: &'static str = $table;
            const COLUMNS: &'static [&'static str] = &[$($crate::column_name!($field $(, $column)?)),*];

            fn id(&self) -> $crate::server::id::Id {
                self.id
            }

            fn values(&self) -> Vec<$crate::server::db::Value> {
                vec![$($crate::server::db::Value::from(&self.$field)),*]
            }
        }
    };
}

/// A column's name: the field's, unless another is given.
#[doc(hidden)]
#[macro_export]
macro_rules! column_name {
    ($field:ident) => {
        stringify!($field)
    };
    ($field:ident, $column:literal) => {
        $column
    };
}

/// The columns an update sets; `updated` is set besides them.
#[derive(Clone, Debug, Default)]
pub struct Changes(Vec<(&'static str, Value)>);

impl Changes {
    /// No changes yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a column.
    #[must_use]
    pub fn set(mut self, column: &'static str, value: impl Into<Value>) -> Self {
        self.0.push((column, value.into()));
        self
    }

    /// Sets a column where there is a value, and leaves it alone where there is none.
    #[must_use]
    pub fn set_some<V: Into<Value>>(self, column: &'static str, value: Option<V>) -> Self {
        match value {
            Some(value) => self.set(column, value),
            None => self,
        }
    }

    /// Whether nothing was set.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Connection {
    /// The row with this id.
    pub async fn get<T: Stored>(&mut self, id: Id) -> Result<Option<T>, DbError> {
        self.find("id = $1", vec![id.into()]).await
    }

    /// The row with this id, locked against other writers until the transaction ends.
    pub async fn get_locked<T: Stored>(&mut self, id: Id) -> Result<Option<T>, DbError> {
        let lock = self.for_update();
        let sql = format!("select {} from {} where id = $1{lock}", T::COLUMNS.join(", "), T::TABLE);
        self.fetch_optional(&sql, vec![id.into()]).await
    }

    /// The rows with these ids; an id that does not exist is missing from the answer.
    pub async fn get_many<T: Stored>(&mut self, ids: impl IntoIterator<Item = Id>) -> Result<HashMap<Id, T>, DbError> {
        let ids = id_values(ids);
        let mut found = HashMap::with_capacity(ids.len());
        for chunk in ids.chunks(LONGEST_LIST) {
            let condition = format!("id in ({})", placeholders(1, chunk.len()));
            for row in self.find_all::<T>(&condition, chunk.to_vec()).await? {
                found.insert(row.id(), row);
            }
        }
        Ok(found)
    }

    /// The first row that meets a condition.
    pub async fn find<T: Stored>(&mut self, condition: &str, args: Vec<Value>) -> Result<Option<T>, DbError> {
        let sql = format!("select {} from {} where {condition}", T::COLUMNS.join(", "), T::TABLE);
        self.fetch_optional(&sql, args).await
    }

    /// All rows that meet a condition, which may end in an `order by` and a `limit`.
    pub async fn find_all<T: Stored>(&mut self, condition: &str, args: Vec<Value>) -> Result<Vec<T>, DbError> {
        let sql = format!("select {} from {} where {condition}", T::COLUMNS.join(", "), T::TABLE);
        self.fetch_all(&sql, args).await
    }

    /// Stores a new row.
    pub async fn insert<T: Stored>(&mut self, row: &T) -> Result<(), DbError> {
        self.execute(&insert_sql::<T>(), row.values()).await?;
        Ok(())
    }

    /// Stores a new row unless a unique value of it is taken; says whether it was stored. Unlike a failed
    /// [`Connection::insert`] it leaves a PostgreSQL transaction usable.
    pub async fn insert_if_absent<T: Stored>(&mut self, row: &T) -> Result<bool, DbError> {
        let sql = format!("{} on conflict do nothing", insert_sql::<T>());
        Ok(self.execute(&sql, row.values()).await? > 0)
    }

    /// Stores many new rows in one statement and gives the ids of those that were stored: one of whose unique values is taken
    /// is left out. At most as many rows at once as fit 32,000 values, the least that the databases take.
    pub async fn insert_many<T: Stored>(&mut self, rows: &[T]) -> Result<HashSet<Id>, DbError> {
        let values = rows.iter().map(Stored::values).collect();
        let Some((sql, values)) = insert_rows_sql(T::TABLE, T::COLUMNS, values) else { return Ok(HashSet::new()) };
        let stored: Vec<(Id,)> = self.fetch_all(&format!("{sql} returning id"), values).await?;
        Ok(stored.into_iter().map(|(id,)| id).collect())
    }

    /// Like [`Connection::insert_many`], for a table whose rows have no id; says how many were stored.
    pub async fn insert_links(&mut self, table: &str, columns: &[&str], rows: Vec<Vec<Value>>) -> Result<u64, DbError> {
        match insert_rows_sql(table, columns, rows) {
            Some((sql, values)) => self.execute(&sql, values).await,
            None => Ok(0),
        }
    }

    /// Changes one row and its `updated` time; says whether the row exists.
    pub async fn update<T: Stored>(&mut self, id: Id, changes: Changes) -> Result<bool, DbError> {
        let Changes(mut columns) = changes;
        columns.push(("updated", Timestamp::now().into()));
        let assignments: Vec<String> = columns.iter().enumerate().map(|(n, (column, _))| format!("{column} = ${}", n + 1)).collect();
        let sql = format!("update {} set {} where id = ${}", T::TABLE, assignments.join(", "), columns.len() + 1);
        let mut args: Vec<Value> = columns.into_iter().map(|(_, value)| value).collect();
        args.push(id.into());
        Ok(self.execute(&sql, args).await? > 0)
    }

    /// Deletes one row and what hangs on it; says whether it existed.
    pub async fn delete<T: Stored>(&mut self, id: Id) -> Result<bool, DbError> {
        Ok(self.execute(&format!("delete from {} where id = $1", T::TABLE), vec![id.into()]).await? > 0)
    }
}

/// One statement that inserts all the rows, and its values; none without rows.
fn insert_rows_sql(table: &str, columns: &[&str], rows: Vec<Vec<Value>>) -> Option<(String, Vec<Value>)> {
    let width = columns.len();
    let tuples: Vec<String> = (0..rows.len()).map(|row| format!("({})", placeholders(row * width + 1, width))).collect();
    let sql = format!("insert into {table} ({}) values {} on conflict do nothing", columns.join(", "), tuples.join(", "));
    (!rows.is_empty()).then(|| (sql, rows.into_iter().flatten().collect()))
}

fn insert_sql<T: Stored>() -> String {
    format!("insert into {} ({}) values ({})", T::TABLE, T::COLUMNS.join(", "), placeholders(1, T::COLUMNS.len()))
}
