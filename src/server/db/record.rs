//! Rows: how the columns of a `select` become values, the same for both databases.

use sqlx::{Decode, Postgres, Row as _, Type, postgres::PgRow};

use super::{DbError, sqlite};

/// A type that is read from a row. Made by [`record!`](crate::record) or [`stored!`](crate::stored); tuples of columns are
/// records too.
pub trait Record: Sized + Send {
    /// Reads its columns, in the order of the `select`.
    fn read(columns: &mut Columns<'_>) -> Result<Self, DbError>;
}

/// A type that one column is read as.
pub trait Column: rusqlite::types::FromSql + for<'r> Decode<'r, Postgres> + Type<Postgres> {}
impl<T> Column for T where T: rusqlite::types::FromSql + for<'r> Decode<'r, Postgres> + Type<Postgres> {}

/// The columns of one row, read from the first to the last.
pub struct Columns<'r> {
    row: Row<'r>,
    next: usize,
}

enum Row<'r> {
    Sqlite(&'r rusqlite::Row<'r>),
    Postgres(&'r PgRow),
}

impl<'r> Columns<'r> {
    pub(super) fn of_sqlite(row: &'r rusqlite::Row<'r>) -> Self {
        Self { row: Row::Sqlite(row), next: 0 }
    }

    pub(super) fn of_postgres(row: &'r PgRow) -> Self {
        Self { row: Row::Postgres(row), next: 0 }
    }

    /// The next column; an error if there is none, or it is of another type.
    pub fn value<T: Column>(&mut self) -> Result<T, DbError> {
        let position = self.next;
        self.next += 1;
        match self.row {
            Row::Sqlite(row) => row.get(position).map_err(sqlite::error),
            Row::Postgres(row) => row.try_get(position),
        }
    }

    /// The name of the next column, while there is one.
    pub fn name(&self) -> Option<&str> {
        match self.row {
            Row::Sqlite(row) => row.as_ref().column_name(self.next).ok(),
            Row::Postgres(row) => row.columns().get(self.next).map(sqlx::Column::name),
        }
    }
}

/// Declares a struct whose fields are read from the columns of a `select`, in the same order.
#[macro_export]
macro_rules! record {
    ($(#[$meta:meta])* $visibility:vis struct $name:ident {
        $($(#[$field_meta:meta])* $field_visibility:vis $field:ident: $type:ty),* $(,)?
    }) => {
        $(#[$meta])*
        $visibility struct $name {
            $($(#[$field_meta])* $field_visibility $field: $type),*
        }

        impl $crate::server::db::record::Record for $name {
            fn read(columns: &mut $crate::server::db::record::Columns<'_>) -> Result<Self, $crate::server::db::DbError> {
                Ok(Self { $($field: columns.value()?),* })
            }
        }
    };
}

macro_rules! tuple {
    ($($type:ident),*) => {
        impl<$($type: Column + Send),*> Record for ($($type,)*) {
            fn read(columns: &mut Columns<'_>) -> Result<Self, DbError> {
                Ok(($(columns.value::<$type>()?,)*))
            }
        }
    };
}
tuple!(A);
tuple!(A, B);
tuple!(A, B, C);
tuple!(A, B, C, D);

/// Lets a type that is stored as text be read from a column: it needs `FromStr`.
#[macro_export]
macro_rules! stored_as_text {
    ($type:ty) => {
        impl rusqlite::types::FromSql for $type {
            fn column_result(value: rusqlite::types::ValueRef<'_>) -> rusqlite::types::FromSqlResult<Self> {
                value.as_str()?.parse().map_err(|error| rusqlite::types::FromSqlError::Other(Box::from(error)))
            }
        }

        impl sqlx::Type<sqlx::Postgres> for $type {
            fn type_info() -> sqlx::postgres::PgTypeInfo {
                <String as sqlx::Type<sqlx::Postgres>>::type_info()
            }

            fn compatible(info: &sqlx::postgres::PgTypeInfo) -> bool {
                <String as sqlx::Type<sqlx::Postgres>>::compatible(info)
            }
        }

        impl<'r> sqlx::Decode<'r, sqlx::Postgres> for $type {
            fn decode(value: sqlx::postgres::PgValueRef<'r>) -> Result<Self, sqlx::error::BoxDynError> {
                Ok(<&str as sqlx::Decode<sqlx::Postgres>>::decode(value)?.parse()?)
            }
        }
    };
}
stored_as_text!(crate::model::status::ExecutionStatus);
