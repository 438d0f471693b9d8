//! Form views: which fields of a snapshot's form people see who may not edit the snapshot, and what they may set in them.
//!
//! A view is one document, made by the owner of a snapshot and kept with it; it can also be kept in git. It names values by
//! their paths. A snapshot of the same name that comes later may not have them all: what it lacks is told and left out.
//!
//! A view only ever narrows. Its limits stand beside those of the snapshot's schemas, and what it does not name keeps the
//! snapshot's value.

mod check;
mod confine;
mod enforce;
mod narrow;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Number, Value};

pub use check::{MAX_FIELDS, check};
pub use confine::confined;
pub use enforce::{Breach, Rule, breaches, in_force};
pub use narrow::{Limit, takes_limit};

use super::{
    edit,
    form::{Field, all_fields},
    snapshot::Snapshot,
    value_path::ValuePath,
};

/// What the owner of a snapshot made of its form.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FormView {
    /// Markdown above the fields.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub intro: String,
    /// The fields in the order in which they are shown.
    #[serde(default)]
    pub fields: Vec<ViewField>,
}

/// One field of a view.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ViewField {
    /// Where the value is in a run configuration: `steps.trainer.parameters.lr`.
    #[cfg_attr(feature = "ssr", schemars(with = "String"))]
    pub path: ValuePath,
    /// What it is called; its name in the code where this is empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub label: String,
    /// Markdown below it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub help: String,
    /// What it starts with, which may be null; the snapshot's value where it is not there.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    /// It is shown and cannot be changed.
    #[serde(default, skip_serializing_if = "is_false")]
    pub locked: bool,
    /// The least number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum: Option<Number>,
    /// The greatest number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum: Option<Number>,
    /// The only values it takes; of a list, the only items.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed: Option<Vec<Value>>,
    /// The most characters of a text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_length: Option<u64>,
    /// A text with several lines.
    #[serde(default, skip_serializing_if = "is_false")]
    pub multiline: bool,
}

/// A value that is there, null too.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}

/// A view as it stands before somebody who launches a snapshot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Form {
    pub view: FormView,
    /// Nothing but what it offers may be set, within its limits.
    pub only: bool,
    /// The snapshot is the one that the view belongs to, so that fields start with the view's values. False for the snapshot
    /// of an earlier run of it, which has values of its own.
    pub is_own: bool,
}

impl FormView {
    /// A view that offers these values of a snapshot as they are, in the order of the snapshot.
    pub fn offering(snapshot: &Snapshot, paths: &[ValuePath]) -> Self {
        let all = all_fields(snapshot);
        let mut view = Self::default();
        for field in all.iter().filter(|field| paths.contains(&field.path)) {
            let own = view.offer(field, &all);
            view.fields.push(own);
        }
        view
    }

    /// A field for a value that the view does not offer yet, as it is; where its name is taken, with its step before it.
    pub fn offer(&self, field: &Field, all: &[Field]) -> ViewField {
        let name = |own: &ViewField| all.iter().find(|field| field.path == own.path).map(|field| narrow::label(field, own).to_lowercase());
        let is_taken = |label: &str| self.fields.iter().any(|own| name(own).as_deref() == Some(&label.to_lowercase()));
        let mut own = ViewField::of(field.path.clone());
        if is_taken(&field.full_name()) {
            let long = format!("{} of {}", field.full_name(), field.step.as_deref().unwrap_or("the pipeline"));
            own.label = if is_taken(&long) { field.path.to_string() } else { long };
        }
        own
    }

    /// The fields that a snapshot has, each with what the snapshot says about it.
    pub fn known<'view>(&'view self, snapshot: &Snapshot) -> Vec<(Field, &'view ViewField)> {
        let mut all = all_fields(snapshot);
        let known = self.fields.iter().filter_map(|own| {
            let position = all.iter().position(|field| field.path == own.path)?;
            Some((all.swap_remove(position), own))
        });
        known.collect()
    }
}

impl ViewField {
    /// A field as the snapshot has it.
    pub fn of(path: ValuePath) -> Self {
        Self { path, ..Self::default() }
    }

    /// What a launch is given for it where it says nothing; none: the snapshot's value.
    fn start(&self, is_own: bool) -> Option<&Value> {
        self.value.as_ref().filter(|_| self.locked || is_own)
    }
}

impl Form {
    /// The fields in the order of the view, narrowed to what it allows.
    pub fn fields(&self, snapshot: &Snapshot) -> Vec<Field> {
        self.view.known(snapshot).into_iter().map(|(field, own)| narrow::narrowed(field, own, self.is_own)).collect()
    }

    /// Whether the value at a path may be set.
    pub fn offers(&self, path: &ValuePath) -> bool {
        !self.only || self.view.fields.iter().any(|own| !own.locked && path.starts_with(&own.path))
    }

    /// Whether the value of a launch at a path, or around it, is the one that the view starts the field with.
    pub fn starts(&self, path: &ValuePath, configuration: &Map<String, Value>) -> bool {
        let Some(own) = self.view.fields.iter().find(|own| path.starts_with(&own.path)) else { return false };
        own.start(self.is_own).is_some_and(|start| own.path.get(configuration) == Some(start))
    }

    /// Adds what the view starts its fields with to a run configuration that does not say otherwise. A mapping takes the
    /// place of the snapshot's, so that its path is added to those of the values that are taken whole.
    pub fn fill(&self, snapshot: &Snapshot, configuration: &mut Map<String, Value>, replace_paths: &mut Vec<ValuePath>) {
        let known = self.view.known(snapshot);
        let mut document = Value::Object(std::mem::take(configuration));
        for (_, own) in known {
            let Some(value) = own.start(self.is_own) else { continue };
            if edit::value_at(&document, &own.path).is_some() {
                continue;
            }
            edit::put(&mut document, own.path.segments(), value.clone());
            if value.is_object() && !replace_paths.contains(&own.path) {
                replace_paths.push(own.path.clone());
            }
        }
        if let Value::Object(filled) = document {
            *configuration = filled;
        }
    }
}
