//! What a snapshot recorded about its code, and whether a folder's files are that code.
//!
//! The client uploads no code for local stacks, but it records where each step and the pipeline came from (module and
//! attribute), the text of the pipeline function, and a SHA-256 of each step's text (`caching_parameters.step_source`).
//! A folder is taken for a snapshot's code only if its files contain all of that. Pure: files come from the caller.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use sha2::{Digest as _, Sha256};

/// Lines above a `def` that may belong to its decorators.
const MAX_DECORATOR_LINES: usize = 80;
/// Lines a single step may have.
const MAX_STEP_LINES: usize = 5000;

/// What a snapshot recorded about the code it needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecordedSources {
    /// Everything that lives in the user's own files.
    objects: Vec<RecordedObject>,
    /// Steps defined in a notebook: their code is in no importable file.
    notebook_steps: Vec<String>,
}

/// A function or class of the user's files, and how to recognise it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct RecordedObject {
    /// For messages: "step `trainer`" or "the pipeline".
    label: String,
    module: String,
    attribute: String,
    proof: Proof,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Proof {
    /// The file contains this text.
    Text(String),
    /// The object's text, as the client hashes it, has this SHA-256 (hexadecimal).
    Hash(String),
    /// Only the file's presence can be checked.
    Presence,
}

/// Why files are not a snapshot's code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mismatch {
    /// No file for this module.
    NoModule(String),
    /// The file is there but says something else than the snapshot recorded.
    Differs { file: PathBuf, label: String },
}

#[derive(Deserialize)]
struct Source {
    module: String,
    #[serde(default)]
    attribute: Option<String>,
    #[serde(default)]
    r#type: Option<String>,
}

#[derive(Deserialize)]
struct PipelineSpec {
    #[serde(default)]
    source: Option<Source>,
}

#[derive(Deserialize)]
struct StepDocument {
    spec: StepSpec,
    #[serde(default)]
    config: StepConfig,
}

#[derive(Deserialize)]
struct StepSpec {
    source: Source,
}

#[derive(Default, Deserialize)]
struct StepConfig {
    #[serde(default)]
    caching_parameters: CachingParameters,
    /// Command steps hash their command along with their code.
    #[serde(default)]
    command: Option<serde::de::IgnoredAny>,
}

#[derive(Default, Deserialize)]
struct CachingParameters {
    #[serde(default)]
    step_source: Option<String>,
}

impl RecordedSources {
    /// Reads what was recorded from the snapshot's documents: the pipeline spec, the step configurations by invocation
    /// id, and the text of the pipeline function. Documents without sources are skipped.
    pub fn read<'a>(pipeline_spec: Option<&str>, steps: impl IntoIterator<Item = (&'a str, &'a str)>, source_code: Option<&str>) -> Self {
        let mut recorded = Self::default();
        let pipeline = pipeline_spec.and_then(|text| serde_json::from_str::<PipelineSpec>(text).ok()).and_then(|spec| spec.source);
        if let Some(source) = pipeline {
            let proof = match source_code.map(normalised).filter(|text| !text.trim().is_empty()) {
                Some(text) => Proof::Text(text),
                None => Proof::Presence,
            };
            recorded.add("the pipeline".to_owned(), source, proof);
        }
        for (name, document) in steps {
            let Ok(step) = serde_json::from_str::<StepDocument>(document) else { continue };
            let proof = match (step.config.command, step.config.caching_parameters.step_source) {
                (None, Some(hash)) => Proof::Hash(hash),
                _ => Proof::Presence,
            };
            recorded.add(format!("step `{name}`"), step.spec.source, proof);
        }
        recorded
    }

    fn add(&mut self, label: String, source: Source, proof: Proof) {
        match source.r#type.as_deref() {
            Some("user" | "code_repository") => {
                let attribute = source.attribute.unwrap_or_default();
                self.objects.push(RecordedObject { label, module: source.module, attribute, proof });
            }
            Some("notebook") => self.notebook_steps.push(label),
            // The rest is installed with packages: zenml itself, distributions, the standard library.
            _ => {}
        }
    }

    /// Whether anything of the snapshot lives in the user's own files.
    pub fn needs_code(&self) -> bool {
        !self.objects.is_empty() || !self.notebook_steps.is_empty()
    }

    /// What is defined in a notebook and can therefore not be captured.
    pub fn in_notebook(&self) -> Option<&str> {
        self.notebook_steps.first().map(String::as_str)
    }

    /// The module named first, for messages.
    pub fn first_module(&self) -> Option<&str> {
        self.objects.first().map(|object| object.module.as_str())
    }

    /// The files that may hold the recorded objects, relative to the source root.
    pub fn candidate_files(&self) -> impl Iterator<Item = PathBuf> + '_ {
        self.objects.iter().flat_map(|object| module_files(&object.module))
    }

    /// Checks files against what was recorded. `read` gives the text of a file relative to the root, or none.
    pub fn check(&self, mut read: impl FnMut(&Path) -> Option<String>) -> Result<(), Mismatch> {
        for object in &self.objects {
            let found = module_files(&object.module).into_iter().find_map(|file| read(&file).map(|text| (file, text)));
            let (file, text) = found.ok_or_else(|| Mismatch::NoModule(object.module.clone()))?;
            let text = normalised(&text);
            let same = match &object.proof {
                Proof::Text(expected) => text.contains(expected.as_str()),
                Proof::Hash(expected) => holds_object_with_hash(&text, &object.attribute, expected),
                Proof::Presence => true,
            };
            if !same {
                return Err(Mismatch::Differs { file, label: object.label.clone() });
            }
        }
        Ok(())
    }
}

