//! Names of runs, made from a template with placeholders in braces.

use serde_json::{Map, Value};

/// The most characters a run name may have.
pub const MAX_LENGTH: usize = 255;

/// Replaces the placeholders of `template` as Python's `str.format` does with text values.
///
/// `substitutions` are those of the pipeline; `date` and `time` stand in where they have no entry of that name. `{{` and `}}` are braces.
/// A placeholder may carry `!s` and a width (`{time:.8}`, `{name:>10}`), nothing else.
///
/// # Errors
/// A sentence that names the placeholder that is unknown or not closed, or says that the name is empty or too long.
pub fn format(template: &str, substitutions: &Map<String, Value>, date: &str, time: &str) -> Result<String, String> {
    let mut name = String::new();
    let mut rest = template;
    while let Some(position) = rest.find(['{', '}']) {
        name.push_str(&rest[..position]);
        let brace = &rest[position..=position];
        rest = &rest[position + 1..];
        if let Some(after) = rest.strip_prefix(brace) {
            name.push_str(brace);
            rest = after;
        } else if brace == "}" {
            return Err(format!("The name `{template}` has a `}}` without `{{`. Write `}}}}` for a brace."));
        } else {
            let end = rest.find('}').ok_or_else(|| format!("The name `{template}` has a `{{` without `}}`. Write `{{{{` for a brace."))?;
            name.push_str(&placeholder(&rest[..end], substitutions, date, time)?);
            rest = &rest[end + 1..];
        }
    }
    name.push_str(rest);
    match name.chars().count() {
        0 => Err("The name is empty.".to_owned()),
        1..=MAX_LENGTH => Ok(name),
        length => Err(format!("The name has {length} characters; at most {MAX_LENGTH} are possible.")),
    }
}

fn placeholder(field: &str, substitutions: &Map<String, Value>, date: &str, time: &str) -> Result<String, String> {
    let (name, specification) = field.split_once(':').unwrap_or((field, ""));
    let name = name.strip_suffix("!s").unwrap_or(name);
    let value = match (substitutions.get(name), name) {
        (Some(Value::String(value)), _) => value.clone(),
        (Some(value), _) => value.to_string(),
        (None, "date") => date.to_owned(),
        (None, "time") => time.to_owned(),
        (None, _) => return Err(unknown(name, substitutions)),
    };
    align(&value, specification).ok_or_else(|| format!("The placeholder `{{{field}}}` has a format that is not known."))
}

fn unknown(name: &str, substitutions: &Map<String, Value>) -> String {
    let own = substitutions.keys().map(String::as_str).filter(|key| !matches!(*key, "date" | "time"));
    let known: Vec<String> = ["date", "time"].into_iter().chain(own).map(|key| format!("`{{{key}}}`")).collect();
    format!("The placeholder `{{{name}}}` is not known. Known are {}.", known.join(", "))
}

/// Python's format specification for text: `[[fill]align][width][.precision][s]`.
fn align(value: &str, specification: &str) -> Option<String> {
    let specification: Vec<char> = specification.strip_suffix('s').unwrap_or(specification).chars().collect();
    let is_alignment = |position: usize| specification.get(position).is_some_and(|character| "<>^".contains(*character));
    let (fill, alignment, rest) = if is_alignment(1) {
        (specification[0], specification[1], &specification[2..])
    } else if is_alignment(0) {
        (' ', specification[0], &specification[1..])
    } else {
        (' ', '<', &specification[..])
    };
    let rest: String = rest.iter().collect();
    let (width, precision) = rest.split_once('.').map_or((rest.as_str(), None), |(width, precision)| (width, Some(precision)));
    let limit = precision.map_or(Some(usize::MAX), |precision| precision.parse().ok())?;
    let text: String = value.chars().take(limit).collect();
    let width: usize = if width.is_empty() { 0 } else { width.parse().ok()? };
    let missing = width.min(MAX_LENGTH).saturating_sub(text.chars().count());
    let left = match alignment {
        '<' => 0,
        '>' => missing,
        _ => missing / 2,
    };
    let pad = |count: usize| fill.to_string().repeat(count);
    Some(format!("{}{text}{}", pad(left), pad(missing - left)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn name(template: &str) -> Result<String, String> {
        let substitutions = json!({"team": "vision", "n": 3}).as_object().cloned().unwrap();
        format(template, &substitutions, "2026_11_23", "05_10_50_520149")
    }

    #[test]
    fn placeholders_are_replaced() {
        assert_eq!(name("p1-{date}-{time}").unwrap(), "p1-2026_11_23-05_10_50_520149");
        assert_eq!(name("{team}{n}").unwrap(), "vision3");
        assert_eq!(name("{{{team}}}").unwrap(), "{vision}");
        assert_eq!(name("{team:*^10}|{time:.8}|{team!s:>8}").unwrap(), "**vision**|05_10_50|  vision");
    }

    #[test]
    fn own_substitutions_win() {
        let substitutions = json!({"date": "today"}).as_object().cloned().unwrap();
        assert_eq!(format("{date}", &substitutions, "x", "y").unwrap(), "today");
    }

    #[test]
    fn errors_name_the_placeholder() {
        assert_eq!(name("{tme}").unwrap_err(), "The placeholder `{tme}` is not known. Known are `{date}`, `{time}`, `{team}`, `{n}`.");
        assert!(name("a{b").unwrap_err().contains("without `}`"));
        assert!(name("a}b").unwrap_err().contains("without `{`"));
        assert!(name("{team:x9}").unwrap_err().contains("{team:x9}"));
        assert!(name("{}").is_err() && name("{0}").is_err() && name("{team.x}").is_err());
        assert_eq!(name("").unwrap_err(), "The name is empty.");
        assert!(name(&"x".repeat(256)).unwrap_err().contains("256"));
    }
}
