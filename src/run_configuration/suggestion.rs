//! "Did you mean": the known name nearest to a mistyped one.

/// The candidate that `typed` was probably meant to be, if one is near enough.
///
/// Near enough is at most one changed, missing, added or swapped letter for every three letters typed, and at least one; names that differ
/// only in case, `-` and `_` are always near.
pub fn closest<'a>(typed: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = folded(typed);
    let allowed = (wanted.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (strsim::osa_distance(&wanted, &folded(candidate)), candidate))
        .filter(|(distance, candidate)| *distance <= allowed && *distance < candidate.chars().count())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// ``Did you mean `x`?``, or a list of what there is when nothing is near.
pub fn did_you_mean<'a>(typed: &str, candidates: impl IntoIterator<Item = &'a str> + Clone, what: &str) -> String {
    if let Some(candidate) = closest(typed, candidates.clone()) {
        return format!("Did you mean `{candidate}`?");
    }
    let mut names = candidates.into_iter();
    let shown: Vec<String> = names.by_ref().take(10).map(|name| format!("`{name}`")).collect();
    match (shown.is_empty(), names.count()) {
        (true, _) => format!("There are no {what}."),
        (false, 0) => format!("Known {what}: {}.", shown.join(", ")),
        (false, more) => format!("Known {what}: {} and {more} more.", shown.join(", ")),
    }
}

fn folded(name: &str) -> String {
    name.to_ascii_lowercase().replace(['-', '_', ' '], "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_near_names_only() {
        let names = ["learning_rate", "model_type", "n"];
        assert_eq!(closest("learnig_rate", names), Some("learning_rate"));
        assert_eq!(closest("learningRate", names), Some("learning_rate"));
        assert_eq!(closest("Model-Type", names), Some("model_type"));
        assert_eq!(closest("bogus", names), None);
        assert_eq!(closest("m", names), None, "a one letter name is not near every other one");
    }

    #[test]
    fn lists_names_when_none_is_near() {
        assert_eq!(did_you_mean("zzz", ["a", "b"], "steps"), "Known steps: `a`, `b`.");
        assert_eq!(did_you_mean("zzz", [], "steps"), "There are no steps.");
    }
}