/// The files a module name can stand for: `a.b` is `a/b.py` or `a/b/__init__.py`.
fn module_files(module: &str) -> [PathBuf; 2] {
    // A module name comes from a client and becomes a path here: only plain components pass.
    let parts: Vec<&str> = module.split('.').filter(|part| !part.is_empty() && !part.contains(['/', '\\', '\0'])).collect();
    let base: PathBuf = parts.iter().collect();
    [base.with_extension("py"), base.join("__init__.py")]
}

/// Text as Python's `inspect.getsource` sees it: no byte order mark, `\n` line ends, a final line end.
fn normalised(text: &str) -> String {
    let mut text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n").replace('\r', "\n");
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

/// Whether a function or class of that name in the file has the recorded hash.
///
/// The client hashes `inspect.getsource(object)`; for functions decorated with the bare name of `step` it takes that
/// decorator's lines out and, doing so, removes the indentation. Where the object's text ends is Python's tokenizer's
/// decision, so instead of repeating it every possible end is tried: the hash tells which one was right.
fn holds_object_with_hash(text: &str, attribute: &str, expected: &str) -> bool {
    let name = attribute.rsplit('.').next().unwrap_or(attribute);
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let definitions = (0..lines.len()).filter(|&index| defines(lines[index], name));
    definitions.into_iter().any(|definition| {
        beginnings(&lines, definition).iter().any(|beginning| {
            let dedents: &[usize] = if beginning.indentation == 0 { &[0] } else { &[0, beginning.indentation] };
            dedents.iter().any(|&dedent| some_end_has_hash(&lines, definition, beginning, dedent, expected))
        })
    })
}

/// Whether this line starts the definition of `name`.
fn defines(line: &str, name: &str) -> bool {
    let line = line.trim_start();
    let line = line.strip_prefix("async ").map_or(line, str::trim_start);
    let Some(rest) = line.strip_prefix("def ").or_else(|| line.strip_prefix("class ")) else { return false };
    rest.trim_start().strip_prefix(name).is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
}

/// Whether this line starts the definition of anything.
fn opens_block(line: &str) -> bool {
    ["def ", "class ", "async def "].iter().any(|keyword| line.trim_start().starts_with(keyword))
}

/// The lines of a definition above its `def`: from its first decorator on, with or without one decorator taken out.
struct Beginning {
    kept: Vec<usize>,
    /// Of the first line of the whole object, in bytes.
    indentation: usize,
}

fn beginnings(lines: &[&str], definition: usize) -> Vec<Beginning> {
    let is_decorator = |index: usize| lines[index].trim_start().starts_with('@');
    let indentation = |index: usize| lines[index].len() - lines[index].trim_start().len();
    // Decorators may span lines and hold blank ones; which of the lines above belong to the object, the hash tells.
    let lowest = definition.saturating_sub(MAX_DECORATOR_LINES);
    let top = (lowest..definition).rev().find(|&index| opens_block(lines[index])).map_or(lowest, |other| other + 1);
    let starts: Vec<usize> = (top..definition).filter(|&index| is_decorator(index)).chain([definition]).collect();
    let mut all = Vec::new();
    for (position, &start) in starts.iter().enumerate().rev() {
        all.push(Beginning { kept: (start..definition).collect(), indentation: indentation(start) });
        // One decorator taken out: its own lines, at most up to the next decorator or the definition.
        for pair in starts[position..].windows(2) {
            for end in (pair[0] + 1..=pair[1]).rev() {
                let kept = (start..definition).filter(|index| !(pair[0]..end).contains(index)).collect();
                all.push(Beginning { kept, indentation: indentation(start) });
            }
        }
    }
    all
}

fn some_end_has_hash(lines: &[&str], definition: usize, beginning: &Beginning, dedent: usize, expected: &str) -> bool {
    // As the client does: a line shorter than the indentation (with its line end taken off) stays as it is.
    let dedented = |index: usize| {
        let line = lines[index];
        let length = line.strip_suffix('\n').map_or(line.len(), str::len);
        if length >= dedent { line.get(dedent..).unwrap_or(line) } else { line }
    };
    let mut hasher = Sha256::new();
    for &index in &beginning.kept {
        hasher.update(dedented(index));
    }
    (definition..lines.len().min(definition + MAX_STEP_LINES)).any(|index| {
        hasher.update(dedented(index));
        hex::encode(hasher.clone().finalize()) == expected
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "from zenml import step, pipeline\n\n\n@step(\n    enable_cache=False,\n)\ndef loader(n: int = 3) -> int:\n    \"\"\"Text\n\nmore\"\"\"\n    return n\n\n\n@step\ndef trainer(x: int) -> int:\n    return x + 1\n\n@pipeline\ndef train():\n    trainer(loader())\n";

    fn sha256(text: &str) -> String {
        hex::encode(Sha256::digest(text))
    }

    fn step(module: &str, attribute: &str, hash: &str) -> String {
        format!(
            r#"{{"spec": {{"source": {{"module": "{module}", "attribute": "{attribute}", "type": "user"}}}}, "config": {{"caching_parameters": {{"step_source": "{hash}"}}}}}}"#
        )
    }

    fn recorded(loader_hash: &str, pipeline_text: &str) -> RecordedSources {
        let loader = step("run", "loader", loader_hash);
        let trainer = step("run", "trainer", &sha256("def trainer(x: int) -> int:\n    return x + 1\n"));
        RecordedSources::read(
            Some(r#"{"source": {"module": "run", "attribute": "train", "type": "user"}}"#),
            [("loader", loader.as_str()), ("trainer", trainer.as_str())],
            Some(pipeline_text),
        )
    }

    fn read(path: &Path) -> Option<String> {
        (path == Path::new("run.py")).then(|| FILE.to_owned())
    }

    #[test]
    fn a_file_with_the_recorded_texts_is_accepted() {
        let loader = sha256("def loader(n: int = 3) -> int:\n    \"\"\"Text\n\nmore\"\"\"\n    return n\n");
        assert_eq!(recorded(&loader, "@pipeline\ndef train():\n    trainer(loader())\n").check(read), Ok(()));
    }

    #[test]
    fn a_changed_step_or_pipeline_is_refused_with_its_name() {
        let wrong = recorded(&sha256("def loader(): pass\n"), "@pipeline\ndef train():\n    trainer(loader())\n").check(read);
        assert_eq!(wrong, Err(Mismatch::Differs { file: "run.py".into(), label: "step `loader`".into() }));
        let loader = sha256("def loader(n: int = 3) -> int:\n    \"\"\"Text\n\nmore\"\"\"\n    return n\n");
        let wrong = recorded(&loader, "@pipeline\ndef train():\n    loader()\n").check(read);
        assert_eq!(wrong, Err(Mismatch::Differs { file: "run.py".into(), label: "the pipeline".into() }));
    }

    #[test]
    fn a_missing_module_is_named() {
        let missing = recorded("", "x").check(|_| None);
        assert_eq!(missing, Err(Mismatch::NoModule("run".into())));
    }

    #[test]
    fn windows_line_ends_and_indented_steps_are_understood() {
        let file = "if True:\r\n    @other\r\n    @step\r\n    # why\r\n    def inner():\r\n        return 1";
        let hash = sha256("@other\n# why\ndef inner():\n    return 1\n");
        assert!(holds_object_with_hash(&normalised(file), "inner", &hash));
        let whole = sha256("    @other\n    @step\n    # why\n    def inner():\n        return 1\n");
        assert!(holds_object_with_hash(&normalised(file), "inner", &whole));
    }

    #[test]
    fn names_that_only_begin_alike_are_not_the_definition() {
        assert!(defines("async def load(x):", "load"));
        assert!(!defines("def loader(x):", "load"));
    }

    #[test]
    fn notebooks_are_told_apart_and_packages_need_no_code() {
        let notebook = r#"{"spec": {"source": {"module": "__main__", "attribute": "a", "type": "notebook"}}}"#;
        let internal = r#"{"spec": {"source": {"module": "zenml.steps.x", "attribute": "a", "type": "internal"}}}"#;
        assert_eq!(RecordedSources::read(None, [("a", notebook)], None).in_notebook(), Some("step `a`"));
        assert!(!RecordedSources::read(None, [("a", internal)], None).needs_code());
    }

    #[test]
    fn a_module_name_cannot_leave_the_root() {
        assert_eq!(module_files("../etc.passwd")[0], PathBuf::from("passwd.py"));
    }
}
