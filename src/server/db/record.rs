//! Rows: how the columns of a `select` become values, the same for both databases.

use sqlx::{Decode, Postgres, Row as _, Sqlite, Type, postgres::PgRow, sqlite::SqliteRow};

use super::DbError;

/// A type that is read from a row. Made by [`record!`](crate::record) or [`stored!`](crate::stored); tuples of columns are
/// records too.
pub trait Record: Sized + Send {
    /// Reads its columns, in the order of the `select`.
    fn read(columns: &mut Columns<'_>) -> Result<Self, DbError>;
}

/// A type that one column is read as.
pub trait Column: for<'r> Decode<'r, Sqlite> + Type<Sqlite> + for<'r> Decode<'r, Postgres> + Type<Postgres> {}
impl<T> Column for T where T: for<'r> Decode<'r, Sqlite> + Type<Sqlite> + for<'r> Decode<'r, Postgres> + Type<Postgres> {}

/// The columns of one row, read from the first to the last.
pub struct Columns<'r> {
    row: Row<'r>,
    next: usize,
}

enum Row<'r> {
    Sqlite(&'r SqliteRow),
    Postgres(&'r PgRow),
}

impl<'r> Columns<'r> {
    pub(super) fn of_sqlite(row: &'r SqliteRow) -> Self {
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
            Row::Sqlite(row) => row.try_get(position),
            Row::Postgres(row) => row.try_get(position),
        }
    }

    /// The name of the next column, while there is one.
    pub fn name(&self) -> Option<&str> {
        match self.row {
            Row::Sqlite(row) => row.columns().get(self.next).map(sqlx::Column::name),
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
        impl<DB: sqlx::Database> sqlx::Type<DB> for $type
        where
            String: sqlx::Type<DB>,
        {
            fn type_info() -> DB::TypeInfo {
                <String as sqlx::Type<DB>>::type_info()
            }

            fn compatible(info: &DB::TypeInfo) -> bool {
                <String as sqlx::Type<DB>>::compatible(info)
            }
        }

        impl<'r, DB: sqlx::Database> sqlx::Decode<'r, DB> for $type
        where
            &'r str: sqlx::Decode<'r, DB>,
        {
            fn decode(value: DB::ValueRef<'r>) -> Result<Self, sqlx::error::BoxDynError> {
                Ok(<&str as sqlx::Decode<DB>>::decode(value)?.parse()?)
            }
        }
    };
}
stored_as_text!(crate::model::status::ExecutionStatus);
stored_as_text!(crate::model::roles::Role);
