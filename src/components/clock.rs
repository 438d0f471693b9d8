//! Times that stay current while a page is open.
//!
//! The server renders its own texts; the browser takes over at the first tick, so that both render the same at first.

use leptos::{html, prelude::*};

use crate::{
    components::elements,
    model::time::{self, Duration, Moment},
};

/// Milliseconds since 1970, once a second; none until the page runs in the browser.
#[derive(Clone, Copy)]
pub struct Clock(ReadSignal<Option<f64>>);

impl Clock {
    /// Starts the page's one clock and puts it into the context.
    pub fn provide() {
        let (now, set_now) = signal(None);
        provide_context(Self(now));
        Effect::new(move |_| {
            let handle = set_interval_with_handle(move || set_now.set(Some(js_sys::Date::now())), std::time::Duration::from_secs(1));
            if let Ok(handle) = handle {
                on_cleanup(move || handle.clear());
            }
        });
    }

    /// Keeps the past times and the running durations in an element current whose content the server made.
    pub fn keep_current(node: NodeRef<html::Div>) {
        let now = Self::now();
        Effect::new(move |_| {
            let (Some(now), Some(element)) = (now(), node.get()) else { return };
            for shown in elements(&element, "time[datetime], [data-since]") {
                let text = match shown.get_attribute("data-since").and_then(|since| since.parse::<u64>().ok()) {
                    Some(since) => time::whole((now - since as f64) / 1000.0),
                    None => time::ago((now - js_sys::Date::parse(&shown.get_attribute("datetime").unwrap_or_default())) / 1000.0),
                };
                if shown.text_content().as_deref() != Some(&text) {
                    shown.set_text_content(Some(&text));
                }
            }
        });
    }

    fn now() -> impl Fn() -> Option<f64> + Copy + 'static {
        let clock = use_context::<Self>();
        // What is made into HTML beside a page may outlive the page's clock.
        move || clock.and_then(|clock| clock.0.try_get().flatten())
    }
}

/// A past time: `3 min ago`, with the exact time as its tooltip.
#[component]
pub fn Ago(moment: Moment) -> impl IntoView {
    let now = Clock::now();
    let millis = moment.millis;
    let current = Memo::new(move |_| now().map(|now| time::ago((now - millis) / 1000.0)));
    let text = move || current.get().unwrap_or_else(|| moment.ago.clone());
    view! {
        <time datetime=moment.iso title=moment.absolute>
            {text}
        </time>
    }
}

/// How long something took, or takes so far.
#[component]
pub fn DurationText(duration: Duration) -> impl IntoView {
    let text = duration.text();
    match duration.running_since {
        None => view! { <span class="duration">{text}</span> }.into_any(),
        Some(since) => {
            let now = Clock::now();
            let text = move || now().map_or_else(|| text.clone(), |now| time::whole((now - since) / 1000.0));
            view! {
                <span class="duration" data-since=(since as u64).to_string()>
                    {text}
                </span>
            }
            .into_any()
        }
    }
}
