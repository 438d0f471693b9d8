//! What a sent form says: its text, what was typed in its fields, the file with it.

use axum::extract::{
    Multipart,
    multipart::{Field as Part, MultipartError},
};

use super::{
    again::Again,
    draft::{Draft, applied, configuration_in},
    options,
};
use crate::{
    run_configuration::{
        document,
        form::{Entry, Field, posted_action, posted_entries},
        layers::Layer,
        problem::Problem,
        sweep,
        value_path::ValuePath,
    },
    server::error::{AppError, Result},
};

/// Largest uploaded file in bytes; twice what can be read, so that a text that is too long is told so by its reader.
const MAX_FILE: usize = 2 * document::MAX_BYTES;

/// What a posted form says.
#[derive(Default)]
pub struct Posted {
    pub pairs: Vec<(String, String)>,
    /// Name of the chosen file, and its text or why it cannot be used.
    pub file: Option<(String, std::result::Result<String, String>)>,
}

impl Posted {
    /// Reads a form with a limit on each file.
    pub async fn read(mut multipart: Multipart) -> Result<Self> {
        let malformed = |error: MultipartError| AppError::Malformed(error.body_text());
        let mut posted = Self::default();
        while let Some(field) = multipart.next_field().await.map_err(malformed)? {
            let name = field.name().unwrap_or_default().to_owned();
            let file = field.file_name().map(str::to_owned);
            if let Some(file) = file {
                let text = file_text(field).await.map_err(malformed)?;
                // Where no file was chosen, browsers send one without a name.
                posted.file = Some((file, text)).filter(|(file, _)| !file.is_empty());
            } else {
                let bytes = field.bytes().await.map_err(malformed)?;
                posted.pairs.push((name, String::from_utf8_lossy(&bytes).into_owned()));
            }
        }
        Ok(posted)
    }

