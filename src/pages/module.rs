//! The two WebAssembly modules of the browser.
//!
//! One has Run Details, with the checker of run configurations in it, and one all other pages. Neither carries what only the
//! other shows; going from one to the other loads a document.

use leptos::prelude::*;

/// A module of the browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Module {
    /// All pages but Run Details.
    Main,
    /// Run Details.
    Launch,
}

impl Module {
    /// The module that shows the page at a path: the server sends it, and links lead out of the other.
    pub fn of(path: &str) -> Self {
        match path.trim_matches('/').split('/').collect::<Vec<_>>()[..] {
            ["projects", _, "snapshots", _, "run"] => Self::Launch,
            _ => Self::Main,
        }
    }
}

/// A page that the server shows, and in the browser the main module.
macro_rules! of_main {
    ($page:path) => {{
        #[cfg(not(feature = "launch"))]
        {
            $page
        }
        #[cfg(feature = "launch")]
        {
            $crate::pages::module::Elsewhere
        }
    }};
}

/// A page that the server shows, and in the browser the module of Run Details.
macro_rules! of_launch {
    ($page:path) => {{
        #[cfg(any(feature = "launch", feature = "ssr"))]
        {
            $page
        }
        #[cfg(not(any(feature = "launch", feature = "ssr")))]
        {
            $crate::pages::module::Elsewhere
        }
    }};
}

pub(crate) use {of_launch, of_main};

/// Where going back in the browser's history leads to a page of the other module: it is loaded as a document.
#[component]
pub fn Elsewhere() -> impl IntoView {
    Effect::new(|_| {
        let _ = window().location().reload();
    });
}

/// Lets links to pages of the other module be the browser's own: the router would show the page before its code is there.
#[cfg(feature = "hydrate")]
pub fn leave_by_links() {
    use wasm_bindgen::{JsCast as _, closure::Closure};
    use web_sys::{Element, Event, HtmlAnchorElement};

    let own = if cfg!(feature = "launch") { Module::Launch } else { Module::Main };
    let mark = Closure::<dyn Fn(Event)>::new(move |event: Event| {
        let clicked = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let link = clicked
            .and_then(|element| element.closest("a[href]").ok().flatten())
            .and_then(|link| link.dyn_into::<HtmlAnchorElement>().ok());
        if let Some(link) = link.filter(|link| Module::of(&link.pathname()) != own) {
            link.set_rel("external");
        }
    });
    // Before the router hears of the click.
    let _ = document().add_event_listener_with_callback_and_bool("click", mark.as_ref().unchecked_ref(), true);
    mark.forget();
}

#[cfg(test)]
mod tests {
    use super::Module;

    #[test]
    fn run_details_has_its_own_module() {
        assert_eq!(Module::of("/projects/default/snapshots/0f/run"), Module::Launch);
        assert_eq!(Module::of("/projects/default/snapshots/0f/run/"), Module::Launch);
        for path in ["/", "/projects/default/run", "/projects/default/runs/0f", "/projects/default/snapshots/0f", "/run"] {
            assert_eq!(Module::of(path), Module::Main, "{path}");
        }
    }
}
