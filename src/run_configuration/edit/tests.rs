use serde_json::json;

use super::*;

const TEXT: &str = "\
# Sweep of the small model
run_name: \"sweep-{date}\"   # keep the date

steps:
  # loads the data
  data_loader:
    parameters:
      data_path: 'data/train.csv'  # relative
      rows: 0x10
  model_trainer:
    parameters:
      learning_rate: 1.0e-3
      layers: [8, 4] # wide
      optimizer: {name: adam, momentum: 0.9}
      prompt: |
        first
        second

      classes:
      - cat
      - dog   # and wolf
      nothing:
    enable_cache: no_value   # odd

tags: [a, b]
";

fn path(text: &str) -> ValuePath {
    ValuePath::from(text)
}

fn set_ok(text: &str, at: &str, value: Value) -> String {
    set(text, &path(at), &value).unwrap_or_else(|problem| panic!("{at}: {problem}"))
}

/// The edit as "-removed" and "+added" lines.
fn changed_lines(old: &str, new: &str) -> Vec<String> {
    let diff = similar::TextDiff::from_lines(old, new);
    let changes = diff.iter_all_changes().filter(|change| change.tag() != similar::ChangeTag::Equal);
    changes.map(|change| format!("{}{}", change.tag(), change.value().trim_end())).collect()
}

#[track_caller]
fn check(at: &str, value: Value, expected: &[&str]) {
    assert_eq!(changed_lines(TEXT, &set_ok(TEXT, at, value)), expected);
}

#[test]
fn a_scalar_changes_only_its_own_bytes() {
    check("steps.model_trainer.parameters.learning_rate", json!(1e-4), &["-      learning_rate: 1.0e-3", "+      learning_rate: 0.0001"]);
    check("run_name", json!("x"), &["-run_name: \"sweep-{date}\"   # keep the date", "+run_name: x   # keep the date"]);
    check(
        "steps.data_loader.parameters.data_path",
        json!("yes"),
        &["-      data_path: 'data/train.csv'  # relative", "+      data_path: \"yes\"  # relative"],
    );
    check(
        "steps.model_trainer.parameters.optimizer.name",
        json!("a, b"),
        &["-      optimizer: {name: adam, momentum: 0.9}", "+      optimizer: {name: \"a, b\", momentum: 0.9}"],
    );
    check("steps.model_trainer.parameters.nothing", json!(5), &["-      nothing:", "+      nothing: 5"]);
    check("tags.1", json!("c"), &["-tags: [a, b]", "+tags: [a, c]"]);
}

#[test]
fn setting_what_is_there_keeps_its_notation() {
    for (at, value) in [
        ("steps.data_loader.parameters.rows", json!(16)),
        (
            "steps.model_trainer.parameters",
            json!({"learning_rate": 0.001, "layers": [8, 4], "optimizer": {"name": "adam", "momentum": 0.9},
            "prompt": "first\nsecond\n", "classes": ["cat", "dog"], "nothing": null}),
        ),
        ("tags", json!(["a", "b"])),
    ] {
        assert_eq!(set_ok(TEXT, at, value), TEXT);
    }
}

#[test]
fn lists_keep_their_notation() {
    check("steps.model_trainer.parameters.layers", json!([16]), &["-      layers: [8, 4] # wide", "+      layers: [16] # wide"]);
    check(
        "steps.model_trainer.parameters.classes",
        json!(["cat", "fox", 1]),
        &["-      - dog   # and wolf", "+      - fox   # and wolf", "+      - 1"],
    );
    check("steps.model_trainer.parameters.classes.1", json!("wolf"), &["-      - dog   # and wolf", "+      - wolf   # and wolf"]);
    check(
        "steps.model_trainer.parameters.classes",
        json!([]),
        &["-      classes:", "-      - cat", "-      - dog   # and wolf", "+      classes: []"],
    );
}

