//! `settings` of a run or a step: their keys, and the values of components that say what they take.

use serde_json::{Map, Value, json};

use super::Pass;
use crate::run_configuration::{
    json_schema::Schema,
    keys::{DEFINITIONS, definition},
    problem::Problem,
    settings::{canonical_key, normalise},
    value_path::ValuePath,
};

impl Pass<'_> {
    /// Checks settings and brings their keys to the one form; none if there are none.
    pub(super) fn settings(&mut self, value: &Value, path: &ValuePath) -> Option<Map<String, Value>> {
        let mut typed = self.mapping(value, path)?;
        if typed.remove("docker").is_some_and(|docker| !docker.is_null()) {
            let message = "A run of a snapshot uses the image of the snapshot: `settings.docker` cannot be set.";
            let fix = "Remove `docker`; for another image make another snapshot.";
            self.problems.push(Problem::error(path.child("docker"), message).with_fix(fix));
        }
        typed.retain(|_, value| !value.is_null());
        let normalised = normalise(&typed, self.snapshot, path);
        self.problems.extend(normalised.problems);
        for (old, new) in &normalised.renamed {
            self.follow_renamed_key(&path.child(old), &path.child(new));
        }
        let mut settings = Map::new();
        for (key, value) in normalised.settings {
            let typed_key = normalised.renamed.iter().find(|(_, new)| *new == key).map_or(&key, |(old, _)| old);
            if let Some(mut component) = self.mapping(&value, &path.child(typed_key)) {
                self.setting_values(&key, &value, &path.child(typed_key));
                component.retain(|_, value| !value.is_null());
                settings.insert(key, Value::Object(component));
            }
        }
        Some(settings)
    }

    /// Checks settings against the schema of `resources` or of the component's flavor. Values stay as typed: the component reads them.
    fn setting_values(&mut self, key: &str, value: &Value, path: &ValuePath) {
        let legacy = self.snapshot.legacy_settings_keys;
        let component = self.snapshot.components.iter().find(|component| canonical_key(component, legacy) == key);
        let (root, schema) = match (key, component.and_then(|component| component.settings_schema.as_ref())) {
            ("resources", _) => (&*DEFINITIONS, definition("ResourceSettings")),
            (_, Some(schema)) => (schema, Some(schema)),
            _ => return,
        };
        // What is not set here is set in the snapshot or has a default.
        let mut schema = schema.cloned().unwrap_or(json!({}));
        if let Value::Object(keywords) = &mut schema {
            keywords.remove("required");
        }
        let checker = Schema { secret_references: true, near_misses_are_errors: true, ..Schema::new(root) };
        self.problems.extend(checker.check(value, &schema, path).problems);
    }

    fn follow_renamed_key(&mut self, old: &ValuePath, new: &ValuePath) {
        for path in self.update.replace.iter_mut().filter(|path| path.starts_with(old)) {
            *path = new.join(&ValuePath::of(&path.segments()[old.segments().len()..]));
        }
    }
}
