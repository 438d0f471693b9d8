//! What Run Details listens to wherever the focus is: F8, which goes from problem to problem, and what is pasted.

use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast as _;
use web_sys::{DataTransfer, HtmlElement};

use super::{draft::DraftState, upload};

/// Listens for as long as the page is open.
pub fn follow(state: DraftState) {
    let last = StoredValue::new(None::<u32>);
    Effect::new(move |_| {
        let keys = window_event_listener(ev::keydown, move |event| {
            if event.key() == "F8" && go_on(last, event.shift_key()) {
                event.prevent_default();
            }
        });
        let paste = window_event_listener(ev::paste, move |event| {
            let data = js_sys::Reflect::get(&event, &"clipboardData".into()).ok().and_then(|data| data.dyn_into::<DataTransfer>().ok());
            if let Some(data) = data {
                upload::pasted(state, &event, &data);
            }
        });
        on_cleanup(move || {
            keys.remove();
            paste.remove();
        });
    });
}

/// Follows the link of the next problem, or the one before it; says whether there is one.
fn go_on(last: StoredValue<Option<u32>>, is_back: bool) -> bool {
    let Ok(links) = document().query_selector_all(".problems__place") else { return false };
    let count = links.length();
    if count == 0 {
        return false;
    }
    let next = match (last.get_value(), is_back) {
        (None, false) => 0,
        (None, true) => count - 1,
        (Some(last), false) => (last + 1) % count,
        (Some(last), true) => (last + count - 1) % count,
    };
    last.set_value(Some(next));
    if let Some(link) = links.get(next).and_then(|link| link.dyn_into::<HtmlElement>().ok()) {
        link.click();
    }
    true
}
