use serde_json::json;

use super::*;

fn value(text: &str) -> Value {
    let document = read(text).unwrap_or_else(|problems| panic!("{text:?}: {problems:?}"));
    assert_eq!(document.warnings, [], "{text:?}");
    document.value
}

/// The only problem of a text that cannot be read, as (line, column, path, message).
fn error(text: &str) -> (usize, usize, String, String) {
    let mut problems = read(text).unwrap_err();
    assert_eq!(problems.len(), 1, "{problems:?}");
    let problem = problems.remove(0);
    assert!(problem.is_error());
    (problem.line.unwrap_or(0), problem.column.unwrap_or(0), problem.path.to_string(), problem.message)
}

fn warning(text: &str) -> Problem {
    let mut document = read(text).unwrap();
    assert_eq!(document.warnings.len(), 1, "{text:?}: {:?}", document.warnings);
    document.warnings.remove(0)
}

#[test]
fn the_core_schema() {
    for (text, expected) in [
        ("null", json!(null)),
        ("~", json!(null)),
        ("", json!(null)),
        ("True", json!(true)),
        ("FALSE", json!(false)),
        ("12", json!(12)),
        ("-0", json!(0)),
        ("+7", json!(7)),
        ("0x1F", json!(31)),
        ("0o17", json!(15)),
        ("18446744073709551615", json!(u64::MAX)),
        ("-9223372036854775808", json!(i64::MIN)),
        ("1e-4", json!(0.0001)),
        ("1E+3", json!(1000.0)),
        (".5", json!(0.5)),
        ("-3.", json!(-3.0)),
        ("0.30000000000000004", json!(0.300_000_000_000_000_04)),
        ("5e-324", json!(5e-324)),
        ("text", json!("text")),
        ("1.2.3", json!("1.2.3")),
        (".", json!(".")),
        ("-", json!([null])),
        ("e5", json!("e5")),
        ("2026-01-31", json!("2026-01-31")),
        ("12:99", json!("12:99")),
        ("n", json!("n")),
        ("'yes'", json!("yes")),
        ("\"012\"", json!("012")),
        ("!!str 12", json!("12")),
        ("!!int 12", json!(12)),
        ("! 12", json!("12")),
        ("|\n  a\n  b\n", json!("a\nb\n")),
        (">-\n  a\n  b\n", json!("a b")),
    ] {
        assert_eq!(value(text), expected, "{text:?}");
    }
}

#[test]
fn collections_in_both_notations() {
    let expected = json!({"a": [1, {"b": null}], "c": {"d": "x"}});
    assert_eq!(value("a:\n- 1\n- b:\nc: {d: x} # note\n"), expected);
    assert_eq!(value("{\"a\": [1, {\"b\": null}],\n\t\"c\": {\"d\": \"x\"}}"), expected);
    assert_eq!(value("# only a comment\n"), json!(null));
    assert_eq!(value("---\na: 1\n...\n"), json!({"a": 1}));
}

#[test]
fn json_that_is_not_yaml_is_read_too() {
    assert_eq!(value("{\"a\": \"\\ud83d\\ude00\"}"), json!({"a": "😀"}));
    let key = "k".repeat(2000);
    assert_eq!(value(&format!("{{\"{key}\": 1}}")), json!({key: 1}));
}

#[test]
fn every_value_has_a_place() {
    let document = read("# top\nsteps:\n  trainer:\n    parameters: {lr: 0.1, 'x.y': 2}\ntags:\n  - a\n  - ü: 1\n").unwrap();
    let at = |path: &str| document.positions.find(&ValuePath::from(path)).map(|place| (place.line, place.column));
    assert_eq!(at("steps"), Some((2, 1)));
    assert_eq!(at("steps.trainer.parameters"), Some((4, 5)));
    assert_eq!(at("steps.trainer.parameters.lr"), Some((4, 18)));
    assert_eq!(at("steps.trainer.parameters.x\\.y"), Some((4, 27)));
    assert_eq!(at("tags.1.ü"), Some((7, 5)));
    assert_eq!(at("steps.trainer.nothing.here"), Some((3, 3)), "the nearest value around it");
    let problems =
        document.positions.locate(vec![Problem::error(ValuePath::from("parameters.lr"), "x")], &ValuePath::from("steps.trainer"));
    assert_eq!((problems[0].line, problems[0].column), (Some(4), Some(18)));
}

#[test]
fn what_older_readers_misread_is_told() {
    for (text, expected) in [
        ("yes", json!("yes")),
        ("Off", json!("Off")),
        ("012", json!(12)),
        ("1:30", json!("1:30")),
        ("1_000", json!("1_000")),
        ("0b101", json!("0b101")),
        ("190:20:30.15", json!("190:20:30.15")),
        ("0.12345678901234567890123", json!(0.123_456_789_012_345_68)),
    ] {
        let document = read(&format!("a: {text}")).unwrap();
        assert_eq!(document.value["a"], expected);
        let warning = warning(&format!("a: {text}"));
        assert_eq!((warning.line, warning.column, warning.path.to_string()), (Some(1), Some(4), "a".to_owned()));
        assert!(warning.fix.is_some() && !warning.is_error());
    }
    assert_eq!(warning("yes").message, "Read as the text \"yes\"; older YAML readers take it for true.");
    assert_eq!(warning("012").message, "Read as the number 12; older YAML readers take a leading zero for base 8.");
    assert_eq!(value("yes: 1"), json!({"yes": 1}), "keys are texts anyway");
}

