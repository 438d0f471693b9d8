//! Lists: filters, sorting and pages of every resource, built from data.
//!
//! A resource states its columns in a [`ListSpec`]; this module turns a request's query parameters into SQL. The syntax
//! (`field=op:value`, repeated parameters, `logical_operator`, `sort_by=desc:field`) and the operators a type allows are
//! those of ZenML 0.98.

use std::fmt::Write as _;

use super::{Connection, DbError, Record, Value, placeholders};
use crate::server::{id::Id, time::Timestamp};

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
    /// Sort keys besides the fields, with their SQL expression.
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
    Time(&'static str),
    Boolean(&'static str),
    /// The name or the id of a related row: `key in (select id from table where id … or name …)`.
    NameOrId {
        key: &'static str,
        table: &'static str,
        names: &'static [&'static str],
    },
    /// A comparison made in another table; `{}` in the template is replaced by the condition on `column`:
    /// `r.pipeline_id in (select id from pipelines where {})`.
    Through {
        template: &'static str,
        column: &'static str,
        uuid: bool,
    },
    /// Like `Through`, where `{}` is replaced by the condition that `key` is the name or the id of a row of `table`.
    ThroughNameOrId {
        template: &'static str,
        key: &'static str,
        table: &'static str,
        names: &'static [&'static str],
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
    /// A true/false parameter with its own condition for each value; no condition means the value filters nothing.
    Flag {
        yes: Option<&'static str>,
        no: Option<&'static str>,
    },
}

impl Field {
    /// A parameter of the given name and kind.
    pub const fn new(name: &'static str, kind: Kind) -> Self {
        Self { name, kind }
    }
}

/// A list request, read from the query string.
#[derive(Clone, Debug, Default)]
pub struct ListRequest {
    pub page: u64,
    pub size: u64,
    pub sort_by: String,
    pub any: bool,
    pub hydrate: bool,
    /// Every parameter in order, also the ones above; a name may repeat.
    pub parameters: Vec<(String, String)>,
}

/// Why a list could not be made.
#[derive(Debug)]
pub enum ListError {
    /// A parameter is wrong: 422 in the protocol.
    Invalid(String),
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

impl ListRequest {
    /// Reads the parameters of a query string that was decoded into pairs.
    pub fn from_pairs(parameters: Vec<(String, String)>) -> Result<Self, ListError> {
        let last = |name: &str| parameters.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let number = |name: &str, default: u64, most: u64| match last(name) {
            None => Ok(default),
            Some(text) => match text.parse::<u64>() {
                Ok(number) if (1..=most).contains(&number) => Ok(number),
                _ => Err(ListError::Invalid(format!("`{name}` must be a whole number from 1 to {most}, not `{text}`."))),
            },
        };
        let page = number("page", 1, u64::MAX / MAX_PAGE_SIZE)?;
        let size = number("size", DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE)?;
        let any = match last("logical_operator") {
            None | Some("and") => false,
            Some("or") => true,
            Some(other) => return Err(ListError::Invalid(format!("`logical_operator` is `and` or `or`, not `{other}`."))),
        };
        let hydrate = last("hydrate").is_some_and(is_true);
        let sort_by = last("sort_by").unwrap_or("created").to_owned();
        Ok(Self { page, size, sort_by, any, hydrate, parameters })
    }

    /// The last value of a parameter.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.parameters.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Adds a filter as if the client had sent it.
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.parameters.push((name.to_owned(), value.into()));
        self
    }
}

/// `1 true True yes y on`, as FastAPI reads booleans.
pub fn is_true(text: &str) -> bool {
    matches!(text.to_ascii_lowercase().as_str(), "1" | "true" | "yes" | "y" | "on" | "t")
}

/// Finds one page of `columns` for a request.
pub async fn page<T: Record>(
    connection: &mut Connection,
    spec: &ListSpec,
    columns: &str,
    request: &ListRequest,
    scopes: &[Scope],
) -> Result<Page<T>, ListError> {
    let condition = Condition::build(spec, request, scopes)?;
    let order = order_by(spec, &request.sort_by)?;
    let total = connection.count(&format!("select count(*) from {}{}", spec.from, condition.sql), condition.args.clone()).await? as u64;
    rows(connection, spec, columns, request, condition, &order, total).await
}

