//! Descriptions: Markdown of whoever wrote them, as HTML that is safe to show to everybody.

use std::{collections::HashSet, sync::LazyLock};

use ammonia::Builder;
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd, html::push_html};

/// What stays of the HTML: text, its marks, lists, tables, and links to the web. No images, which would tell their server
/// who reads the page.
static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut cleaner = Builder::default();
    cleaner.rm_tags(["img"]).url_schemes(HashSet::from(["http", "https", "mailto"])).link_rel(Some("noopener noreferrer nofollow"));
    cleaner
});

/// The HTML of a description in Markdown.
pub fn html(markdown: &str) -> String {
    let events = Parser::new_ext(markdown, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH).map(below_the_page);
    let mut html = String::with_capacity(markdown.len() * 2);
    push_html(&mut html, events);
    CLEANER.clean(&html).to_string()
}

/// Headings of a description stand below those of the page.
fn below_the_page(event: Event<'_>) -> Event<'_> {
    match event {
        Event::Start(Tag::Heading { level, id, classes, attrs }) => Event::Start(Tag::Heading { level: lower(level), id, classes, attrs }),
        Event::End(TagEnd::Heading(level)) => Event::End(TagEnd::Heading(lower(level))),
        other => other,
    }
}

fn lower(level: HeadingLevel) -> HeadingLevel {
    HeadingLevel::try_from(level as usize + 2).unwrap_or(HeadingLevel::H6)
}

#[cfg(test)]
mod tests {
    use super::html;

    #[test]
    fn markdown_becomes_html() {
        let shown = html("# Nightly\n\nTrains **all** of `x`.\n\n| a | b |\n|---|---|\n| 1 | 2 |\n");
        for part in ["<h3>Nightly</h3>", "<strong>all</strong>", "<code>x</code>", "<td>1</td>"] {
            assert!(shown.contains(part), "{part} in {shown}");
        }
    }

    #[test]
    fn nothing_that_runs_or_calls_out_stays() {
        let text = "<script>alert(1)</script><img src=x onerror=alert(1)><a href=\"javascript:alert(1)\" onclick=\"alert(1)\">a</a>\
                    \n\n[b](javascript:alert(1)) ![c](https://example.com/c.png) <style>*{}</style><iframe src=/></iframe>\
                    <form action=/logout><input></form>";
        let shown = html(text);
        for part in ["script", "onerror", "onclick", "<img", "style", "iframe", "<form", "<input"] {
            assert!(!shown.contains(part), "{part} in {shown}");
        }
        let link = html("[docs](https://example.com)");
        assert!(link.contains("href=\"https://example.com\"") && link.contains("rel=\"noopener noreferrer nofollow\""), "{link}");
    }
}
