//! JSON schemas of types that read or write themselves by hand; all others derive `JsonSchema`.

use crate::server::{
    api::wire::{Entity, RawMap, pipeline_snapshots::NameChange, schedules::Duration, sources::Source},
    id::Id,
    time::Timestamp,
};

/// States the JSON schema of a type.
macro_rules! json_schema_of {
    ($type:ty, $name:literal, $schema:tt) => {
        impl schemars::JsonSchema for $type {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                $name.into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!($schema)
            }

            fn inline_schema() -> bool {
                true
            }
        }
    };
}

json_schema_of!(Duration, "Duration", { "description": "ISO 8601, or a number of seconds.", "type": ["string", "number"] });
json_schema_of!(Id, "Id", { "type": "string", "format": "uuid" });
json_schema_of!(NameChange, "NameChange", {
    "description": "A name, `false` for no name, or null for the name as it is.",
    "anyOf": [{ "type": "string", "minLength": 1 }, { "const": false }, { "type": "null" }],
});
json_schema_of!(RawMap, "Object", { "type": "object" });
json_schema_of!(Source, "Source", {
    "description": "An import path, or an object with `module`, `attribute` and `type`.",
    "type": ["string", "object"],
});
json_schema_of!(Timestamp, "Timestamp", { "description": "A UTC time: `2026-11-23T04:51:11.123456`.", "type": "string" });

impl schemars::JsonSchema for Entity {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Entity".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "An object of the protocol. What `body`, `metadata` and `resources` hold depends on its kind; \
                            `metadata` is there only if the object is hydrated.",
            "type": "object",
            "properties": {
                "id": { "type": "string", "format": "uuid" },
                "name": { "type": ["string", "null"] },
                "permission_denied": { "type": "boolean" },
                "body": { "type": "object" },
                "metadata": { "type": ["object", "null"] },
                "resources": { "type": ["object", "null"] },
            },
            "required": ["id", "permission_denied", "body", "metadata", "resources"],
        })
    }
}