/// Like [`page`], with a total that the caller knows without counting rows (kept counters).
pub async fn page_with_total<T: Record>(
    connection: &mut Connection,
    spec: &ListSpec,
    columns: &str,
    request: &ListRequest,
    scopes: &[Scope],
    total: u64,
) -> Result<Page<T>, ListError> {
    let condition = Condition::build(spec, request, scopes)?;
    let order = order_by(spec, &request.sort_by)?;
    rows(connection, spec, columns, request, condition, &order, total).await
}

/// The names of the request's parameters that filter this list (for deciding whether kept counters apply).
pub fn filters_in_use<'a>(spec: &ListSpec, request: &'a ListRequest) -> Vec<&'a str> {
    request.parameters.iter().filter(|(name, _)| spec.fields.iter().any(|f| f.name == name)).map(|(name, _)| name.as_str()).collect()
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

fn order_by(spec: &ListSpec, sort_by: &str) -> Result<String, ListError> {
    let (direction, key) = match sort_by.split_once(':') {
        Some(("desc", key)) => ("desc", key),
        Some((_, key)) => ("asc", key),
        None => ("asc", sort_by),
    };
    let expression =
        sort_expression(spec, key).ok_or_else(|| ListError::Invalid(format!("`{key}` is not a field that this list can be sorted by.")))?;
    // Null order is explicit: the databases differ. Smallest first, as SQLite does.
    let nulls = if direction == "desc" { " nulls last" } else { " nulls first" };
    let nulls = if always_set(expression) { "" } else { nulls };
    if expression == spec.id {
        return Ok(format!(" order by {expression} {direction}"));
    }
    Ok(format!(" order by {expression} {direction}{nulls}, {} {direction}", spec.id))
}

/// Columns that are never null: a `nulls` clause on them would only keep PostgreSQL from using the index.
fn always_set(expression: &str) -> bool {
    let column = expression.rsplit('.').next().unwrap_or(expression);
    matches!(
        column,
        "id" | "created" | "updated" | "status" | "latest_run_created" | "latest_version_created" | "run_index" | "in_progress"
    )
}

fn sort_expression(spec: &ListSpec, key: &str) -> Option<&'static str> {
    if let Some((_, expression)) = spec.sorts.iter().find(|(name, _)| *name == key) {
        return Some(expression);
    }
    match spec.fields.iter().find(|field| field.name == key)?.kind {
        Kind::Text(column) | Kind::Uuid(column) | Kind::Integer(column) | Kind::Time(column) | Kind::Boolean(column) => Some(column),
        _ => None,
    }
}

/// A `where` clause under construction.
#[derive(Default)]
struct Condition {
    sql: String,
    args: Vec<Value>,
}

impl Condition {
    fn build(spec: &ListSpec, request: &ListRequest, scopes: &[Scope]) -> Result<Self, ListError> {
        let mut condition = Self::default();
        let mut always: Vec<String> = Vec::new();
        for scope in scopes {
            always.push(condition.scope(scope));
        }
        let mut filters: Vec<String> = Vec::new();
        for field in spec.fields {
            let mut values: Vec<&str> =
                request.parameters.iter().filter(|(name, _)| name == field.name).map(|(_, value)| value.as_str()).collect();
            if matches!(field.kind, Kind::Boolean(_) | Kind::Flag { .. }) && values.len() > 1 {
                values.drain(..values.len() - 1);
            }
            for value in values {
                if let Some(sql) = condition.filter(field, value)? {
                    filters.push(sql);
                }
            }
        }
        if !filters.is_empty() {
            let operator = if request.any { " or " } else { " and " };
            always.push(format!("({})", filters.join(operator)));
        }
        if !always.is_empty() {
            condition.sql = format!(" where {}", always.join(" and "));
        }
        Ok(condition)
    }

    fn scope(&mut self, scope: &Scope) -> String {
        let mut sql = String::with_capacity(scope.sql.len() + 8);
        let mut parts = scope.sql.split("$?");
        sql.push_str(parts.next().unwrap_or_default());
        for (part, value) in parts.zip(&scope.args) {
            let placeholder = self.bind(value.clone());
            sql.push_str(&placeholder);
            sql.push_str(part);
        }
        sql
    }

