//! Links between the pages of a list; where they lead is the URL's business.

use leptos::prelude::*;

use super::icon::Icon;

/// Which part of a list is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PagePosition {
    /// The page shown, from 1.
    pub page: u64,
    pub size: u64,
    pub total_pages: u64,
    /// Rows in all pages.
    pub total: u64,
}

impl PagePosition {
    /// "26–50 of 311".
    pub fn summary(&self) -> String {
        if self.total == 0 {
            return "None".to_owned();
        }
        let first = (self.page - 1) * self.size + 1;
        let last = (self.page * self.size).min(self.total);
        format!("{}–{} of {}", grouped(first), grouped(last), grouped(self.total))
    }
}

/// A number with thin groups of three digits: `12 400`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}

/// Sizes offered.
pub const SIZES: [u64; 3] = [25, 50, 100];

/// The foot of a list.
#[component]
pub fn Pagination<F>(
    position: PagePosition,
    /// The URL of the same list at (page, size).
    href: F,
) -> impl IntoView
where
    F: Fn(u64, u64) -> String,
{
    let step = |page: u64, enabled: bool, label: &'static str, icon: &'static str, rel: &'static str| {
        if enabled {
            view! {
                <a class="button button--icon button--small" href=href(page, position.size) rel=rel aria-label=label>
                    <Icon name=icon />
                </a>
            }
            .into_any()
        } else {
            ().into_any()
        }
    };
    let previous = step(position.page.saturating_sub(1), position.page > 1, "Previous page", "left", "prev");
    let next = step(position.page + 1, position.page < position.total_pages, "Next page", "right", "next");
    let sizes = SIZES
        .iter()
        .map(|size| {
            let current = (*size == position.size).then_some("true");
            view! {
                <a class="pagination__size" href=href(1, *size) aria-current=current>
                    {*size}
                </a>
            }
        })
        .collect_view();
    view! {
        <nav class="pagination" aria-label="Pages">
            <span>{position.summary()}</span>
            <span class="pagination__links">
                {previous} {(position.total_pages > 1).then(|| format!("Page {} of {}", grouped(position.page), grouped(position.total_pages)))}
                {next}
            </span>
            {(position.total > SIZES[0])
                .then(|| view! { <span class="pagination__sizes">"Rows" <span class="visually-hidden">"on a page:"</span> {sizes}</span> })}
        </nav>
    }
}

#[cfg(test)]
mod tests {
    use super::{PagePosition, grouped};

    #[test]
    fn summary_counts_the_rows_of_the_last_page() {
        let position = PagePosition { page: 3, size: 25, total_pages: 3, total: 61 };
        assert_eq!(position.summary(), "51–61 of 61");
        assert_eq!(PagePosition { page: 1, size: 25, total_pages: 1, total: 0 }.summary(), "None");
    }

    #[test]
    fn numbers_are_grouped_by_three() {
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_234_567), "1\u{202f}234\u{202f}567");
    }
}
