//! The layers of a draft: presets, runs, files and links, each a sparse run configuration, below what was typed.
//!
//! A draft stays one text. Layers are written into it in their order; afterwards each value tells where it came from.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{edit, form::reset, problem::Problem, request, value_path::ValuePath};

/// Where the values of a layer come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LayerKind {
    Preset,
    Run,
    File,
    Link,
    Proposal,
}

/// One layer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Layer {
    pub kind: LayerKind,
    /// Name of the preset, the run or the file, or of who proposes; empty for a link.
    pub name: String,
    pub configuration: Map<String, Value>,
}

impl Layer {
    /// The layer in words: "preset small-gpu".
    pub fn title(&self) -> String {
        match self.kind {
            LayerKind::Preset => format!("preset {}", self.name),
            LayerKind::Run => format!("run {}", self.name),
            LayerKind::File => format!("file {}", self.name),
            LayerKind::Link => "the link".to_owned(),
            LayerKind::Proposal => format!("proposal by {}", self.name),
        }
    }

    /// Takes away the values at the paths that are not wanted, and gives their paths.
    pub fn retain(&mut self, wanted: impl Fn(&ValuePath) -> bool) -> Vec<ValuePath> {
        let (mut kept, mut left_out) = (Value::Object(Map::new()), Vec::new());
        for (path, value) in leaves(&self.configuration) {
            if wanted(&path) {
                edit::put(&mut kept, path.segments(), value.clone());
            } else {
                left_out.push(path);
            }
        }
        self.configuration = kept.as_object().cloned().unwrap_or_default();
        left_out
    }
}

/// A text with every value of a run configuration written into it; all else in the text stays as it is.
///
/// Mappings are taken key by key, lists and single values whole.
///
/// # Errors
/// The problems of a text that cannot be read, or of a value that cannot be written into it.
pub fn laid_over(text: &str, configuration: &Map<String, Value>) -> Result<String, Vec<Problem>> {
    let place = request::read_text(text)?.place;
    let mut edited = text.to_owned();
    for (path, value) in leaves(configuration) {
        edited = edit::set(&edited, &place.join(&path), value).map_err(|problem| vec![problem])?;
    }
    Ok(edited)
}

/// A text without the values of the layer at a position: where it was laid over another one, that one's are there again.
///
/// What was typed since stays, and so does what a later layer has too.
///
/// # Errors
/// The problems of a text that cannot be read, or of a value that cannot be taken out of it.
pub fn without(text: &str, layers: &[Layer], position: usize) -> Result<String, Vec<Problem>> {
    let Some(layer) = layers.get(position) else { return Ok(text.to_owned()) };
    let (below, above) = (&layers[..position], &layers[position + 1..]);
    let mut edited = text.to_owned();
    for (path, value) in leaves(&layer.configuration) {
        let request = request::read_text(&edited)?;
        let is_its_own = path.get(&request.configuration) == Some(value);
        if !is_its_own || above.iter().any(|later| path.get(&later.configuration) == Some(value)) {
            continue;
        }
        let again = match below.iter().rev().find_map(|below| path.get(&below.configuration)) {
            Some(value) => edit::set(&edited, &request.place.join(&path), value),
            None => reset(&edited, &path),
        };
        edited = again.map_err(|problem| vec![problem])?;
    }
    Ok(edited)
}

/// The values of a run configuration that are no mappings with entries, with their paths.
pub fn leaves(configuration: &Map<String, Value>) -> Vec<(ValuePath, &Value)> {
    let mut found = Vec::new();
    collect(configuration, &ValuePath::root(), &mut found);
    found
}

fn collect<'value>(map: &'value Map<String, Value>, path: &ValuePath, found: &mut Vec<(ValuePath, &'value Value)>) {
    for (key, value) in map {
        match value {
            Value::Object(entries) if !entries.is_empty() => collect(entries, &path.child(key), found),
            _ => found.push((path.child(key), value)),
        }
    }
}