    fn bind(&mut self, value: impl Into<Value>) -> String {
        self.args.push(value.into());
        format!("${}", self.args.len())
    }

    fn filter(&mut self, field: &Field, raw: &str) -> Result<Option<String>, ListError> {
        let sql = match &field.kind {
            Kind::Text(column) => self.text(field.name, column, raw)?,
            Kind::Uuid(column) => self.uuid(field.name, column, raw)?,
            Kind::Integer(column) => self.integer(field.name, column, raw)?,
            Kind::Time(column) => self.time(field.name, column, raw)?,
            Kind::Boolean(column) => self.boolean(field.name, column, raw)?,
            Kind::NameOrId { key, table, names } => self.name_or_id(field.name, key, table, names, raw)?,
            Kind::Through { template, column, uuid } => {
                let inner = if *uuid { self.uuid(field.name, column, raw)? } else { self.text(field.name, column, raw)? };
                template.replace("{}", &inner)
            }
            Kind::ThroughNameOrId { template, key, table, names } => {
                template.replace("{}", &self.name_or_id(field.name, key, table, names, raw)?)
            }
            Kind::Tags { resource_type, id } => self.tags(field.name, resource_type, id, raw)?,
            Kind::Metadata { resource_type, id } => self.metadata(field.name, resource_type, id, raw)?,
            Kind::Flag { yes, no } => match flag(field.name, raw)? {
                Some(true) => return Ok(yes.map(|sql| format!("({sql})"))),
                Some(false) => return Ok(no.map(|sql| format!("({sql})"))),
                None => return Ok(None),
            },
        };
        Ok(Some(sql))
    }

    fn name_or_id(&mut self, name: &str, key: &str, table: &str, names: &[&str], raw: &str) -> Result<String, ListError> {
        let (operator, value) = split(raw);
        let mut conditions = Vec::new();
        match operator {
            "isnull" | "isnotnull" => return null_check(name, key, operator, value),
            // The id itself is the usual value: compare the key without a look-up.
            "equals" => {
                if let Ok(id) = value.parse::<Id>() {
                    return Ok(format!("{key} = {}", self.bind(id)));
                }
            }
            _ => conditions.push(self.uuid(name, "id", raw)?),
        }
        for column in names {
            conditions.push(self.text(name, column, raw)?);
        }
        Ok(format!("{key} in (select id from {table} where {})", conditions.join(" or ")))
    }

    fn tags(&mut self, name: &str, resource_type: &str, id: &str, raw: &str) -> Result<String, ListError> {
        let (operator, value) = split(raw);
        let links = format!(
            "select 1 from tag_resources tr join tags t on t.id = tr.tag_id where tr.resource_type = '{resource_type}' and tr.resource_id = {id}"
        );
        match operator {
            "isnull" | "isnotnull" => {
                null_check(name, id, operator, value)?;
                Ok(format!("{}exists ({links})", if operator == "isnull" { "not " } else { "" }))
            }
            _ => Ok(format!("exists ({links} and {})", self.text(name, "t.name", raw)?)),
        }
    }

    fn metadata(&mut self, name: &str, resource_type: &str, id: &str, raw: &str) -> Result<String, ListError> {
        let (key, rest) = raw
            .split_once(':')
            .ok_or_else(|| ListError::Invalid(format!("`{name}` takes `key:value` or `key:operator:value`, not `{raw}`.")))?;
        let key = self.bind(key);
        let (operator, value) = split(rest);
        let plain = self.text(name, "m.value", rest)?;
        // Text is stored as JSON, so a value is compared with its quoted form as well.
        let quoted = match operator {
            "equals" | "notequals" => {
                let quoted = serde_json::Value::from(value).to_string();
                Some(self.text(name, "m.value", &format!("{operator}:{quoted}"))?)
            }
            _ => None,
        };
        let joiner = if operator == "notequals" { "and" } else { "or" };
        let comparison = quoted.map_or_else(|| plain.clone(), |quoted| format!("({plain} {joiner} {quoted})"));
        Ok(format!(
            "{id} in (select m.resource_id from run_metadata m where m.resource_type = '{resource_type}' and m.key = {key} and {comparison})"
        ))
    }

