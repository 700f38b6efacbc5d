//! Lines of both sides beside each other, with the changed words marked. [`super::html`] and
//! [`super::markdown`] print them.

use std::time::Duration;

use similar::{Algorithm, ChangeTag, DiffOp, TextDiff};

use super::item::Item;

/// The lines before and after the place.
const CONTEXT: usize = 3;
/// The most lines of an excerpt.
const MOST: usize = 18;
/// How alike two lines must be at least to mark words. In other lines every word would be marked.
const LEAST_ALIKE: f32 = 0.5;
/// The longest search for the shortest diff. After it, the diff is right but longer.
const DEADLINE: Duration = Duration::from_millis(200);

/// A line of one or both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The line of the older side.
    pub base: Option<Line>,
    /// The line of the newer side.
    pub head: Option<Line>,
    /// Whether the sides differ.
    pub is_changed: bool,
}

/// A line, cut into what is marked and what is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// From 1. `None` for a signature.
    pub number: Option<usize>,
    /// The pieces, each with whether its words changed.
    pub pieces: Vec<(String, bool)>,
}

impl Line {
    /// The whole line.
    pub fn text(&self) -> String {
        self.pieces.iter().map(|(text, _)| text.as_str()).collect()
    }
}

/// All lines of two texts.
#[derive(Clone, Debug)]
pub struct Rows(Vec<Row>);

impl Rows {
    /// Compares two texts line by line.
    pub fn new(base: &str, head: &str) -> Self {
        let (base, head): (Vec<&str>, Vec<&str>) = (base.lines().collect(), head.lines().collect());
        let mut config = TextDiff::configure();
        let diff =
            config.algorithm(Algorithm::Patience).timeout(DEADLINE).diff_slices(&base, &head);
        Self(diff.ops().iter().flat_map(|op| rows(op, &base, &head)).collect())
    }

    /// The lines around the place of an item: all that changed there, and a few more.
    pub fn around(&self, item: &Item, [base, head]: [&str; 2]) -> &[Row] {
        let is_deeper_in_base = item.place() == item.base.as_ref() && item.base != item.head;
        let anchor = match (is_deeper_in_base, &item.base, &item.head) {
            (true, Some(place), _) if &*place.at.file == base => {
                self.0.iter().position(|row| number(row.base.as_ref()) == Some(place.at.line))
            }
            (false, _, Some(place)) if &*place.at.file == head => {
                self.0.iter().position(|row| number(row.head.as_ref()) == Some(place.at.line))
            }
            _ => None,
        };
        let Some(anchor) = anchor else { return &[] };
        let start = anchor.saturating_sub(CONTEXT);
        let after = self.0.get(anchor..).unwrap_or_default();
        // The first change may be some lines below the key that the item points to.
        let until_change = after.iter().take(MOST).position(|row| row.is_changed).unwrap_or(0);
        let changed = after.iter().skip(until_change).take_while(|row| row.is_changed).count();
        let end = anchor + (until_change + changed.max(1) + CONTEXT).min(MOST);
        self.0.get(start..end.min(self.0.len())).unwrap_or_default()
    }
}

/// One line on each side, such as a signature.
pub fn pair(base: Option<&str>, head: Option<&str>) -> Row {
    let [base_pieces, head_pieces] = match (base, head) {
        (Some(base), Some(head)) => words(base, head),
        _ => [base, head].map(|side| whole(side.unwrap_or_default())),
    };
    Row {
        base: base.map(|_| Line { number: None, pieces: base_pieces }),
        head: head.map(|_| Line { number: None, pieces: head_pieces }),
        is_changed: true,
    }
}

fn number(line: Option<&Line>) -> Option<usize> {
    line.and_then(|line| line.number)
}

fn rows(op: &DiffOp, base: &[&str], head: &[&str]) -> Vec<Row> {
    let is_changed = !matches!(op, DiffOp::Equal { .. });
    let (old, new) = (op.old_range(), op.new_range());
    let count = old.len().max(new.len());
    let line = |lines: &[&str], start: usize, length: usize, index: usize| {
        let text = lines.get(start + index).filter(|_| index < length)?;
        let pieces = vec![((*text).to_owned(), false)];
        Some(Line { number: Some(start + index + 1), pieces })
    };
    let row = |index| {
        let row = Row {
            base: line(base, old.start, old.len(), index),
            head: line(head, new.start, new.len(), index),
            is_changed,
        };
        if is_changed { marked(row) } else { row }
    };
    (0..count).map(row).collect()
}

/// Marks the words that differ between both lines of a row.
fn marked(mut row: Row) -> Row {
    if let (Some(base), Some(head)) = (&mut row.base, &mut row.head) {
        let [old, new] = words(&base.text(), &head.text());
        (base.pieces, head.pieces) = (old, new);
    }
    row
}

/// A line without marks.
fn whole(text: &str) -> Vec<(String, bool)> {
    vec![(text.to_owned(), false)]
}

fn words(base: &str, head: &str) -> [Vec<(String, bool)>; 2] {
    let diff = TextDiff::from_words(base, head);
    if diff.ratio() < LEAST_ALIKE {
        return [base, head].map(whole);
    }
    let (mut old, mut new) = (Vec::new(), Vec::new());
    for change in diff.iter_all_changes() {
        let text = change.value();
        match change.tag() {
            ChangeTag::Equal => {
                push(&mut old, text, false);
                push(&mut new, text, false);
            }
            ChangeTag::Delete => push(&mut old, text, true),
            ChangeTag::Insert => push(&mut new, text, true),
        }
    }
    [old, new]
}

fn push(pieces: &mut Vec<(String, bool)>, text: &str, is_marked: bool) {
    match pieces.last_mut() {
        Some((last, marked)) if *marked == is_marked => last.push_str(text),
        _ => pieces.push((text.to_owned(), is_marked)),
    }
}