#[test]
fn kinds_of_values_can_change() {
    check(
        "steps.model_trainer.parameters.layers",
        json!({"a": 1, "b": {"c": []}}),
        &["-      layers: [8, 4] # wide", "+      layers: # wide", "+        a: 1", "+        b:", "+          c: []"],
    );
    check(
        "steps.data_loader",
        json!(null),
        &[
            "-  data_loader:",
            "-    parameters:",
            "-      data_path: 'data/train.csv'  # relative",
            "-      rows: 0x10",
            "+  data_loader: null",
        ],
    );
    check(
        "steps.model_trainer.parameters.prompt",
        json!("short"),
        &["-      prompt: |", "-        first", "-        second", "+      prompt: short"],
    );
    check(
        "steps.model_trainer.parameters.prompt",
        json!("first\nthird"),
        &["-      prompt: |", "+      prompt: |-", "-        second", "+        third"],
    );
    check(
        "steps.model_trainer.parameters.learning_rate",
        json!("a\nb\n"),
        &["-      learning_rate: 1.0e-3", "+      learning_rate: |", "+        a", "+        b"],
    );
}

#[test]
fn new_entries_go_behind_the_others() {
    check("steps.data_loader.parameters.seed", json!(7), &["+      seed: 7"]);
    check("steps.evaluator.parameters.k", json!([1, 2]), &["+  evaluator:", "+    parameters:", "+      k: [1, 2]"]);
    check("enable_cache", json!(false), &["+enable_cache: false"]);
    check(
        "steps.model_trainer.parameters.optimizer.eps",
        json!(1e-8),
        &["-      optimizer: {name: adam, momentum: 0.9}", "+      optimizer: {name: adam, momentum: 0.9, eps: 1.0e-8}"],
    );
    check("steps.model_trainer.parameters.nothing.deep", json!(1), &["+        deep: 1"]);
}

#[test]
fn a_text_can_be_empty_or_only_comments() {
    assert_eq!(set_ok("", "steps.a.parameters.x", json!(1)), "steps:\n  a:\n    parameters:\n      x: 1\n");
    assert_eq!(set_ok("# note", "a", json!(1)), "# note\na: 1\n");
    assert_eq!(set_ok("---\n", "a", json!(1)), "---\na: 1\n");
    assert_eq!(set_ok("{}", "a", json!(1)), "a: 1");
    assert_eq!(set_ok("steps: {}\n", "steps.a", json!({"x": 1})), "steps:\n  a:\n    x: 1\n");
    assert_eq!(set_ok("{\"a\": 1}\n", "b.c", json!("x y")), "{\"a\": 1, b: {c: x y}}\n");
    assert_eq!(set_ok("a: 1\r\nb: 2\r\n", "c.d", json!(3)), "a: 1\r\nb: 2\r\nc:\r\n  d: 3\r\n");
    assert_eq!(set_ok("a: 1", "b", json!(2)), "a: 1\nb: 2");
    assert_eq!(set_ok("{a, b: }", "a", json!(2)), "{a: 2, b: }");
    assert_eq!(set_ok("{a, b: }", "b", json!(2)), "{a, b: 2 }");
}

#[test]
fn entries_are_removed_with_what_becomes_empty() {
    let gone = |at: &str| changed_lines(TEXT, &remove(TEXT, &path(at)).unwrap());
    assert_eq!(gone("steps.data_loader.parameters.rows"), ["-      rows: 0x10"]);
    assert_eq!(gone("steps.model_trainer.parameters.classes"), ["-      classes:", "-      - cat", "-      - dog   # and wolf"]);
    assert_eq!(gone("steps.model_trainer.parameters.prompt"), ["-      prompt: |", "-        first", "-        second"]);
    assert_eq!(
        gone("steps.model_trainer.parameters.optimizer.name"),
        ["-      optimizer: {name: adam, momentum: 0.9}", "+      optimizer: {momentum: 0.9}"]
    );
    assert_eq!(gone("tags.0"), ["-tags: [a, b]", "+tags: [b]"]);
    assert_eq!(gone("nothing.here"), [""; 0]);
    let text = "a:\n  b: # x\n    c: 1 # y\n# end\nd: 2\n";
    assert_eq!(remove(text, &path("a.b.c")).unwrap(), "# end\nd: 2\n");
    assert_eq!(remove("# top\na: {b: 1}\n", &path("a.b")).unwrap(), "# top\n");
    assert_eq!(remove("l:\n  - a: 1\n    b: 2\n", &path("l.0.a")).unwrap(), "l:\n  - b: 2\n");
}

#[test]
fn references_are_written_out_where_they_are_edited() {
    let text = "base: &b {k: 1, l: 2}\nown: *b\nmerged:\n  <<: *b\n  m: 3\n";
    assert_eq!(set_ok(text, "own.k", json!(5)), "base: &b {k: 1, l: 2}\nown:\n  k: 5\n  l: 2\nmerged:\n  <<: *b\n  m: 3\n");
    assert_eq!(set_ok(text, "merged.k", json!(5)), "base: &b {k: 1, l: 2}\nown: *b\nmerged:\n  <<: *b\n  m: 3\n  k: 5\n");
    assert!(set(text, &path("base.k"), &json!(5)).is_err(), "it would change the two others");
    assert!(remove(text, &path("merged.k")).is_err(), "it is not written there");
}