    fn text(&mut self, name: &str, column: &str, raw: &str) -> Result<String, ListError> {
        let (operator, value) = split(raw);
        Ok(match operator {
            "equals" => format!("{column} = {}", self.bind(value)),
            "notequals" => format!("{column} <> {}", self.bind(value)),
            "contains" => self.like(column, "like", format!("%{value}%")),
            "notcontains" => self.like(column, "not like", format!("%{value}%")),
            "startswith" => self.like(column, "like", format!("{value}%")),
            "endswith" => self.like(column, "like", format!("%{value}")),
            "oneof" | "notoneof" => {
                let values = json_list(name, value)?;
                self.one_of(column, operator, values.into_iter().map(Value::from).collect())
            }
            "isnull" | "isnotnull" => null_check(name, column, operator, value)?,
            "gt" | "gte" | "lt" | "lte" => {
                let number: f64 = value
                    .parse()
                    .map_err(|_| ListError::Invalid(format!("`{name}`: `{operator}` compares numbers, and `{value}` is none.")))?;
                let number = self.bind(number);
                // Only text that is a plain number is cast: a cast that fails would be an error on PostgreSQL.
                format!(
                    "(case when {column} not in ('', '.') and rtrim(ltrim({column}, '0123456789'), '0123456789') in ('', '.') \
                     then cast({column} as double precision) {} {number} else false end)",
                    comparison(operator)
                )
            }
            _ => return Err(refused(name, operator)),
        })
    }

    /// `like` that ignores the case of letters on both databases.
    fn like(&mut self, column: &str, like: &str, pattern: String) -> String {
        format!("lower({column}) {like} lower({})", self.bind(pattern))
    }

    fn one_of(&mut self, column: &str, operator: &str, values: Vec<Value>) -> String {
        let negated = operator == "notoneof";
        if values.is_empty() {
            return (if negated { "1 = 1" } else { "1 = 0" }).to_owned();
        }
        let list = placeholders(self.args.len() + 1, values.len());
        self.args.extend(values);
        format!("{column} {}in ({list})", if negated { "not " } else { "" })
    }

    fn uuid(&mut self, name: &str, column: &str, raw: &str) -> Result<String, ListError> {
        let (operator, value) = split(raw);
        let bare = value.replace('-', "").to_ascii_lowercase();
        Ok(match operator {
            "equals" | "notequals" => match value.parse::<Id>() {
                Ok(id) => format!("{column} {} {}", if operator == "equals" { "=" } else { "<>" }, self.bind(id)),
                Err(_) => (if operator == "equals" { "1 = 0" } else { "1 = 1" }).to_owned(),
            },
            // A range, so that the index serves it: `g` follows every hexadecimal digit.
            "startswith" => {
                let (from, to) = (self.bind(bare.clone()), self.bind(format!("{bare}g")));
                format!("({column} >= {from} and {column} < {to})")
            }
            "contains" => format!("{column} like {}", self.bind(format!("%{bare}%"))),
            "notcontains" => format!("{column} not like {}", self.bind(format!("%{bare}%"))),
            "endswith" => format!("{column} like {}", self.bind(format!("%{bare}"))),
            "oneof" | "notoneof" => {
                let ids = json_list(name, value)?.iter().filter_map(|text| text.parse::<Id>().ok()).map(Value::from).collect();
                self.one_of(column, operator, ids)
            }
            "isnull" | "isnotnull" => null_check(name, column, operator, value)?,
            _ => return Err(refused(name, operator)),
        })
    }

    fn integer(&mut self, name: &str, column: &str, raw: &str) -> Result<String, ListError> {
        let (operator, value) = split(raw);
        if matches!(operator, "isnull" | "isnotnull") {
            return null_check(name, column, operator, value);
        }
        if !matches!(operator, "equals" | "notequals" | "gt" | "gte" | "lt" | "lte") {
            return Err(refused(name, operator));
        }
        let number: i64 = value.parse().map_err(|_| ListError::Invalid(format!("`{name}` takes a whole number, not `{value}`.")))?;
        Ok(format!("{column} {} {}", comparison(operator), self.bind(number)))
    }

