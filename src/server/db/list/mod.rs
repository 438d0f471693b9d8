//! Lists: filters, sorting and pages of every resource, built from data.
//!
//! A resource states its columns in a [`ListSpec`]; this module turns a request's query parameters into SQL. The syntax
//! (`field=op:value`, repeated parameters, `logical_operator`, `sort_by=desc:field`) and the operators a type allows are
//! those of ZenML 0.98.

mod condition;
mod operator;
mod order;
mod request;

pub use request::{ListRequest, truth};

use super::{Connection, DbError, Dialect, Record, Value};
use condition::Condition;
use order::order_by;

/// Largest page a client may ask for.
pub const MAX_PAGE_SIZE: u64 = 10_000;
/// Page size where the client names none.
pub const DEFAULT_PAGE_SIZE: u64 = 20;

/// What a resource's list can be filtered and sorted by.
pub struct ListSpec {
    /// The `from` clause, with joins if sorting needs them: `pipeline_runs r`.
    pub from: &'static str,
    /// The id column, which also breaks ties in sorting.
    pub id: &'static str,
    pub fields: &'static [Field],
    /// Sort keys besides the fields, with their SQL expression. A field that is a column sorts by itself, one that names a
    /// related row by that row's name, and tags by their names.
    pub sorts: &'static [(&'static str, &'static str)],
}

/// One query parameter.
pub struct Field {
    pub name: &'static str,
    pub kind: Kind,
}

