//! The text of a value with parts of its own: what stands in each of their controls.
//!
//! Both worlds write and read it; it never stands in a control itself.

/// What such a text begins with: a character made for it, which no control can hold.
const MARK: char = '\u{1d}';
/// Texts in texts deeper than this are taken as they are; no form comes near.
const MOST_DEEP: usize = 16;
/// Most entries of a list that are shown as cards.
pub const MOST_CARDS: usize = 50;

/// The controls of a union, of the entries of a list, or of the fields of a model.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// Of a union the branch that counts; none for lists and models.
    pub chosen: Option<usize>,
    /// The branches, entries or fields in their order.
    pub parts: Vec<Part>,
}

/// What stands in one of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// The text of its control.
    pub text: String,
    /// Whether "not set (null)" is ticked.
    pub is_null: bool,
    /// Of a field of a model, that the value has it; else the control only shows what it would be.
    pub is_given: bool,
}

/// What a button of a list does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardAction {
    Add,
    Copy,
    Remove,
    Up,
    Down,
}

impl CardAction {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Add, Self::Copy, Self::Remove, Self::Up, Self::Down];

    /// The word by which it is posted.
    pub fn name(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Copy => "copy",
            Self::Remove => "remove",
            Self::Up => "up",
            Self::Down => "down",
        }
    }
}

impl Parts {
    /// The text of these parts: each with its length before it, so that any text can be in it.
    pub fn write(&self) -> String {
        let mut text = MARK.to_string();
        text.push_str(&self.chosen.map(|chosen| chosen.to_string()).unwrap_or_default());
        for Part { text: part, is_null, is_given } in &self.parts {
            let flags = u8::from(*is_null) + 2 * u8::from(*is_given);
            text.push_str(&format!(";{flags}{}:", part.len()));
            text.push_str(part);
        }
        text
    }

    /// The parts of a text; none where it is another text.
    pub fn read(text: &str) -> Option<Self> {
        let text = text.strip_prefix(MARK)?;
        let (chosen, mut rest) = text.split_at(text.find(';').unwrap_or(text.len()));
        let chosen = if chosen.is_empty() { None } else { Some(chosen.parse().ok()?) };
        let mut parts = Vec::new();
        while let Some((head, body)) = rest.strip_prefix(';').and_then(|part| part.split_once(':')) {
            let (flags, length): (u8, usize) = (head.get(..1)?.parse().ok()?, head.get(1..)?.parse().ok()?);
            parts.push(Part { text: body.get(..length)?.to_owned(), is_null: flags & 1 != 0, is_given: flags & 2 != 0 });
            rest = body.get(length..)?;
        }
        rest.is_empty().then_some(Self { chosen, parts })
    }

    /// Does what a button of a list says, at the entry `at`, with `fresh` as a new entry. Gives the place of the entry afterwards;
    /// none where there is nothing to do.
    pub fn act(&mut self, action: CardAction, at: usize, fresh: &Part) -> Option<usize> {
        let count = self.parts.len();
        let to = match action {
            CardAction::Add if count < MOST_CARDS => {
                self.parts.push(fresh.clone());
                return Some(count);
            }
            CardAction::Copy if at < count && count < MOST_CARDS => {
                self.parts.insert(at + 1, self.parts[at].clone());
                return Some(at + 1);
            }
            CardAction::Remove if at < count => {
                self.parts.remove(at);
                return Some(at);
            }
            CardAction::Up if at < count => at.checked_sub(1)?,
            CardAction::Down if at + 1 < count => at + 1,
            _ => return None,
        };
        self.parts.swap(at, to);
        Some(to)
    }
}

/// The text of a value that is shown in place of `before`, with what stands in branches of unions that do not count.
///
/// They say nothing about the value, and what was typed in them is there when the type is switched back.
pub fn keep_aside(before: &str, now: &str) -> String {
    beside(before, now, 0)
}

