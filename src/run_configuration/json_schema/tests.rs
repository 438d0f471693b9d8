use serde_json::json;

use super::*;

fn check(value: Value, schema: Value) -> Checked {
    Schema::new(&schema).check(&value, &schema, &ValuePath::of(["p"]))
}

fn accepted(value: Value, schema: Value) -> Value {
    let checked = check(value, schema);
    assert!(checked.problems.is_empty(), "{:?}", checked.problems);
    checked.value
}

fn refused(value: Value, schema: Value) -> Problem {
    let checked = check(value.clone(), schema);
    assert!(checked.has_errors(), "{value} is accepted as {}", checked.value);
    checked.problems.into_iter().find(Problem::is_error).unwrap()
}

/// What pydantic 2.12 does with each value in lax mode.
#[test]
fn conversions_are_those_of_pydantic() {
    let integer = || json!({"type": "integer"});
    for value in [json!("3"), json!(" 3 "), json!("3.0"), json!(3.0), json!("+3"), json!("03"), json!("0_3")] {
        assert_eq!(accepted(value, integer()), json!(3));
    }
    assert_eq!(accepted(json!(true), integer()), json!(1));
    for value in [json!("3.5"), json!("1e3"), json!(3.5), json!(null), json!("0x10"), json!(""), json!([3])] {
        refused(value, integer());
    }
    let number = || json!({"type": "number"});
    assert_eq!(accepted(json!("1e-4"), number()), json!(1e-4));
    assert_eq!(accepted(json!(3), number()), json!(3));
    assert_eq!(accepted(json!("inf"), number()), json!("inf"));
    refused(json!("x"), number());
    refused(json!(""), number());
    let boolean = || json!({"type": "boolean"});
    for value in [json!("yes"), json!("T"), json!(1), json!(1.0), json!("on"), json!("TRUE"), json!(true)] {
        assert_eq!(accepted(value, boolean()), json!(true));
    }
    for value in [json!("2"), json!(2), json!(null), json!(" true")] {
        refused(value, boolean());
    }
    refused(json!(1), json!({"type": "string"}));
    assert_eq!(accepted(json!(5), json!({"type": "string", "format": "date-time"})), json!(5));
    refused(json!("5"), json!({"type": "null"}));
}

#[test]
fn big_integers_are_kept_as_typed() {
    assert_eq!(accepted(json!("123456789012345678901234567890"), json!({"type": "integer"})), json!("123456789012345678901234567890"));
    assert_eq!(accepted(json!("18446744073709551615"), json!({"type": "integer"})), json!(u64::MAX));
}

#[test]
fn messages_say_what_is_expected_and_the_way_out() {
    let problem = refused(json!(3), json!({"type": "string"}));
    assert_eq!(problem.message, "Expects text, not the number 3.");
    assert_eq!(problem.fix.as_deref(), Some("Write it in quotes: \"3\"."));
    assert!(refused(json!("0,1"), json!({"type": "number"})).fix.unwrap().contains("point"));
    let problem = refused(json!("randm"), json!({"enum": ["random", "grid"]}));
    assert_eq!(problem.message, "Expects one of `random`, `grid`, not the text \"randm\".");
    assert_eq!(problem.fix.as_deref(), Some("Did you mean `random`?"));
    let problem =
        refused(json!("x"), json!({"anyOf": [{"type": "integer"}, {"items": {"type": "number"}, "type": "array"}, {"type": "null"}]}));
    assert_eq!(problem.message, "Expects an integer, not the text \"x\".", "the only branch for a scalar explains itself");
    let problem = refused(json!([]), json!({"anyOf": [{"type": "integer"}, {"type": "string"}, {"type": "null"}]}));
    assert_eq!(problem.message, "Expects an integer, text or null, not a list of 0.");
}

#[test]
fn choices() {
    assert_eq!(accepted(json!("2"), json!({"enum": [1, 2], "type": "integer"})), json!(2));
    assert_eq!(accepted(json!(1.0), json!({"const": 1})), json!(1));
    refused(json!(3), json!({"enum": [1, 2]}));
    refused(json!(1), json!({"enum": ["1"]}));
}

#[test]
fn limits() {
    for (value, schema) in [
        (json!(0), json!({"type": "integer", "exclusiveMinimum": 0})),
        (json!(9), json!({"type": "integer", "minimum": 10})),
        (json!("61"), json!({"type": "integer", "maximum": 60})),
        (json!(1.5), json!({"type": "number", "exclusiveMaximum": 1.5})),
        (json!(""), json!({"type": "string", "minLength": 1})),
        (json!("äöü"), json!({"type": "string", "maxLength": 2})),
        (json!([1]), json!({"type": "array", "minItems": 2})),
        (json!([1, 2, 3]), json!({"type": "array", "maxItems": 2, "prefixItems": [{"type": "integer"}]})),
        (json!({}), json!({"type": "object", "minProperties": 1})),
    ] {
        refused(value, schema);
    }
    accepted(json!("äö"), json!({"type": "string", "maxLength": 2}));
}

