//! What a name may look like.

use crate::server::error::{AppError, Result};

/// Longest name, in characters (ZenML's `STR_FIELD_MAX_LENGTH`).
pub const MAX_LENGTH: usize = 255;

/// Longest text, in characters (ZenML's `TEXT_FIELD_MAX_LENGTH`).
pub const MAX_TEXT_LENGTH: usize = 65_535;

/// Refuses names that ZenML refuses: empty, or with a tab or a line break inside ("validate_name").
pub fn validate(name: &str, what: &str) -> Result<()> {
    if name.trim().is_empty() {
        return Err(AppError::Invalid(format!("The {what} name cannot be empty.")));
    }
    if let Some(found) = name.chars().find(|c| matches!(c, '\t' | '\n' | '\r' | '\u{b}' | '\u{c}')) {
        return Err(AppError::Invalid(format!(
            "The {what} name `{}` contains {found:?}: it must be one line without tabs.",
            name.escape_debug()
        )));
    }
    length(name, MAX_LENGTH, "name")
}

/// Refuses text over its limit: 422, with the name of the field.
pub fn length(text: &str, most: usize, field: &str) -> Result<()> {
    let length = text.chars().count();
    if length > most {
        return Err(AppError::Malformed(format!("1 validation error:\n  `{field}` has {length} characters; at most {most} are allowed.")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_one_non_empty_line() {
        assert!(validate("daily training", "snapshot").is_ok());
        for bad in ["", "  ", "a\nb", "a\tb"] {
            assert!(matches!(validate(bad, "snapshot"), Err(AppError::Invalid(_))), "{bad:?}");
        }
        assert!(matches!(validate(&"x".repeat(256), "snapshot"), Err(AppError::Malformed(_))));
    }
}