fn beside(before: &str, now: &str, depth: usize) -> String {
    let (Some(old), Some(mut new)) = (Parts::read(before), Parts::read(now)) else { return now.to_owned() };
    if depth > MOST_DEEP || old.parts.len() != new.parts.len() || old.chosen.is_some() != new.chosen.is_some() {
        return now.to_owned();
    }
    for (place, (part, old)) in new.parts.iter_mut().zip(old.parts).enumerate() {
        match new.chosen {
            Some(chosen) if chosen != place => *part = old,
            _ => part.text = beside(&old.text, &part.text, depth + 1),
        }
    }
    new.write()
}

/// A text without what stands in branches of unions that do not count.
pub fn without_aside(text: &str) -> String {
    counting(text, 0)
}

fn counting(text: &str, depth: usize) -> String {
    let Some(mut read) = Parts::read(text).filter(|_| depth <= MOST_DEEP) else { return text.to_owned() };
    for (place, part) in read.parts.iter_mut().enumerate() {
        match read.chosen {
            Some(chosen) if chosen != place => *part = Part::default(),
            _ => part.text = counting(&part.text, depth + 1),
        }
    }
    read.write()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(text: &str) -> Part {
        Part { text: text.to_owned(), ..Part::default() }
    }

    fn union(chosen: usize, texts: &[&str]) -> Parts {
        Parts { chosen: Some(chosen), parts: texts.iter().map(|text| part(text)).collect() }
    }

    #[test]
    fn every_text_can_be_a_part() {
        let inner = union(1, &["3", ";0:"]).write();
        for parts in [
            Parts::default(),
            union(0, &[]),
            Parts { chosen: None, parts: vec![part(""), part("ü;1:2\n"), part(&inner)] },
            Parts { chosen: Some(12), parts: vec![Part { text: "a".to_owned(), is_null: true, is_given: true }] },
        ] {
            assert_eq!(Parts::read(&parts.write()), Some(parts));
        }
        for other in ["", "3", "\u{1d}x", "\u{1d};09:a", "\u{1d};01:ab", "\u{1d};0", "\u{1d};01:ü"] {
            assert_eq!(Parts::read(other), None, "{other:?}");
        }
    }

    #[test]
    fn what_does_not_count_is_kept_and_never_compared() {
        let list = |chosen: usize, texts: &[&str]| Parts { chosen: None, parts: vec![part(&union(chosen, texts).write())] }.write();
        assert_eq!(keep_aside(&list(0, &["1", "a"]), &list(1, &["", "b"])), list(1, &["1", "b"]));
        assert_eq!(keep_aside("", &list(1, &["", "b"])), list(1, &["", "b"]));
        assert_eq!(without_aside(&list(1, &["1", "b"])), without_aside(&list(1, &["2", "b"])));
        assert_ne!(without_aside(&list(1, &["1", "b"])), without_aside(&list(0, &["1", "b"])));
    }

    #[test]
    fn entries_are_added_copied_removed_and_moved() {
        let mut list = Parts { chosen: None, parts: vec![part("a"), part("b")] };
        let texts = |list: &Parts| list.parts.iter().map(|part| part.text.clone()).collect::<Vec<_>>().join("");
        for (action, at, place, expected) in [
            (CardAction::Add, 0, Some(2), "abn"),
            (CardAction::Copy, 0, Some(1), "aabn"),
            (CardAction::Down, 1, Some(2), "aban"),
            (CardAction::Up, 0, None, "aban"),
            (CardAction::Down, 3, None, "aban"),
            (CardAction::Up, 3, Some(2), "abna"),
            (CardAction::Remove, 1, Some(1), "ana"),
            (CardAction::Remove, 7, None, "ana"),
        ] {
            assert_eq!(list.act(action, at, &part("n")), place, "{action:?}");
            assert_eq!(texts(&list), expected);
        }
        list.parts = vec![part(""); MOST_CARDS];
        assert_eq!(list.act(CardAction::Add, 0, &part("n")), None);
    }
}
