//! Types of parameters in words.

use crate::run_configuration::{
    form::{Field, FieldKind},
    json_schema::{Schema, describe_schema},
    snapshot::Snapshot,
};

/// What a field takes: "a list of integers", as its schema says; by its control where there is no schema.
pub fn kind_in_words(snapshot: &Snapshot, field: &Field) -> String {
    let schema = match &field.step {
        Some(step) => snapshot.step(step).and_then(|step| step.parameter_schema()),
        None => snapshot.pipeline_parameter_schema.as_ref(),
    };
    if let Some(root) = schema
        && let Some(property) = root.get("properties").and_then(|properties| properties.get(&field.name))
    {
        return describe_schema(&Schema::new(root), property);
    }
    match field.kind {
        FieldKind::Integer => "an integer",
        FieldKind::Number => "a number",
        FieldKind::Boolean => "true or false",
        FieldKind::Text | FieldKind::MultilineText => "text",
        FieldKind::Lines => "a list of texts",
        _ => "any value",
    }
    .to_owned()
}
