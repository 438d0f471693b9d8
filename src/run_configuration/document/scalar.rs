//! What a scalar without quotes means in YAML 1.2 (core schema), and where older readers see something else.

use serde_json::{Number, Value};

use crate::run_configuration::decimal;

/// A scalar's value, and what there is to say about it.
pub struct Resolved {
    /// The value; for an error, the text.
    pub value: Value,
    /// Something to tell.
    pub note: Option<Note>,
}

/// A message and the way out.
pub enum Note {
    /// Read without doubt, but differently by others.
    Warning(String, String),
    /// Has no value in JSON.
    Error(String, String),
}

/// Reads a scalar without quotes.
pub fn resolve(text: &str) -> Resolved {
    let plain = |value: Value| Resolved { value, note: None };
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return plain(Value::Null),
        "true" | "True" | "TRUE" => return plain(Value::Bool(true)),
        "false" | "False" | "FALSE" => return plain(Value::Bool(false)),
        _ => {}
    }
    if let Some(resolved) = integer(text).or_else(|| float(text)) {
        return resolved;
    }
    let note = old_meaning(text).map(|(meaning, instead)| {
        let message = format!("Read as the text {text:?}; older YAML readers take it for {meaning}.");
        Note::Warning(message, format!("Write {instead}, or {text:?} with the quotes."))
    });
    Resolved { value: Value::String(text.to_owned()), note }
}

/// Whether a text, written without quotes, is read as this text by every reader.
pub fn is_plain_text(text: &str) -> bool {
    matches!(resolve(text), Resolved { value: Value::String(_), note: None })
}

fn unsigned(text: &str) -> &str {
    text.strip_prefix(['+', '-']).unwrap_or(text)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn integer(text: &str) -> Option<Resolved> {
    let number = if let Some(digits) = text.strip_prefix("0x") {
        (is_in_base(digits, 16)).then(|| u64::from_str_radix(digits, 16).ok().map(Number::from))?
    } else if let Some(digits) = text.strip_prefix("0o") {
        (is_in_base(digits, 8)).then(|| u64::from_str_radix(digits, 8).ok().map(Number::from))?
    } else if is_digits(unsigned(text)) {
        text.parse::<i64>().map(Number::from).or_else(|_| text.parse::<u64>().map(Number::from)).ok()
    } else {
        return None;
    };
    let Some(number) = number else {
        let message = "This integer needs more than 64 bits.".to_owned();
        let note = Note::Error(message, format!("Write it in quotes, \"{text}\": it is passed on as it is."));
        return Some(Resolved { value: Value::String(text.to_owned()), note: Some(note) });
    };
    let digits = unsigned(text);
    let note = (digits.len() > 1 && digits.starts_with('0') && is_digits(digits)).then(|| {
        let message = format!("Read as the number {number}; older YAML readers take a leading zero for base 8.");
        Note::Warning(message, format!("Write {number}, or \"{text}\" in quotes for a text."))
    });
    Some(Resolved { value: Value::Number(number), note })
}

fn is_in_base(digits: &str, base: u32) -> bool {
    !digits.is_empty() && digits.chars().all(|digit| digit.is_digit(base))
}

fn float(text: &str) -> Option<Resolved> {
    let text_value = || Value::String(text.to_owned());
    if matches!(unsigned(text), ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        let message = "Infinity and \"not a number\" cannot be passed on as numbers.".to_owned();
        let name = text.to_ascii_lowercase().replace('.', "");
        let note = Note::Error(message, format!("Write \"{name}\" in quotes: a parameter that is a number reads it."));
        return Some(Resolved { value: text_value(), note: Some(note) });
    }
    let (mantissa, exponent) = unsigned(text).split_once(['e', 'E']).map_or((unsigned(text), None), |(left, right)| (left, Some(right)));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let is_optional = |digits: &str| digits.is_empty() || is_digits(digits);
    let is_float = is_optional(whole) && is_optional(fraction) && mantissa.len() > usize::from(mantissa.contains('.'));
    if !is_float || exponent.is_some_and(|exponent| !is_digits(unsigned(exponent))) {
        return None;
    }
    let number = decimal::read(text).filter(|number| number.is_finite()).and_then(Number::from_f64);
    let Some(number) = number else {
        let note = Note::Error("This number is too large.".to_owned(), format!("Write \"{text}\" in quotes: it is passed on as it is."));
        return Some(Resolved { value: text_value(), note: Some(note) });
    };
    let is_exact = digits_and_power(text) == digits_and_power(&number.to_string());
    let note = (!is_exact).then(|| {
        let message = format!("Read as {number}, the nearest number with double precision.");
        Note::Warning(message, format!("Write \"{text}\" in quotes if every digit counts."))
    });
    Some(Resolved { value: Value::Number(number), note })
}

/// The significant digits of a decimal number and the power of ten of the first, for comparing notations.
fn digits_and_power(text: &str) -> (bool, String, i64) {
    let (mantissa, exponent) = unsigned(text).split_once(['e', 'E']).unwrap_or((unsigned(text), "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let significant = digits.trim_start_matches('0');
    let power = whole.len() as i64 - (digits.len() - significant.len()) as i64;
    let significant = significant.trim_end_matches('0').to_owned();
    let power = if significant.is_empty() { 0 } else { power.saturating_add(exponent.parse().unwrap_or(0)) };
    (text.starts_with('-') && !significant.is_empty(), significant, power)
}

/// What YAML 1.1 readers take a text for, and how to write that.
fn old_meaning(text: &str) -> Option<(&'static str, String)> {
    match text {
        "yes" | "Yes" | "YES" | "on" | "On" | "ON" => return Some(("true", "true".to_owned())),
        "no" | "No" | "NO" | "off" | "Off" | "OFF" => return Some(("false", "false".to_owned())),
        _ => {}
    }
    let number = unsigned(text);
    let compact = number.replace('_', "");
    if number.contains('_') && number.starts_with(|first: char| first.is_ascii_digit()) && decimal::read(&compact).is_some() {
        return Some(("a number", compact));
    }
    if number.strip_prefix("0b").is_some_and(|digits| is_in_base(digits, 2)) {
        return Some(("a number in base 2", "the number in base 10".to_owned()));
    }
    let mut parts = number.split(':');
    let is_first = parts.next().is_some_and(is_digits);
    let mut rest = parts.peekable();
    let is_sexagesimal = rest.peek().is_some()
        && rest.all(|part| {
            let digits = part.split('.').next().unwrap_or_default();
            is_digits(digits) && digits.len() <= 2 && digits < "60" && part.replace('.', "").bytes().all(|byte| byte.is_ascii_digit())
        });
    (is_first && is_sexagesimal).then(|| ("a number in base 60", "the number of seconds or minutes you mean".to_owned()))
}
