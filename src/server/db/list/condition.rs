//! The `where` clause of a list: scopes, the filters of the request, and filters on related rows.

use super::{
    Kind, ListError, ListRequest, ListSpec, Scope,
    operator::{id, json_list, null_check, split},
    request::switch,
};
use crate::server::{
    db::{Dialect, Value},
    id::Id,
};

/// A `where` clause under construction.
pub(super) struct Condition {
    pub(super) sql: String,
    pub(super) args: Vec<Value>,
    pub(super) dialect: Dialect,
}

impl Condition {
    pub(super) fn build(spec: &ListSpec, request: &ListRequest, scopes: &[Scope], dialect: Dialect) -> Result<Self, ListError> {
        let mut condition = Self { sql: String::new(), args: Vec::new(), dialect };
        let mut always: Vec<String> = Vec::new();
        for scope in scopes {
            always.push(condition.scope(scope));
        }
        if let Some(owner) = spec.owner() {
            for value in request.values("scope_user") {
                let id = id("scope_user", value)?;
                always.push(format!("{owner} = {}", condition.bind(id)));
            }
        }
        let mut filters: Vec<String> = Vec::new();
        for field in spec.fields {
            let mut values: Vec<&str> = request.values(field.name).collect();
            if field.kind.takes_one_value() && values.len() > 1 {
                values.drain(..values.len() - 1);
            }
            for value in values {
                if let Some(sql) = condition.filter(field.name, &field.kind, value)? {
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
        // Most databases have one project with nearly every row in it. SQLite, unless told, takes the project for the best
        // thing to search by; PostgreSQL counts for itself.
        if self.dialect == Dialect::Sqlite && scope.sql.ends_with(".project_id = $?") { format!("likely({sql})") } else { sql }
    }

    pub(super) fn bind(&mut self, value: impl Into<Value>) -> String {
        self.args.push(value.into());
        format!("${}", self.args.len())
    }

    /// The condition of one value of a filter; none where the value filters nothing.
    fn filter(&mut self, name: &str, kind: &Kind, raw: &str) -> Result<Option<String>, ListError> {
        let sql = match kind {
            Kind::Text(column) => self.text(name, column, raw)?,
            Kind::Uuid(column) => self.uuid(name, column, raw)?,
            Kind::Integer(column) => self.integer(name, column, raw)?,
            Kind::Float(column) => self.float(name, column, raw)?,
            Kind::Time(column) => self.time(name, column, raw)?,
            Kind::Boolean(column) => self.boolean(name, column, raw)?,
            Kind::Switch(column) => format!("{column} = {}", self.bind(switch(name, raw)?)),
            Kind::Id(column) => {
                let id = id(name, raw)?;
                return Ok(column.map(|column| format!("{column} = {}", self.bind(id))));
            }
            Kind::Plain(column) => format!("{column} = {}", self.bind(raw)),
            Kind::NameOrId { key, table, names } => self.name_or_id(name, key, table, names, raw)?,
            Kind::Through { template, kind } => {
                return Ok(self.filter(name, kind, raw)?.map(|inner| template.replace("{}", &inner)));
            }
            Kind::Tags { resource_type, id } => self.tags(name, resource_type, id, raw)?,
            Kind::Metadata { resource_type, id } => self.metadata(name, resource_type, id, raw)?,
            Kind::Flag { yes, no } => {
                return Ok((if switch(name, raw)? { yes } else { no }).map(|sql| format!("({sql})")));
            }
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
            "equals" | "notequals" => Some(quoted(value)),
            "startswith" => Some(quoted(value).trim_end_matches('"').to_owned()),
            "endswith" => Some(quoted(value).trim_start_matches('"').to_owned()),
            "oneof" | "notoneof" => {
                let values: Vec<String> = json_list(name, value)?.iter().map(|value| quoted(value)).collect();
                Some(serde_json::Value::from(values).to_string())
            }
            _ => None,
        };
        let comparison = match quoted {
            Some(quoted) => {
                let quoted = self.text(name, "m.value", &format!("{operator}:{quoted}"))?;
                let joiner = if operator.starts_with("not") { "and" } else { "or" };
                format!("({plain} {joiner} {quoted})")
            }
            None => plain,
        };
        Ok(format!(
            "{id} in (select m.resource_id from run_metadata m where m.resource_type = '{resource_type}' and m.key = {key} and {comparison})"
        ))
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::db::list::Field;

    const SPEC: ListSpec = ListSpec {
        from: "pipelines p",
        id: "p.id",
        fields: &[
            Field::new("id", Kind::Uuid("p.id")),
            Field::new("created", Kind::Time("p.created")),
            Field::new("name", Kind::Text("p.name")),
            Field::new("count", Kind::Integer("p.run_count")),
            Field::new("weight", Kind::Float("p.weight")),
            Field::new("active", Kind::Switch("p.active")),
            Field::new("user", Kind::NameOrId { key: "p.user_id", table: "users", names: &["name"] }),
            Field::new("tags", Kind::Tags { resource_type: "pipeline", id: "p.id" }),
            Field::new(
                "model",
                Kind::Through {
                    template: "p.id in (select l.pipeline_id from links l where {})",
                    kind: &Kind::NameOrId { key: "l.model_id", table: "models", names: &["name"] },
                },
            ),
        ],
        sorts: &[("user", "u.name")],
    };

    fn condition(pairs: &[(&str, &str)]) -> Result<(String, Vec<Value>), ListError> {
        let request = ListRequest::from_pairs(pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect())?;
        let scope = Scope::new("p.project_id = $?", vec![Value::from("aa")]);
        Condition::build(&SPEC, &request, &[scope], Dialect::Sqlite).map(|c| (c.sql, c.args))
    }

    #[test]
    fn filters_are_joined_by_the_logical_operator_and_scopes_always_hold() {
        let (sql, args) = condition(&[("name", "a"), ("name", "contains:b"), ("logical_operator", "or")]).expect("valid filters");
        assert_eq!(sql, " where likely(p.project_id = $1) and (p.name = $2 or lower(p.name) like lower($3))");
        assert_eq!(args, vec![Value::from("aa"), Value::from("a"), Value::from("%b%")]);
    }

    #[test]
    fn a_prefix_is_a_range_on_sqlite_and_a_pattern_on_postgresql() {
        let request = ListRequest::from_pairs(vec![("name".to_owned(), "startswith:a_b".to_owned())]).expect("a request");
        let condition = |dialect| Condition::build(&SPEC, &request, &[], dialect).expect("valid filters");
        assert_eq!(condition(Dialect::Sqlite).sql, " where ((lower(p.name) >= lower($1) and lower(p.name) < lower($2)))");
        assert_eq!(condition(Dialect::Postgres).sql, " where (lower(p.name) like lower($1))");
        assert_eq!(condition(Dialect::Postgres).args, vec![Value::from(r"a\_b%")]);
    }

    #[test]
    fn the_owner_is_a_scope_whatever_the_logical_operator() {
        let id = "c6df0e38-512d-4f0a-87f6-d03095fe9931";
        let (sql, _) = condition(&[("name", "a"), ("scope_user", id), ("logical_operator", "or"), ("count", "1")]).expect("valid");
        assert_eq!(sql, " where likely(p.project_id = $1) and p.user_id = $2 and (p.name = $3 or p.run_count = $4)");
        assert!(matches!(condition(&[("scope_user", "ann")]), Err(ListError::Malformed(_))));
    }

    #[test]
    fn an_id_prefix_is_a_range_and_a_wrong_id_matches_nothing() {
        assert_eq!(
            condition(&[("id", "startswith:AB-C")]).expect("valid").0,
            " where likely(p.project_id = $1) and ((p.id >= $2 and p.id < $3))"
        );
        assert_eq!(condition(&[("id", "nonsense")]).expect("valid").0, " where likely(p.project_id = $1) and (1 = 0)");
    }

    #[test]
    fn a_related_row_is_meant_by_name_or_by_id() {
        let sql = |pair| condition(&[pair]).expect("valid").0.replace(" where likely(p.project_id = $1) and ", "");
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
            ("weight", "gte:many"),
        ] {
            match condition(&[pair]) {
                Err(ListError::Invalid(message)) => assert!(message.contains(pair.0), "{message}"),
                other => panic!("{pair:?} gave {other:?}"),
            }
        }
        for pair in [("size", "0"), ("page", "x"), ("logical_operator", "xor"), ("hydrate", "maybe"), ("active", "equals:true")] {
            match condition(&[pair]) {
                Err(ListError::Malformed(message)) => assert!(message.contains(pair.0), "{message}"),
                other => panic!("{pair:?} gave {other:?}"),
            }
        }
    }

    #[test]
    fn of_a_switch_the_last_value_counts() {
        let (sql, args) = condition(&[("active", "maybe"), ("active", "yes")]).expect("valid");
        assert_eq!(sql, " where likely(p.project_id = $1) and (p.active = $2)");
        assert_eq!(args[1], Value::from(true));
    }

    #[test]
    fn a_number_with_a_fraction_is_compared_as_number_or_as_text() {
        let sql = |value| condition(&[("weight", value)]).expect("valid").0.replace(" where likely(p.project_id = $1) and ", "");
        assert_eq!(sql("1.5"), "(p.weight = $2)");
        assert_eq!(sql("many"), "(1 = 0)");
        assert_eq!(sql("notequals:many"), "(p.weight is not null)");
        assert_eq!(sql("lt:2"), "(p.weight < $2)");
        assert_eq!(sql("oneof:[1, \"2.5\", \"many\"]"), "(p.weight in ($2, $3))");
        assert_eq!(sql("contains:5"), "(lower(cast(p.weight as text)) like lower($2))");
    }
}