    fn time(&mut self, name: &str, column: &str, raw: &str) -> Result<String, ListError> {
        // A bare ISO time contains colons but no operator before the first one.
        let (operator, value) = split(raw);
        match operator {
            "isnull" | "isnotnull" => return null_check(name, column, operator, value),
            "in" => {
                let (from, to) = value
                    .split_once(',')
                    .ok_or_else(|| ListError::Invalid(format!("`{name}`: `in` takes two times with a comma between, not `{value}`.")))?;
                let (from, to) = (time_value(name, from)?, time_value(name, to)?);
                let (from, to) = (self.bind(from), self.bind(to));
                return Ok(format!("({column} >= {from} and {column} <= {to})"));
            }
            "equals" | "notequals" | "gt" | "gte" | "lt" | "lte" => {}
            _ => return Err(refused(name, operator)),
        }
        let time =
            if raw == value { Timestamp::parse(value).map_or_else(|| time_value(name, value), Ok)? } else { time_value(name, value)? };
        Ok(format!("{column} {} {}", comparison(operator), self.bind(time)))
    }

    fn boolean(&mut self, name: &str, column: &str, raw: &str) -> Result<String, ListError> {
        let (operator, value) = split(raw);
        match operator {
            "isnull" | "isnotnull" => null_check(name, column, operator, value),
            "equals" | "notequals" => {
                let value = flag(name, value)?.ok_or_else(|| ListError::Invalid(format!("`{name}` takes true or false.")))?;
                Ok(format!("{column} {} {}", comparison(operator), self.bind(value)))
            }
            _ => Err(refused(name, operator)),
        }
    }
}

const OPERATORS: [&str; 15] = [
    "equals",
    "notequals",
    "contains",
    "startswith",
    "endswith",
    "oneof",
    "notoneof",
    "notcontains",
    "isnull",
    "isnotnull",
    "gte",
    "gt",
    "lte",
    "lt",
    "in",
];

/// Splits `op:value`; a text whose start is no operator is a value to be equal to.
fn split(raw: &str) -> (&str, &str) {
    match raw.split_once(':') {
        Some((operator, value)) if OPERATORS.contains(&operator) => (operator, value),
        _ => ("equals", raw),
    }
}

fn comparison(operator: &str) -> &'static str {
    match operator {
        "notequals" => "<>",
        "gt" => ">",
        "gte" => ">=",
        "lt" => "<",
        "lte" => "<=",
        _ => "=",
    }
}

fn null_check(name: &str, column: &str, operator: &str, value: &str) -> Result<String, ListError> {
    if !value.is_empty() {
        return Err(ListError::Invalid(format!("`{name}`: `{operator}:` takes no value, and `{value}` follows it.")));
    }
    Ok(format!("{column} is {}null", if operator == "isnull" { "" } else { "not " }))
}

fn refused(name: &str, operator: &str) -> ListError {
    let mut message = String::new();
    let _ = write!(message, "`{operator}` is not an operator for `{name}`.");
    ListError::Invalid(message)
}

fn flag(name: &str, value: &str) -> Result<Option<bool>, ListError> {
    match value.to_ascii_lowercase().as_str() {
        "1" | "y" | "yes" | "true" | "on" | "t" => Ok(Some(true)),
        "0" | "n" | "no" | "false" | "off" | "f" => Ok(Some(false)),
        "" | "none" => Ok(None),
        _ => Err(ListError::Invalid(format!("`{name}` takes true or false, not `{value}`."))),
    }
}

fn json_list(name: &str, value: &str) -> Result<Vec<String>, ListError> {
    let list: Vec<serde_json::Value> = serde_json::from_str(value)
        .map_err(|_| ListError::Invalid(format!("`{name}`: `oneof` takes a JSON list such as [\"a\", \"b\"], not `{value}`.")))?;
    Ok(list.into_iter().map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned)).collect())
}