#[test]
fn parts_are_checked_at_their_paths() {
    let schema = json!({"type": "object", "additionalProperties": false, "required": ["a"], "properties": {
        "a": {"type": "array", "items": {"type": "integer"}},
        "b": {"type": "array", "prefixItems": [{"type": "string"}, {"type": "boolean"}]},
        "name": {}, "c": {"type": "object", "additionalProperties": {"type": "number"}}}});
    let problems = check(json!({"a": [1, "x"], "b": ["y", 7], "c": {"k": null}, "names": 1}), schema.clone()).problems;
    let places: Vec<String> = problems.iter().map(|problem| problem.path.to_string()).collect();
    assert_eq!(places, ["p.a.1", "p.b.1", "p.c.k", "p.names"]);
    assert_eq!(problems[3].fix.as_deref(), Some("Did you mean `name`?"));
    assert_eq!(refused(json!({}), schema).message, "`a` is missing.");
}

#[test]
fn unknown_keys_of_open_objects_are_warnings() {
    let schema = json!({"type": "object", "properties": {"size": {"type": "integer"}}});
    let problems = check(json!({"siez": 1}), schema).problems;
    assert!(!problems[0].is_error());
    assert_eq!(problems[0].fix.as_deref(), Some("Did you mean `size`?"));
    assert!(check(json!({"x": 1}), json!({"type": "object"})).problems.is_empty());
    assert!(check(json!({"x": 1}), json!({"type": "object", "additionalProperties": true})).problems.is_empty());
}

#[test]
fn references_are_followed_and_may_be_recursive() {
    let schema = json!({"$ref": "#/$defs/Node", "$defs": {
        "Node": {"type": "object", "properties": {"next": {"anyOf": [{"$ref": "#/$defs/Node"}, {"type": "null"}]}, "n": {"type": "integer"}}},
        "Loop": {"$ref": "#/$defs/Loop"}}});
    accepted(json!({"next": {"next": null, "n": 1}}), schema.clone());
    assert_eq!(refused(json!({"next": {"n": "x"}}), schema.clone()).path.to_string(), "p.next.n");
    let endless = json!({"$ref": "#/$defs/Loop"});
    assert!(Schema::new(&schema).check(&json!(1), &endless, &ValuePath::root()).problems.is_empty());
}

#[test]
fn unions_prefer_the_branch_that_fits_unchanged() {
    let schema = json!({"anyOf": [{"type": "integer"}, {"type": "string"}]});
    assert_eq!(accepted(json!("3"), schema.clone()), json!("3"));
    assert_eq!(accepted(json!(3), schema), json!(3));
    let tagged = json!({"oneOf": [{"$ref": "#/$defs/A"}, {"$ref": "#/$defs/B"}],
        "discriminator": {"propertyName": "kind", "mapping": {"a": "#/$defs/A", "b": "#/$defs/B"}},
        "$defs": {"A": {"type": "object", "properties": {"kind": {"const": "a"}, "n": {"type": "integer"}}},
                  "B": {"type": "object", "properties": {"kind": {"const": "b"}, "n": {"type": "boolean"}}}}});
    accepted(json!({"kind": "b", "n": true}), tagged.clone());
    assert_eq!(refused(json!({"kind": "b", "n": 7}), tagged).path.to_string(), "p.n");
}

#[test]
fn all_of_applies_each_part() {
    let schema = json!({"allOf": [{"type": "integer"}, {"type": "integer", "minimum": 5}]});
    assert_eq!(accepted(json!("7"), schema.clone()), json!(7));
    refused(json!(3), schema);
}

#[test]
fn formats_are_hints() {
    for (text, format) in [("tomorrow", "date"), ("x", "date-time"), ("noon", "time"), ("x", "uuid")] {
        let problems = check(json!(text), json!({"type": "string", "format": format})).problems;
        assert_eq!((problems.len(), problems[0].is_error()), (1, false), "{format}");
    }
    for (text, format) in [("2026-01-31", "date"), ("2026-01-31T12:00", "date-time"), ("12:30", "time"), ("x", "uri")] {
        accepted(json!(text), json!({"type": "string", "format": format}));
    }
}

#[test]
fn secret_references_stand_for_any_value() {
    let schema = json!({"type": "integer"});
    let settings = Schema { secret_references: true, ..Schema::new(&schema) };
    assert!(settings.check(&json!("{{ aws.key }}"), &schema, &ValuePath::root()).problems.is_empty());
    refused(json!("{{ aws.key }}"), schema.clone());
}
