//! What each operator means for each type of column.

use super::{ListError, condition::Condition, request::truth};
use crate::server::{
    db::{Dialect, Value, placeholders},
    id::Id,
    time::Timestamp,
};

impl Condition {
    pub(super) fn text(&mut self, name: &str, column: &str, raw: &str) -> Result<String, ListError> {
        let (operator, value) = split(raw);
        Ok(match operator {
            "equals" => format!("{column} = {}", self.bind(value)),
            "notequals" => format!("{column} <> {}", self.bind(value)),
            "contains" => self.like(column, "like", format!("%{value}%")),
            "notcontains" => self.like(column, "not like", format!("%{value}%")),
            "startswith" => self.prefix(column, value),
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

    /// That a text starts with this one, whatever the case of letters, in the form that each database has an index for:
    /// a range on SQLite, whose text order is that of bytes, and a pattern on PostgreSQL, whose text order may be any.
    fn prefix(&mut self, column: &str, prefix: &str) -> String {
        if self.dialect == Dialect::Postgres {
            let escaped = prefix.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
            return format!("lower({column}) like lower({})", self.bind(format!("{escaped}%")));
        }
        let (from, to) = (self.bind(prefix), self.bind(format!("{prefix}{}", char::MAX)));
        format!("(lower({column}) >= lower({from}) and lower({column}) < lower({to}))")
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

    pub(super) fn uuid(&mut self, name: &str, column: &str, raw: &str) -> Result<String, ListError> {
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
            // An id is a text like any other here.
            "gt" | "gte" | "lt" | "lte" => self.text(name, column, raw)?,
            _ => return Err(refused(name, operator)),
        })
    }

    pub(super) fn integer(&mut self, name: &str, column: &str, raw: &str) -> Result<String, ListError> {
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

    pub(super) fn float(&mut self, name: &str, column: &str, raw: &str) -> Result<String, ListError> {
        let (operator, value) = split(raw);
        let number = value.parse::<f64>().ok();
        Ok(match operator {
            "isnull" | "isnotnull" => null_check(name, column, operator, value)?,
            "oneof" | "notoneof" => {
                let numbers = json_list(name, value)?.iter().filter_map(|text| text.parse::<f64>().ok()).map(Value::from).collect();
                self.one_of(column, operator, numbers)
            }
            "equals" | "notequals" | "gt" | "gte" | "lt" | "lte" => match (operator, number) {
                (_, Some(number)) => format!("{column} {} {}", comparison(operator), self.bind(number)),
                ("equals", None) => "1 = 0".to_owned(),
                ("notequals", None) => format!("{column} is not null"),
                _ => return Err(ListError::Invalid(format!("`{name}`: `{operator}` compares numbers, and `{value}` is none."))),
            },
            _ => self.text(name, &format!("cast({column} as text)"), raw)?,
        })
    }

    pub(super) fn time(&mut self, name: &str, column: &str, raw: &str) -> Result<String, ListError> {
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

    pub(super) fn boolean(&mut self, name: &str, column: &str, raw: &str) -> Result<String, ListError> {
        let (operator, value) = split(raw);
        match operator {
            "isnull" | "isnotnull" => null_check(name, column, operator, value),
            "equals" | "notequals" => {
                let value = truth(value).ok_or_else(|| ListError::Invalid(format!("`{name}` takes true or false, not `{value}`.")))?;
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
pub(super) fn split(raw: &str) -> (&str, &str) {
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

pub(super) fn null_check(name: &str, column: &str, operator: &str, value: &str) -> Result<String, ListError> {
    if !value.is_empty() {
        return Err(ListError::Invalid(format!("`{name}`: `{operator}:` takes no value, and `{value}` follows it.")));
    }
    Ok(format!("{column} is {}null", if operator == "isnull" { "" } else { "not " }))
}

fn refused(name: &str, operator: &str) -> ListError {
    ListError::Invalid(format!("`{operator}` is not an operator for `{name}`."))
}

pub(super) fn id(name: &str, text: &str) -> Result<Id, ListError> {
    text.parse().map_err(|_| ListError::Malformed(format!("`{name}` takes an id, not `{text}`.")))
}

pub(super) fn json_list(name: &str, value: &str) -> Result<Vec<String>, ListError> {
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