/// What a filter compares, which decides the operators it allows.
pub enum Kind {
    Text(&'static str),
    Uuid(&'static str),
    Integer(&'static str),
    /// A number with or without a fraction, which may be compared as a text too.
    Float(&'static str),
    Time(&'static str),
    /// True or false, with an operator if need be.
    Boolean(&'static str),
    /// True or false alone.
    Switch(&'static str),
    /// An id alone, without an operator. Without a column it has to be one and filters nothing.
    Id(Option<&'static str>),
    /// A text as it is, without an operator.
    Plain(&'static str),
    /// The name or the id of a related row: `key in (select id from table where id … or name …)`.
    NameOrId {
        key: &'static str,
        table: &'static str,
        names: &'static [&'static str],
    },
    /// A comparison made in another table; `{}` in the template is replaced by the condition of `kind`, which compares there:
    /// `r.pipeline_id in (select id from pipelines where {})`.
    Through {
        template: &'static str,
        kind: &'static Kind,
    },
    /// Tags of the row, each value an operator on the tag's name; `isnull:` is "has none".
    Tags {
        resource_type: &'static str,
        id: &'static str,
    },
    /// `key:value` or `key:op:value` on the row's metadata.
    Metadata {
        resource_type: &'static str,
        id: &'static str,
    },
    /// True or false alone, with a condition for each; no condition means the value filters nothing.
    Flag {
        yes: Option<&'static str>,
        no: Option<&'static str>,
    },
}

impl Kind {
    /// Whether the last value counts where a parameter is repeated; the values of others must all hold.
    fn takes_one_value(&self) -> bool {
        match self {
            Self::Boolean(_) | Self::Switch(_) | Self::Flag { .. } | Self::Id(_) => true,
            Self::Through { kind, .. } => kind.takes_one_value(),
            _ => false,
        }
    }
}

impl ListSpec {
    /// The column with the account that a row belongs to: what `user` filters. Parameters named `scope_user` compare it,
    /// unless the list has a field of that name.
    fn owner(&self) -> Option<&'static str> {
        if self.fields.iter().any(|field| field.name == "scope_user") {
            return None;
        }
        self.fields.iter().find_map(|field| match field.kind {
            Kind::NameOrId { key, .. } if field.name == "user" => Some(key),
            _ => None,
        })
    }
}

impl Field {
    /// A parameter of the given name and kind.
    pub const fn new(name: &'static str, kind: Kind) -> Self {
        Self { name, kind }
    }
}

/// Why a list could not be made.
#[derive(Debug)]
pub enum ListError {
    /// A filter or a sort key is wrong: 422 in the protocol.
    Invalid(String),
    /// A parameter has the wrong type (no number, no id, neither true nor false): 422, told as of a malformed body.
    Malformed(String),
    /// The page does not exist: 400 in the protocol.
    NoSuchPage {
        page: u64,
        total_pages: u64,
    },
    Database(DbError),
}

impl From<DbError> for ListError {
    fn from(error: DbError) -> Self {
        Self::Database(error)
    }
}

/// A condition that every row must meet besides the request's filters, with `$?` for each value.
#[derive(Clone, Debug)]
pub struct Scope {
    pub sql: String,
    pub args: Vec<Value>,
}

impl Scope {
    /// A condition; write `$?` where a value goes.
    pub fn new(sql: impl Into<String>, args: Vec<Value>) -> Self {
        Self { sql: sql.into(), args }
    }
}

/// One page of rows.
#[derive(Clone, Debug)]
pub struct Page<T> {
    pub index: u64,
    pub max_size: u64,
    pub total_pages: u64,
    pub total: u64,
    pub items: Vec<T>,
}

impl<T> Page<T> {
    /// The same page with its items replaced.
    pub fn with_items<U>(self, items: Vec<U>) -> Page<U> {
        Page { index: self.index, max_size: self.max_size, total_pages: self.total_pages, total: self.total, items }
    }
}

/// Finds one page of `columns` for a request.
pub async fn page<T: Record>(
    connection: &mut Connection,
    spec: &ListSpec,
    columns: &str,
    request: &ListRequest,
    scopes: &[Scope],
) -> Result<Page<T>, ListError> {
    page_with_total(connection, spec, columns, request, scopes, None).await
}

/// Like [`page`], with a total that the caller may know without counting rows (kept counters).
pub async fn page_with_total<T: Record>(
    connection: &mut Connection,
    spec: &ListSpec,
    columns: &str,
    request: &ListRequest,
    scopes: &[Scope],
    total: Option<i64>,
) -> Result<Page<T>, ListError> {
    let condition = Condition::build(spec, request, scopes, connection.dialect())?;
    let order = order_by(spec, &request.sort_by)?;
    let total = match total {
        Some(total) => total,
        None => connection.count(&format!("select count(*) from {}{}", spec.from, condition.sql), condition.args.clone()).await?,
    };
    rows(connection, spec, columns, request, condition, &order, total as u64).await
}

/// The ` where` clause of a list and its values, for queries of another form over the same rows.
pub fn condition(spec: &ListSpec, request: &ListRequest, scopes: &[Scope], dialect: Dialect) -> Result<(String, Vec<Value>), ListError> {
    let condition = Condition::build(spec, request, scopes, dialect)?;
    Ok((condition.sql, condition.args))
}

/// The names of the request's parameters that filter this list (for deciding whether kept counters apply).
pub fn filters_in_use<'a>(spec: &ListSpec, request: &'a ListRequest) -> Vec<&'a str> {
    let filters = |name: &str| {
        let field = spec.fields.iter().find(|field| field.name == name);
        field.map_or(name == "scope_user", |field| !matches!(field.kind, Kind::Flag { yes: None, no: None } | Kind::Id(None)))
    };
    request.parameters.iter().map(|(name, _)| name.as_str()).filter(|name| filters(name)).collect()
}

async fn rows<T: Record>(
    connection: &mut Connection,
    spec: &ListSpec,
    columns: &str,
    request: &ListRequest,
    condition: Condition,
    order: &str,
    total: u64,
) -> Result<Page<T>, ListError> {
    let total_pages = total.div_ceil(request.size).max(1);
    if request.page > total_pages {
        return Err(ListError::NoSuchPage { page: request.page, total_pages });
    }
    let items = if total == 0 {
        Vec::new()
    } else {
        let offset = (request.page - 1) * request.size;
        let sql = format!("select {columns} from {}{}{order} limit {} offset {offset}", spec.from, condition.sql, request.size);
        connection.fetch_all(&sql, condition.args).await?
    };
    Ok(Page { index: request.page, max_size: request.size, total_pages, total, items })
}
