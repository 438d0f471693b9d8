//! The `where` clause of a list: scopes, the filters of the request, and filters on related rows.

use super::{
    Field, Kind, ListError, ListRequest, ListSpec, Scope,
    operator::{flag, null_check, split},
};
use crate::server::{db::Value, id::Id};

/// A `where` clause under construction.
#[derive(Default)]
pub(super) struct Condition {
    pub(super) sql: String,
    pub(super) args: Vec<Value>,
}

impl Condition {
    pub(super) fn build(spec: &ListSpec, request: &ListRequest, scopes: &[Scope]) -> Result<Self, ListError> {
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

    pub(super) fn bind(&mut self, value: impl Into<Value>) -> String {
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
}
