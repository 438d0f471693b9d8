//! Parts that every page uses. They show what they are given: no server functions, no knowledge of a resource.

pub mod button;
pub mod change;
pub mod clock;
pub mod code_block;
pub mod dialog;
pub mod empty_state;
pub mod error_panel;
pub mod field;
pub mod filter_form;
pub mod icon;
pub mod inline_text;
pub mod live;
pub mod page_header;
pub mod pagination;
pub mod server_html;
pub mod status_badge;
pub mod table;
pub mod yaml_editor;

use wasm_bindgen::JsCast as _;
use web_sys::Element;

/// The elements below one that a selector finds, in the browser.
pub fn elements(root: &Element, selector: &str) -> impl Iterator<Item = Element> {
    let found = root.query_selector_all(selector).ok();
    let count = found.as_ref().map_or(0, web_sys::NodeList::length);
    (0..count).filter_map(move |index| found.as_ref()?.get(index)?.dyn_into().ok())
}