    /// The first value of a control; empty if there is none.
    pub fn value(&self, name: &str) -> &str {
        self.pairs.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str())
    }

    /// The button that was pressed, and what it is about where it says so: `preset:ID`.
    pub fn action(&self) -> (&str, &str) {
        self.value("action").split_once(':').unwrap_or((self.value("action"), ""))
    }

    /// A text of several lines, which browsers send with CRLF.
    pub fn text(&self, name: &str) -> String {
        self.value(name).replace("\r\n", "\n")
    }

    /// The layers that the form started from. They only tell where values came from: what is not understood is left out.
    fn layers(&self) -> Vec<Layer> {
        serde_json::from_str(self.value("layers")).unwrap_or_default()
    }

    /// The text with what was changed in the fields. Without scripts both may have been changed since the page was made: a
    /// field counts only where it differs from what it showed then. Where the text has another new value there, both are
    /// kept and the user is asked.
    pub fn draft(&self, fields: &[Field]) -> Draft {
        let several = sweep::posted(self.pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let proposal = self.value("proposal").parse().ok();
        let options = self.pairs.iter().filter(|(name, value)| name == options::NAME && !value.is_empty()).map(|(_, step)| step.clone());
        Draft { several, proposal, options: options.collect(), layers: self.layers(), again: Again::posted(self), ..self.one_draft(fields) }
    }

    fn one_draft(&self, fields: &[Field]) -> Draft {
        let shown = configuration_in(&self.text("shown")).unwrap_or_default();
        let mut entries = posted_entries(fields, self.pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        if let ("card", action) = self.action() {
            posted_action(fields, &mut entries, action);
        }
        let has_parts = |path: &ValuePath| fields.iter().any(|field| field.path == *path && field.kind.has_parts());
        let aside: Vec<_> = entries.iter().filter(|(path, _)| has_parts(path)).cloned().collect();
        entries.retain(|(path, entry)| {
            let field = fields.iter().find(|field| field.path == *path);
            field.is_none_or(|field| !field.is_unchanged(entry, path.get(&shown)))
        });
        let text = self.text("yaml");
        let Some(edited) = configuration_in(&text) else {
            return Draft { aside, ..applied(text, fields, entries) };
        };
        let conflict = |(path, entry): &(ValuePath, Entry)| {
            let field = fields.iter().find(|field| field.path == *path)?;
            let in_text = field.entry(path.get(&edited));
            let is_edited = in_text != field.entry(path.get(&shown));
            (is_edited && !field.is_unchanged(entry, path.get(&edited))).then(|| two_values(field, &in_text))
        };
        let (in_doubt, clear): (Vec<_>, Vec<_>) = entries.into_iter().partition(|entry| conflict(entry).is_some());
        let mut draft = Draft { aside, ..applied(text, fields, clear) };
        for entry in in_doubt {
            if let Some(problem) = conflict(&entry) {
                draft.refused.push((entry.0, entry.1, problem));
            }
        }
        draft
    }
}

/// That a value was typed in a field and another one in the text.
pub fn two_values(field: &Field, in_text: &Entry) -> Problem {
    let value = match in_text {
        entry if entry.is_null => "`null`".to_owned(),
        _ if field.kind.has_parts() => "something else".to_owned(),
        entry => format!("`{}`", entry.text),
    };
    let message = format!("This value was changed twice: here, and in the YAML to {value}.");
    Problem::error(field.path.clone(), message).with_fix("Send the form again to keep what stands here, or write the YAML's value here.")
}

/// The text of a sent file, or why it cannot be used. A file that is too large is read to its end all the same, so that
/// the rest of the form is not lost.
async fn file_text(mut part: Part<'_>) -> std::result::Result<std::result::Result<String, String>, MultipartError> {
    let (mut bytes, mut length) = (Vec::new(), 0);
    while let Some(chunk) = part.chunk().await? {
        length += chunk.len();
        if length <= MAX_FILE {
            bytes.extend_from_slice(&chunk);
        }
    }
    if length > MAX_FILE {
        return Ok(Err(format!("is larger than {} MiB", document::MAX_BYTES / 1024 / 1024)));
    }
    Ok(String::from_utf8(bytes).map(|text| text.replace("\r\n", "\n")).map_err(|_| "is not text in UTF-8".to_owned()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Posted;
    use crate::{
        run_configuration::{
            form,
            snapshot::{Snapshot, Step},
        },
        server::pages::launches::draft::Draft,
    };

    fn snapshot() -> Snapshot {
        let config = json!({"parameters": {"lr": 0.1, "epochs": 3}});
        let spec = json!({"parameter_spec": {"properties": {"lr": {"type": "number"}, "epochs": {"type": "integer"}}}});
        let step = Step { name: "train".to_owned(), spec, config: config.clone(), overrides: config };
        Snapshot { run_name_template: "{date}".to_owned(), steps: vec![step], ..Snapshot::default() }
    }

    fn draft(pairs: &[(&str, &str)]) -> Draft {
        let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Posted { pairs, file: None }.draft(&form::fields(&snapshot()))
    }

    const SHOWN: &str = "steps:\n  train:\n    parameters:\n      lr: 0.5\n";

    #[test]
    fn fields_that_were_not_touched_leave_an_edited_text_alone() {
        let edited = "steps:\n  train:\n    parameters:\n      lr: 0.7\n";
        let draft =
            draft(&[("shown", SHOWN), ("yaml", edited), ("p.steps.train.parameters.lr", "0.5"), ("p.steps.train.parameters.epochs", "3")]);
        assert_eq!((draft.text.as_str(), draft.refused.len()), (edited, 0));
    }

    #[test]
    fn a_changed_field_goes_into_the_text() {
        let draft = draft(&[("shown", SHOWN), ("yaml", SHOWN), ("p.steps.train.parameters.epochs", "9")]);
        assert!(draft.text.contains("lr: 0.5") && draft.text.contains("epochs: 9"), "{}", draft.text);
    }

    #[test]
    fn beside_a_text_that_cannot_be_read_every_changed_field_is_kept() {
        let draft = draft(&[("shown", SHOWN), ("yaml", "steps: ["), ("p.steps.train.parameters.epochs", "9")]);
        assert_eq!((draft.text.as_str(), draft.refused.len()), ("steps: [", 1));
        assert_eq!(draft.refused[0].1.text, "9");
    }

    #[test]
    fn a_value_changed_in_both_views_is_asked_for_and_nothing_is_lost() {
        let edited = "steps:\n  train:\n    parameters:\n      lr: 0.7\n";
        let pairs = [("shown", SHOWN), ("yaml", edited), ("p.steps.train.parameters.lr", "0.9"), ("p.steps.train.parameters.epochs", "9")];
        let asked = draft(&pairs);
        assert!(asked.text.contains("lr: 0.7") && asked.text.contains("epochs: 9"), "{}", asked.text);
        assert_eq!((asked.refused[0].1.text.as_str(), asked.refused.len()), ("0.9", 1));
        assert!(asked.refused[0].2.message.contains("`0.7`"), "{}", asked.refused[0].2);
        let again = draft(&[("shown", &asked.text), ("yaml", &asked.text), ("p.steps.train.parameters.lr", "0.9")]);
        assert!(again.text.contains("lr: 0.9") && again.refused.is_empty(), "{}", again.text);
    }

    #[test]
    fn the_same_change_in_both_views_is_one_change() {
        let edited = "steps:\n  train:\n    parameters:\n      lr: 0.7\n";
        let draft = draft(&[("shown", SHOWN), ("yaml", edited), ("p.steps.train.parameters.lr", "0.7")]);
        assert_eq!((draft.text.as_str(), draft.refused.len()), (edited, 0));
    }

    #[test]
    fn what_cannot_be_read_is_kept_beside_the_text() {
        let draft = draft(&[("shown", SHOWN), ("yaml", SHOWN), ("p.steps.train.parameters.epochs", "many")]);
        assert_eq!((draft.text.as_str(), draft.refused.len()), (SHOWN, 1));
        assert_eq!(draft.refused[0].1.text, "many");
    }
}
