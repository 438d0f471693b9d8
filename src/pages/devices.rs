//! `/devices/verify`: a program (`zenml login`) asks to act for the signed-in account.

use leptos::{either::EitherOf3, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use super::{
    data::{PageResource, show_form},
    session_card::SessionCard,
};
use crate::{
    components::error_panel::{Notice, Tone},
    model::{devices::Device, form::FormState, page_request::PageRequest},
};

/// Shows who asks, and confirms it.
#[component]
pub fn VerifyDevice() -> impl IntoView {
    let query = use_query_map();
    let link =
        Memo::new(move |_| query.with(|query| (query.get("device_id").unwrap_or_default(), query.get("user_code").unwrap_or_default())));
    let device = PageResource::new(move || {
        let (device_id, user_code) = link.get();
        PageRequest::Device { device_id, user_code }
    });
    let content = move |device: Device, _: FormState| {
        if device.confirmed {
            EitherOf3::A(view! {
                <Notice tone=Tone::Good title="The program is signed in">
                    <p>"Return to your terminal. This page can be closed."</p>
                </Notice>
            })
        } else if device.pending {
            let (_, user_code) = link.get_untracked();
            EitherOf3::B(view! { <Confirm device=device user_code=user_code /> })
        } else {
            EitherOf3::C(view! {
                <Notice tone=Tone::Warning title="This sign-in was refused">
                    <p>"Start it again in the terminal."</p>
                </Notice>
            })
        }
        .into_any()
    };
    view! {
        <Title text="Sign in a program" />
        <SessionCard title="Sign in a program">{show_form(device, content)}</SessionCard>
    }
    .into_any()
}

/// What the program tells about itself, and the button that lets it in.
#[component]
fn Confirm(device: Device, user_code: String) -> impl IntoView {
    let facts = [
        ("Computer", device.hostname),
        ("System", device.os),
        ("Address", device.ip_address),
        ("Program", device.zenml_version.map(|version| format!("ZenML {version}"))),
    ];
    view! {
        <p class="soft">
            "A program asks to act as " <strong>{device.user_name}</strong>
            ". Go on only if you have just started this sign-in yourself."
        </p>
        <dl class="facts">
            {facts
                .into_iter()
                .filter_map(|(label, value)| value.map(|value| (label, value)))
                .map(|(label, value)| view! { <div><dt>{label}</dt><dd>{value}</dd></div> }.into_any())
                .collect_view()}
            <div>
                <dt>"Code"</dt>
                <dd class="mono">{user_code.clone()}</dd>
            </div>
        </dl>
        <form class="session-card__form" method="post">
            <input type="hidden" name="device_id" value=device.id />
            <input type="hidden" name="user_code" value=user_code />
            <label class="choice">
                <input type="checkbox" name="trusted" value="true" />
                <span>"Trust this computer: its sign-in lasts longer"</span>
            </label>
            <button class="button button--primary button--wide" type="submit">
                "Authorize"
            </button>
        </form>
    }
}