#[test]
fn a_broken_text_is_not_edited() {
    let problem = set("a: [1\nb: 2\n", &path("b"), &json!(1)).unwrap_err();
    assert!(problem.line.is_some() && problem.message.contains("not valid YAML"));
}

/// A small generator of reproducible choices.
struct Choices(u64);

impl Choices {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }

    fn value(&mut self, depth: usize) -> Value {
        let scalars =
            [json!(1), json!(-0.5), json!(true), json!(null), json!("x y"), json!("yes"), json!("a: b # c"), json!("l1\nl2\n"), json!("")];
        match self.below(if depth == 0 { 9 } else { 13 }) {
            9 | 10 => Value::Array((0..self.below(4)).map(|_| self.value(depth - 1)).collect()),
            11 | 12 => Value::Object((0..self.below(4)).map(|_| (self.key(), self.value(depth - 1))).collect()),
            scalar => scalars[scalar].clone(),
        }
    }

    fn key(&mut self) -> String {
        ["a", "b", "c d", "e.f", "on", "1", "ü"][self.below(7)].to_owned()
    }
}

/// Writes a mapping with comments, blank lines, both notations and different indents.
fn write(map: &Map<String, Value>, indent: usize, choices: &mut Choices) -> String {
    let mut text = String::new();
    for (key, value) in map {
        let pad = " ".repeat(indent);
        match choices.below(6) {
            0 => text += &format!("{pad}# about {key}\n"),
            1 => text += "\n",
            _ => {}
        }
        let comment = ["", " # note", "   # a: b"][choices.below(3)];
        let key = crate::run_configuration::emit::quoted_if_needed(key);
        match value {
            Value::Object(inner) if !inner.is_empty() && choices.below(3) > 0 => {
                let step = [2, 4, 3][choices.below(3)];
                text += &format!("{pad}{key}:{comment}\n{}", write(inner, indent + step, choices));
            }
            Value::Array(items) if !items.is_empty() && choices.below(2) == 0 => {
                let dash = indent + [0, 2][choices.below(2)];
                text += &format!("{pad}{key}:{comment}\n");
                for item in items {
                    text += &format!("{}- {}{comment}\n", " ".repeat(dash), crate::run_configuration::emit::inline(item));
                }
            }
            value => text += &format!("{pad}{key}: {}{comment}\n", crate::run_configuration::emit::inline(value)),
        }
    }
    text
}

fn paths(value: &Value, at: &ValuePath, found: &mut Vec<ValuePath>) {
    if let Value::Object(map) = value {
        for (key, value) in map {
            found.push(at.child(key));
            paths(value, &at.child(key), found);
        }
    }
}

/// Whether all lines outside the entry `own` are there after an edit, in order. A comment behind an entry counts as its own.
fn keeps_other_lines(text: &str, edited: &str, own: &ValuePath) -> bool {
    let document = document::read(text).unwrap();
    let line = |path: &ValuePath| document.positions.find(path).map_or(0, |place| place.line);
    let first = line(own);
    let mut others = Vec::new();
    paths(&document.value, &ValuePath::root(), &mut others);
    let next = others.iter().filter(|path| !path.starts_with(own)).map(line).filter(|line| *line > first).min().unwrap_or(usize::MAX);
    let exists = value_at(&document.value, own).is_some() && !own.is_root();
    let mut lines = edited.lines();
    let kept = text.lines().enumerate().filter(|(position, _)| !exists || position + 1 < first || position + 1 >= next);
    kept.into_iter().all(|(_, other)| lines.any(|line| line == other))
}

/// The entry whose lines an edit at `at` may change: itself, or the nearest one around it that is not a mapping with entries on their own lines.
fn own_entry(value: &Value, text: &str, at: &ValuePath) -> ValuePath {
    let mut own = at.clone();
    while value_at(value, &own).is_none() {
        own = own.parent().unwrap();
    }
    let is_block = value_at(value, &own).is_some_and(|found| found.as_object().is_some_and(|map| !map.is_empty()));
    let document = document::read(text).unwrap();
    let line = |path: &ValuePath| document.positions.find(path).map_or(0, |place| place.line);
    let first_key = value_at(value, &own).and_then(Value::as_object).and_then(|map| map.keys().next());
    match first_key.filter(|_| own != *at && is_block) {
        Some(key) if line(&own.child(key)) > line(&own) || own.is_root() => at.clone(),
        _ => own,
    }
}

