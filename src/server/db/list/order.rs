//! The order of a list.

use std::borrow::Cow;

use super::{Kind, ListError, ListSpec};

pub(super) fn order_by(spec: &ListSpec, sort_by: &str) -> Result<String, ListError> {
    let (direction, key) = match sort_by.split_once(':') {
        Some(("desc", key)) => ("desc", key),
        Some((_, key)) => ("asc", key),
        None => ("asc", sort_by),
    };
    let expression =
        sort_expression(spec, key).ok_or_else(|| ListError::Invalid(format!("`{key}` is not a field that this list can be sorted by.")))?;
    // Null order is explicit: the databases differ. Smallest first, as SQLite does.
    let nulls = if direction == "desc" { " nulls last" } else { " nulls first" };
    let nulls = if always_set(&expression) { "" } else { nulls };
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

fn sort_expression(spec: &ListSpec, key: &str) -> Option<Cow<'static, str>> {
    if let Some((_, expression)) = spec.sorts.iter().find(|(name, _)| *name == key) {
        return Some(Cow::Borrowed(expression));
    }
    match spec.fields.iter().find(|field| field.name == key)?.kind {
        Kind::Text(column)
        | Kind::Uuid(column)
        | Kind::Integer(column)
        | Kind::Float(column)
        | Kind::Time(column)
        | Kind::Boolean(column)
        | Kind::Switch(column) => Some(Cow::Borrowed(column)),
        Kind::NameOrId { key, table, names } => {
            let name = names.first()?;
            Some(Cow::Owned(format!("(select related.{name} from {table} related where related.id = {key})")))
        }
        Kind::Tags { resource_type, id } => Some(Cow::Owned(format!(
            "(select string_agg(t.name, ', ' order by t.name) from tag_resources tr join tags t on t.id = tr.tag_id \
             where tr.resource_type = '{resource_type}' and tr.resource_id = {id})"
        ))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::db::list::Field;

    const SPEC: ListSpec = ListSpec {
        from: "pipelines p",
        id: "p.id",
        fields: &[
            Field::new("created", Kind::Time("p.created")),
            Field::new("user", Kind::NameOrId { key: "p.user_id", table: "users", names: &["name", "full_name"] }),
        ],
        sorts: &[("latest_run", "p.latest_run_created")],
    };

    #[test]
    fn sorting_breaks_ties_by_id_and_refuses_unknown_fields() {
        assert_eq!(order_by(&SPEC, "desc:created").expect("valid"), " order by p.created desc, p.id desc");
        assert_eq!(order_by(&SPEC, "latest_run").expect("valid"), " order by p.latest_run_created asc, p.id asc");
        assert_eq!(
            order_by(&SPEC, "user").expect("valid"),
            " order by (select related.name from users related where related.id = p.user_id) asc nulls first, p.id asc"
        );
        assert!(matches!(order_by(&SPEC, "password"), Err(ListError::Invalid(_))));
    }
}
