//! What a run asks, with a form for the answer; it is sent by `POST …/answer`.

use leptos::prelude::*;

use super::RunPath;
use crate::{
    components::{
        error_panel::{Notice, Tone},
        field::{TextArea, TextField},
        inline_text::InlineText,
    },
    model::{
        form::FormState,
        pipeline_runs::{AnswerKind, Question},
    },
};

/// The question and its form. The first button is what the return key presses.
#[component]
pub fn Answer(question: Question, path: RunPath, form: FormState) -> impl IntoView {
    let text = question.text.unwrap_or_else(|| format!("The run waits at {}.", question.name));
    let (typed, error) = (form.value("result"), form.error("result"));
    let is_yes_or_no = question.answer == AnswerKind::YesOrNo;
    let field = match question.answer {
        AnswerKind::Nothing | AnswerKind::YesOrNo => None,
        AnswerKind::Text => {
            Some(view! { <TextField name="result" label="Answer" value=typed required=true error=error.clone() /> }.into_any())
        }
        AnswerKind::Json { schema } => {
            let help = "JSON that fits the schema below; text stands in double quotes.";
            Some(
                view! {
                    <TextArea name="result" label="Answer" value=typed help=help error=error.clone() />
                    <details>
                        <summary>"Schema"</summary>
                        <pre class="mono">{schema}</pre>
                    </details>
                }
                .into_any(),
            )
        }
    };
    let buttons = if is_yes_or_no {
        view! {
            <button class="button button--primary" type="submit" name="result" value="true">
                "Yes"
            </button>
            <button class="button" type="submit" name="result" value="false">
                "No"
            </button>
        }
        .into_any()
    } else {
        view! {
            <button class="button button--primary" type="submit">
                "Continue"
            </button>
        }
        .into_any()
    };
    let condition = question.id;
    view! {
        <Notice tone=Tone::Note title="The run waits for an answer">
            <p>
                <InlineText text=text />
            </p>
            <form class="stack" method="post" action=path.below("answer")>
                <input type="hidden" name="condition" value=condition.clone() />
                <input type="hidden" name="resolution" value="continue" />
                {field}
                <p class="error-panel__actions">{buttons}</p>
            </form>
            <form method="post" action=path.below("answer")>
                <input type="hidden" name="condition" value=condition />
                <input type="hidden" name="resolution" value="abort" />
                <button class="button button--small" type="submit">
                    "Stop the run instead"
                </button>
            </form>
        </Notice>
    }
}
