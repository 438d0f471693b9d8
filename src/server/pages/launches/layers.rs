//! The line "Values from": each layer, and the URL of the page without it.

use crate::{
    model::{launches::ShownLayer, list::encode},
    run_configuration::layers::{Layer, LayerKind},
};

/// The layers of a draft as they are shown; `values` are what the URL asks for.
pub fn shown(layers: &[Layer], values: &[(String, String)]) -> Vec<ShownLayer> {
    let before = |position: usize, kind: LayerKind| layers[..position].iter().filter(|layer| layer.kind == kind).count();
    let one = |(position, layer): (usize, &Layer)| ShownLayer {
        title: layer.title(),
        without: query(&without(values, layer.kind, before(position, layer.kind))),
    };
    layers.iter().enumerate().map(one).collect()
}

/// What a URL asks for besides one layer, which is the one of its kind after `before` others. Layers that came by a button
/// follow those of the URL, so that there may be none of it.
fn without(values: &[(String, String)], kind: LayerKind, before: usize) -> Vec<(String, String)> {
    let name = match kind {
        LayerKind::Preset => "preset",
        LayerKind::Run => "from_run",
        LayerKind::Proposal => "proposal",
        // All single values are one layer.
        LayerKind::Link => return values.iter().filter(|(name, _)| !name.contains('.')).cloned().collect(),
        LayerKind::File => return values.to_vec(),
    };
    let mut seen = 0;
    let mut kept = Vec::new();
    for (key, value) in values {
        if key != name {
            kept.push((key.clone(), value.clone()));
            continue;
        }
        let mut others = Vec::new();
        // Only presets are named several in one value.
        for part in value.split(',').filter(|part| !part.is_empty()) {
            others.extend((seen != before).then_some(part));
            seen += 1;
        }
        if !others.is_empty() {
            kept.push((key.clone(), others.join(",")));
        }
    }
    kept
}

fn query(values: &[(String, String)]) -> String {
    let pairs: Vec<String> = values.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    format!("?{}", pairs.join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_loses_exactly_the_layer_that_is_removed() {
        let layer = |kind: LayerKind, name: &str| Layer { kind, name: name.to_owned(), configuration: serde_json::Map::new() };
        let pairs = [("preset", "a,b"), ("preset", "c"), ("from_run", "r1"), ("p.x", "1"), ("null.y", "true"), ("fields", "all")];
        let values: Vec<(String, String)> = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let layers = [
            layer(LayerKind::Preset, "A"),
            layer(LayerKind::Preset, "B"),
            layer(LayerKind::Preset, "C"),
            layer(LayerKind::Run, "R"),
            layer(LayerKind::Link, ""),
            layer(LayerKind::File, "f.yaml"),
            layer(LayerKind::Preset, "by its button"),
        ];
        let urls: Vec<String> = shown(&layers, &values).into_iter().map(|layer| layer.without).collect();
        let all = "?preset=a%2Cb&preset=c&from_run=r1&p.x=1&null.y=true&fields=all";
        let expected = [
            "?preset=b&preset=c&from_run=r1&p.x=1&null.y=true&fields=all",
            "?preset=a&preset=c&from_run=r1&p.x=1&null.y=true&fields=all",
            "?preset=a%2Cb&from_run=r1&p.x=1&null.y=true&fields=all",
            "?preset=a%2Cb&preset=c&p.x=1&null.y=true&fields=all",
            "?preset=a%2Cb&preset=c&from_run=r1&fields=all",
            all,
            all,
        ];
        assert_eq!(urls, expected);
    }
}
