//! Parts of pages that only show something: made into HTML here, so that the browser needs no code for them.

use leptos::prelude::*;

/// The HTML of a view. Texts in it are escaped, as in every view.
pub fn html(view: impl FnOnce() -> AnyView) -> String {
    let owner = Owner::new();
    let html = owner.with(|| view().to_html());
    owner.cleanup();
    html
}