/// The layer that a value of a draft comes from: the last one with the same value there; none if it was typed.
///
/// A change may be named below or above what stands in the draft, where the two are written differently: then the nearest
/// value above it counts.
pub fn origin<'layer>(layers: &'layer [Layer], draft: &Map<String, Value>, path: &ValuePath) -> Option<&'layer Layer> {
    let mut place = path.clone();
    while place.get(draft).is_none() {
        place = place.parent().filter(|above| !above.is_root())?;
    }
    let value = place.get(draft)?;
    layers.iter().rev().find(|layer| place.get(&layer.configuration) == Some(value))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::run_configuration::{document, example::map};

    fn layer(name: &str, configuration: Value) -> Layer {
        Layer { kind: LayerKind::Preset, name: name.to_owned(), configuration: map(configuration) }
    }

    #[test]
    fn a_layer_is_written_into_a_text_and_leaves_the_rest() {
        let text = "# mine\nsteps:\n  a:\n    parameters:\n      lr: 1e-3  # tuned\n      tags: [x]\n";
        let configuration = map(json!({"steps": {"a": {"parameters": {"tags": ["y", "z"]}, "settings": {}}}, "enable_cache": false}));
        let edited = laid_over(text, &configuration).expect("a text that can be edited");
        assert!(edited.starts_with("# mine\nsteps:\n  a:\n    parameters:\n      lr: 1e-3  # tuned\n"), "{edited}");
        let read = document::read(&edited).expect("a readable text").value;
        let parameters = json!({"lr": 1e-3, "tags": ["y", "z"]});
        assert_eq!(read, json!({"steps": {"a": {"parameters": parameters, "settings": {}}}, "enable_cache": false}));
    }

    #[test]
    fn layers_go_below_the_wrapper_that_a_text_has() {
        let edited = laid_over("run_configuration:\n  run_name: x\n", &map(json!({"run_name": "y"}))).expect("edited");
        assert_eq!(edited, "run_configuration:\n  run_name: y\n");
        assert!(laid_over("steps: [", &map(json!({"run_name": "y"}))).is_err());
    }

    #[test]
    fn a_layer_is_taken_out_and_those_below_it_and_what_was_typed_stay() {
        let layers = [
            layer("base", json!({"steps": {"a": {"parameters": {"lr": 1, "k": 2}}}})),
            layer("fast", json!({"steps": {"a": {"parameters": {"lr": 3, "n": 4, "m": 5}}}, "tags": ["x"]})),
            layer("late", json!({"steps": {"a": {"parameters": {"m": 5}}}})),
        ];
        let text = "# mine\nsteps:\n  a:\n    parameters:\n      lr: 3 # from fast\n      k: 2\n      n: 9\n      m: 5\ntags: [x]\n";
        let edited = without(text, &layers, 1).expect("edited");
        assert!(edited.starts_with("# mine\n"), "{edited}");
        let read = document::read(&edited).expect("a readable text").value;
        assert_eq!(
            read,
            json!({"steps": {"a": {"parameters": {"lr": 1, "k": 2, "n": 9, "m": 5}}}}),
            "n was typed, m is of a later one too"
        );
        assert_eq!(without(text, &layers, 7).expect("no such layer"), text);
        assert!(without("a: [", &layers, 1).is_err());
    }

    #[test]
    fn a_value_comes_from_the_last_layer_that_has_it() {
        let layers = [
            layer("base", json!({"steps": {"a": {"parameters": {"lr": 1, "k": 2}}}})),
            layer("fast", json!({"steps": {"a": {"parameters": {"lr": 3}}}})),
        ];
        let draft = map(json!({"steps": {"a": {"parameters": {"lr": 3, "k": 2, "n": 1}}}, "retry": {"delay": 1}}));
        let from = |path: &str| origin(&layers, &draft, &ValuePath::from(path)).map(Layer::title);
        assert_eq!(from("steps.a.parameters.lr").as_deref(), Some("preset fast"));
        assert_eq!(from("steps.a.parameters.k").as_deref(), Some("preset base"));
        assert_eq!(from("steps.a.parameters.n"), None, "typed");
        assert_eq!(from("retry.max_retries"), None, "filled in beside what was typed");
        assert_eq!(from("nothing"), None);
    }
}