fn time_value(name: &str, text: &str) -> Result<Timestamp, ListError> {
    let shaped = text.len() == 19 && text.as_bytes()[10] == b' ';
    shaped
        .then(|| Timestamp::parse(text))
        .flatten()
        .ok_or_else(|| ListError::Invalid(format!("`{name}` takes times as `2026-11-23 04:51:11`, not `{text}`.")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPEC: ListSpec = ListSpec {
        from: "pipelines p",
        id: "p.id",
        fields: &[
            Field::new("id", Kind::Uuid("p.id")),
            Field::new("created", Kind::Time("p.created")),
            Field::new("name", Kind::Text("p.name")),
            Field::new("count", Kind::Integer("p.run_count")),
            Field::new("user", Kind::NameOrId { key: "p.user_id", table: "users", names: &["name"] }),
            Field::new("tags", Kind::Tags { resource_type: "pipeline", id: "p.id" }),
            Field::new(
                "model",
                Kind::ThroughNameOrId {
                    template: "p.id in (select l.pipeline_id from links l where {})",
                    key: "l.model_id",
                    table: "models",
                    names: &["name"],
                },
            ),
        ],
        sorts: &[("user", "u.name")],
    };

    fn condition(pairs: &[(&str, &str)]) -> Result<(String, Vec<Value>), ListError> {
        let request = ListRequest::from_pairs(pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect())?;
        let scope = Scope::new("p.project_id = $?", vec![Value::from("aa")]);
        Condition::build(&SPEC, &request, &[scope]).map(|c| (c.sql, c.args))
    }

    #[test]
    fn filters_are_joined_by_the_logical_operator_and_scopes_always_hold() {
        let (sql, args) = condition(&[("name", "a"), ("name", "contains:b"), ("logical_operator", "or")]).expect("valid filters");
        assert_eq!(sql, " where p.project_id = $1 and (p.name = $2 or lower(p.name) like lower($3))");
        assert_eq!(args, vec![Value::from("aa"), Value::from("a"), Value::from("%b%")]);
    }

    #[test]
    fn an_id_prefix_is_a_range_and_a_wrong_id_matches_nothing() {
        assert_eq!(condition(&[("id", "startswith:AB-C")]).expect("valid").0, " where p.project_id = $1 and ((p.id >= $2 and p.id < $3))");
        assert_eq!(condition(&[("id", "nonsense")]).expect("valid").0, " where p.project_id = $1 and (1 = 0)");
    }

    #[test]
    fn a_related_row_is_meant_by_name_or_by_id() {
        let sql = |pair| condition(&[pair]).expect("valid").0.replace(" where p.project_id = $1 and ", "");
        let id = "c6df0e38-512d-4f0a-87f6-d03095fe9931";
        assert_eq!(sql(("user", id)), "(p.user_id = $2)");
        assert_eq!(sql(("user", "ann")), "(p.user_id in (select id from users where name = $2))");
        assert_eq!(sql(("user", "contains:ab")), "(p.user_id in (select id from users where id like $2 or lower(name) like lower($3)))");
        assert_eq!(
            sql(("model", "churn")),
            "(p.id in (select l.pipeline_id from links l where l.model_id in (select id from models where name = $2)))"
        );
    }

    #[test]
    fn wrong_operators_and_values_are_refused_by_name() {
        for pair in [
            ("count", "contains:1"),
            ("count", "x"),
            ("created", "gte:2026-01-01T00:00:00"),
            ("name", "oneof:a"),
            ("name", "isnull:x"),
            ("size", "0"),
        ] {
            match condition(&[pair]) {
                Err(ListError::Invalid(message)) => assert!(message.contains(pair.0), "{message}"),
                other => panic!("{pair:?} gave {other:?}"),
            }
        }
    }

    #[test]
    fn sorting_breaks_ties_by_id_and_refuses_unknown_fields() {
        assert_eq!(order_by(&SPEC, "desc:created").expect("valid"), " order by p.created desc, p.id desc");
        assert_eq!(order_by(&SPEC, "user").expect("valid"), " order by u.name asc nulls first, p.id asc");
        assert!(matches!(order_by(&SPEC, "password"), Err(ListError::Invalid(_))));
    }
}