#[test]
fn any_edit_of_any_document_reads_as_it_should() {
    let mut choices = Choices(7);
    let mut edits = 0;
    for _ in 0..1500 {
        let map: Map<String, Value> = (0..1 + choices.below(5)).map(|_| (choices.key(), choices.value(3))).collect();
        let text = write(&map, 0, &mut choices);
        let value = document::read(&text).unwrap_or_else(|problems| panic!("{text}\n{problems:?}")).value;
        assert_eq!(value, Value::Object(map.clone()), "{text}");
        let mut candidates = Vec::new();
        paths(&value, &ValuePath::root(), &mut candidates);
        let mut at = candidates[choices.below(candidates.len())].clone();
        if choices.below(4) == 0 {
            at = at.child(choices.key());
        }
        let new = choices.value(2);
        let edited = set(&text, &at, &new).unwrap_or_else(|problem| panic!("{text}\nset {at} to {new}: {problem}"));
        let mut expected = value.clone();
        put(&mut expected, at.segments(), new.clone());
        assert_eq!(document::read(&edited).unwrap().value, expected, "{text}\nset {at} to {new}:\n{edited}");
        let own = own_entry(&value, &text, &at);
        assert!(keeps_other_lines(&text, &edited, &own), "{text}\nset {at} to {new}:\n{edited}");
        let removed = remove(&text, &at).unwrap_or_else(|problem| panic!("{text}\nremove {at}: {problem}"));
        let is_item = at.parent().is_some_and(|parent| value_at(&value, &parent).is_some_and(Value::is_array));
        let is_gone = value_at(&document::read(&removed).unwrap().value, &at).is_none();
        assert!(is_gone || is_item, "{text}\nremove {at}:\n{removed}");
        let top = ValuePath::of([&at.segments()[0]]);
        assert!(keeps_other_lines(&text, &removed, &top), "{text}\nremove {at}:\n{removed}");
        edits += 1;
    }
    assert_eq!(edits, 1500);
}

/// Texts are typed by people and arrive half finished: each is read and edited or refused, and none brings the page down.
#[test]
fn no_text_brings_it_down() {
    let pieces = [
        "\n",
        "  ",
        "- ",
        ": ",
        "? ",
        "&a ",
        "*a",
        "!!str ",
        "! ",
        "|",
        ">-",
        "#",
        " # x",
        "'",
        "\"",
        "{",
        "}",
        "[",
        "]",
        ",",
        "é",
        "\t",
        "\r\n",
        "---\n",
        "...\n",
        "<<: ",
        "%YAML 1.2\n",
        "\u{feff}",
        "a",
        "0",
    ];
    let mut choices = Choices(11);
    for _ in 0..1500 {
        let mut text = TEXT[..TEXT.len() - choices.below(TEXT.len())].to_owned();
        for _ in 0..1 + choices.below(4) {
            let letters: Vec<char> = text.chars().collect();
            let (left, right) = letters.split_at(choices.below(letters.len() + 1));
            let (gone, inserted) = [(1 + choices.below(4), ""), (0, pieces[choices.below(pieces.len())])][choices.below(2)];
            text = left.iter().collect::<String>() + inserted + &right.iter().skip(gone).collect::<String>();
        }
        let _ = crate::run_configuration::review::review(&crate::run_configuration::example::training_snapshot(), &text);
        let Ok(document) = document::read(&text) else { continue };
        let mut candidates = vec![path("steps.new.x"), path("tags.0"), ValuePath::root()];
        paths(&document.value, &ValuePath::root(), &mut candidates);
        let at = &candidates[choices.below(candidates.len())];
        let value = choices.value(2);
        if let Ok(edited) = set(&text, at, &value) {
            assert_eq!(value_at(&document::read(&edited).unwrap().value, at), Some(&value), "{text}\nset {at}:\n{edited}");
        }
        if let Ok(edited) = remove(&text, at) {
            assert!(document::read(&edited).is_ok(), "{text}\nremove {at}:\n{edited}");
        }
    }
}
