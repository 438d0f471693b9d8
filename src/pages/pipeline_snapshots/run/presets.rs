//! Presets beside the draft: each can be laid over it, taken home as a file, or deleted; the draft can be saved as one.

use leptos::prelude::*;

use crate::{components::icon::Icon, model::launches::PresetChoice};

/// The presets of the pipeline. All of it works by buttons of the page's form, so that the draft is never lost.
#[component]
pub fn Presets(presets: Vec<PresetChoice>, base: String) -> impl IntoView {
    let title = match presets.len() {
        0 => "Presets".to_owned(),
        count => format!("Presets ({count})"),
    };
    view! {
        <details class="card card--folded" id="presets">
            <summary class="card__summary">{title}</summary>
            {if presets.is_empty() {
                view! { <p class="soft">"A preset is a set of values with a name. Save this draft as the first one."</p> }.into_any()
            } else {
                view! {
                    <ul class="presets" role="list">
                        {presets.into_iter().map(|preset| choice(preset, &base)).collect_view()}
                    </ul>
                }
                    .into_any()
            }}
            <fieldset class="presets__new">
                <legend>"Save this draft as a preset"</legend>
                <div class="field">
                    <label class="field__label" for="preset_name">
                        "Name"
                    </label>
                    <input class="input" id="preset_name" name="preset_name" maxlength="255" autocomplete="off" />
                </div>
                <div class="field">
                    <label class="field__label" for="preset_description">
                        "What it is for"
                    </label>
                    <input class="input" id="preset_description" name="preset_description" autocomplete="off" />
                </div>
                <label class="choice">
                    <input type="checkbox" name="preset_private" value="true" />
                    <span>"Only I see it"</span>
                </label>
                <button class="button" type="submit" name="action" value="save-preset">
                    "Save preset"
                </button>
            </fieldset>
        </details>
    }
}

fn choice(preset: PresetChoice, base: &str) -> AnyView {
    let PresetChoice { id, name, description, private, owner, changeable } = preset;
    let whose = if private { "only you see it".to_owned() } else { format!("by {owner}") };
    let file = format!("{base}/presets/{id}/yaml");
    let (apply_label, delete_label) = (format!("Apply {name}"), format!("Delete the preset {name}"));
    view! {
        <li class="presets__preset">
            <div class="presets__text">
                <strong>{name.clone()}</strong>
                " "
                <span class="soft">{whose}</span>
                {description.map(|text| view! { <p class="soft">{text}</p> }.into_any())}
            </div>
            <div class="presets__actions">
                <button class="button button--small" type="submit" name="action" value=format!("preset:{id}") aria-label=apply_label>
                    "Apply"
                </button>
                <a class="button button--small" href=file rel="external" download="" aria-label=format!("Download {name} as YAML")>
                    "YAML"
                </a>
                {changeable
                    .then(|| {
                        view! {
                            <button
                                class="button button--small button--icon"
                                type="submit"
                                name="action"
                                value=format!("delete-preset:{id}")
                                aria-label=delete_label.clone()
                                title=delete_label
                            >
                                <Icon name="trash" />
                            </button>
                        }.into_any()
                    })}
            </div>
        </li>
    }
    .into_any()
}