#[test]
fn numbers_that_json_cannot_hold_are_refused() {
    for text in ["123456789012345678901234567890", ".inf", "-.INF", ".nan", "1e999", "0xFFFFFFFFFFFFFFFFF"] {
        let (line, column, path, _) = error(&format!("k:\n  a: {text}"));
        assert_eq!((line, column, path.as_str()), (2, 6, "k.a"), "{text}");
        assert!(read(&format!("a: {text}")).unwrap_err()[0].fix.as_deref().unwrap().contains('"'));
    }
}

#[test]
fn keys_are_unique_texts() {
    let (line, column, path, message) = error("a:\n  b: 1\n  c: 2\n  b: 3\n");
    assert_eq!((line, column, path.as_str()), (4, 3, "a.b"));
    assert!(message.contains("line 2"), "{message}");
    assert_eq!(error("{\"a\": 1, \"a\": 2}").0, 1);
    assert_eq!(value("1: a\ntrue: b"), json!({"1": "a", "true": "b"}));
    for text in ["? [a]\n: 1", "null: 1", ": 1", "? {a: 1}\n: 2"] {
        assert_eq!(error(text).3, "A key must be a text.", "{text}");
    }
}

#[test]
fn tags_are_refused() {
    for text in
        ["a: !secret x", "a: !!python/object:os.system {}", "a: !!binary aGk=", "a: !!timestamp 2026-01-01", "a: !!set {x}", "!x {}"]
    {
        assert!(error(text).3.starts_with("The tag `"), "{text}");
    }
    assert_eq!(error("a: !!int x").3, "The value does not fit its tag.");
}

#[test]
fn anchors_and_merges() {
    assert_eq!(value("a: &x {k: 1}\nb: *x\n"), json!({"a": {"k": 1}, "b": {"k": 1}}));
    assert_eq!(value("base: &b {k: 1, l: 2}\nown:\n  <<: *b\n  k: 3\n"), json!({"base": {"k": 1, "l": 2}, "own": {"k": 3, "l": 2}}));
    assert_eq!(value("x: &x {k: 1}\ny: &y {k: 2, l: 2}\nz: {<<: [*x, *y]}\n")["z"], json!({"k": 1, "l": 2}));
    assert_eq!(value("'<<': 1"), json!({"<<": 1}));
    assert!(error("<<: 3").3.contains("entries of a mapping"));
    assert!(error("a: *nothing").3.contains("not valid YAML"));
    assert!(error("a: &a [*a]").3.contains("itself"));
}

#[test]
fn expansion_is_bounded() {
    let few: String = (0..100).map(|_| "- *a\n").collect();
    assert!(read(&format!("- &a 1\n{few}")).is_ok());
    let many: String = (0..101).map(|_| "- *a\n").collect();
    assert!(error(&format!("- &a 1\n{many}")).3.contains("more than 100"));
    let mut bomb = "a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n".to_owned();
    for level in 1..10 {
        let items = vec![format!("*a{}", level - 1); 10].join(", ");
        bomb += &format!("a{level}: &a{level} [{items}]\n");
    }
    assert!(error(&bomb).3.contains("100000"));
    let text = "x".repeat(900_000);
    let references: String = (0..90).map(|_| "- *a\n").collect();
    assert!(error(&format!("- &a {text}\n{references}")).3.contains("100000"));
}

#[test]
fn size_and_depth_are_bounded() {
    assert!(error(&"#".repeat(MAX_BYTES + 1)).3.contains("bytes"));
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(read(&nested(MAX_DEPTH)).is_ok());
    assert!(error(&nested(MAX_DEPTH + 2)).3.contains("deep"));
    assert!(read(&nested(100_000)).is_err());
    assert!(read(&"- ".repeat(10_000)).is_err());
}

#[test]
fn broken_texts_say_where_and_why() {
    let (line, _, _, message) = error("a: 1\nb: [1, 2\nc: 3\n");
    assert!(line >= 2, "{line}");
    assert!(message.starts_with("This is not valid YAML: "), "{message}");
    assert_eq!(read("a:\n\tb: 1\n").unwrap_err()[0].fix.as_deref(), Some("Indent with spaces, not with tabs."));
    assert!(error("a: 1\n---\nb: 2\n").3.contains("second document"));
    assert_eq!(error("a: 1\n---\nb: 2\n").0, 2);
    assert!(read("a: 'x").is_err() && read("a: b: c").is_err() && read("\"\\q\"").is_err());
}

#[test]
fn several_problems_are_found_at_once() {
    let problems = read("a: 1\na: 2\nb: !x 3\nc: .inf\nd: yes\n").unwrap_err();
    assert_eq!(problems.iter().map(|problem| problem.line.unwrap()).collect::<Vec<_>>(), [2, 3, 4, 5]);
}
