//! Modal dialogs over the browser's own `<dialog>`.
//!
//! The opener is a link to the page that shows the same form, so that it works without scripts; with them it opens the
//! dialog instead.

use leptos::{ev::MouseEvent, html, prelude::*};

use super::{elements, icon::Icon};

/// A dialog and the handle that opens it.
pub type DialogRef = NodeRef<html::Dialog>;

/// What a link does that opens a dialog: nothing special where the reader asked for a new tab.
pub fn open_on_click(dialog: DialogRef) -> impl Fn(MouseEvent) + 'static {
    move |event: MouseEvent| {
        if event.ctrl_key() || event.meta_key() || event.shift_key() || event.button() != 0 {
            return;
        }
        if let Some(element) = dialog.get_untracked()
            && element.show_modal().is_ok()
        {
            event.prevent_default();
            close_menus();
        }
    }
}

/// Closes open menus, so that a dialog does not open under one.
fn close_menus() {
    let Some(root) = document().document_element() else { return };
    for menu in elements(&root, "details.menu[open]") {
        let _ = menu.remove_attribute("open");
    }
}

/// A modal dialog with a heading and a close button; its buttons stand in `dialog__actions`.
#[component]
pub fn Dialog(
    node: DialogRef,
    /// Id of the heading, which names the dialog.
    id: &'static str,
    #[prop(into)] title: String,
    children: Children,
) -> impl IntoView {
    view! {
        <dialog class="dialog" node_ref=node aria-labelledby=id>
            <div class="dialog__head">
                <h2 id=id>{title}</h2>
                <form method="dialog">
                    <button class="button button--quiet button--icon" aria-label="Close">
                        <Icon name="close" />
                    </button>
                </form>
            </div>
            <div class="dialog__body">{children()}</div>
        </dialog>
    }
}
