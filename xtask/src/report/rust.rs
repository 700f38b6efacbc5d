//! Adds the Rust layer to a report: generates both documents, and turns what changed in the API into
//! items, bumps and causes. [`super::wire`] compares the documents themselves.

use std::panic::resume_unwind;
use std::sync::Arc;
use std::thread;

use semver::Version;

use super::cause::{Causes, Moments};
use super::checked_in::CheckedIn;
use super::item::{Area, Direction, Item, Level, Place, RustName, RustPart};
use super::rust_api::Change;
use super::rust_rules;
use super::sides::{self, Side};
use super::source::Snapshot;
use super::{Report, version};
use crate::layout::Layout;
use crate::load::Document;
use crate::model::Model;
use crate::problem::{self, Failure, Problem, Severity};
use crate::write::{Header, OutputFile, lock};

/// Fills in the Rust items, the bumps and the causes.
///
/// `checked_in` has the generated files of base if base is a revision. Without them nobody can tell
/// what the tools changed, and `current` is the version to count from.
///
/// # Errors
///
/// [`Failure::Problems`] with what is wrong with either document, and [`Failure::Io`] if a checked-in
/// file is not Rust.
pub(super) fn add(
    report: &mut Report,
    [base, head]: [&Snapshot; 2],
    checked_in: Option<&CheckedIn>,
    current: &Version,
) -> Result<(), Failure> {
    let documents = [&base.document, &head.document];
    let problems = errors_of([base, head]);
    if !problems.is_empty() {
        return Err(Failure::Problems(problems));
    }
    let [old, new] = generate(base, head)?;
    let released =
        checked_in.map(|found| rust_files(found, &old)).filter(|files| !files.is_empty());
    let released = released.unwrap_or_else(|| old.files.clone());
    let changes = sides::changes(&released, &old, &new).map_err(|what| unreadable(&what))?;
    let base_lock = checked_in.and_then(|found| found.lock()).cloned();
    report.causes = causes(released, base_lock, [(&old, base), (&new, head)]);
    report.causes.rename(|path| head.set.layout.own_path(path));
    report.bumps = version::bumps(&changes, &head.set.layout, current);
    let items =
        changes.iter().map(|change| item(change, documents, report, &head.set.layout)).collect();
    report.rust = without_setters(items);
    Ok(())
}

/// Leaves out the setters of fields that came or went with them, because one line says both.
fn without_setters(mut items: Vec<Item>) -> Vec<Item> {
    let setters: Vec<Item> = items
        .extract_if(.., |item| ["rust-setter-added", "rust-setter-removed"].contains(&item.rule))
        .collect();
    for setter in setters {
        let of_field = |item: &&mut Item| {
            item.level == setter.level && setter.subject.strip_suffix("()") == Some(&item.subject)
        };
        match (items.iter_mut().find(of_field), setter.rule) {
            (Some(field), "rust-setter-added") => field.what.push_str(", and so is its setter"),
            (Some(field), _) => field.what.push_str("; its setter is gone too"),
            (None, _) => items.push(setter),
        }
    }
    items
}

/// The errors of both documents, each looked for in a thread of its own.
fn errors_of([base, head]: [&Snapshot; 2]) -> Vec<Problem> {
    thread::scope(|scope| {
        let base = scope.spawn(|| errors(base));
        let head = errors(head);
        let base = base.join().unwrap_or_else(|panic| resume_unwind(panic));
        [base, head].concat()
    })
}

/// The errors of a document, by the rules of its set. A hint does not stop the generator.
fn errors(side: &Snapshot) -> Vec<Problem> {
    let problems = side.set.reading.errors(&Model::read(&side.document)).into_iter();
    problems.filter(|problem| problem.severity == Severity::Error).collect()
}

fn generate<'d>(
    base: &'d Snapshot,
    head: &'d Snapshot,
) -> Result<[Arc<Side<'d>>; 2], Vec<Problem>> {
    // Both get one header, because where a document was found changes no line.
    let header = Header::new(&head.spec, &head.overlays);
    let header = Header { spec: head.set.document.clone(), ..header };
    if base.is_same(head) {
        let both = sides::generate(&head.document, &head.set.layout, &header);
        let both = Arc::new(located(both, &head.document)?);
        return Ok([Arc::clone(&both), both]);
    }
    let [old, new] = sides::generate_both(
        (&base.document, &base.set.layout, &header),
        (&head.document, &head.set.layout, &header),
    );
    Ok([Arc::new(located(old, &base.document)?), Arc::new(located(new, &head.document)?)])
}

fn located<'d>(
    found: Result<Side<'d>, Vec<Problem>>,
    document: &Document,
) -> Result<Side<'d>, Vec<Problem>> {
    found.map_err(|problems| {
        let located = problems.into_iter().map(|problem| document.locate(problem));
        let mut located: Vec<_> = located.collect();
        problem::sort(&mut located);
        located
    })
}

/// The checked-in Rust files, those that are still generated first and in the order of the generator.
fn rust_files(checked_in: &CheckedIn, side: &Side) -> Vec<OutputFile> {
    let order = |file: &OutputFile| {
        let place = side.files.iter().position(|other| other.path == file.path);
        place.unwrap_or(usize::MAX)
    };
    let is_rust = |file: &&OutputFile| !lock::is_lock(&file.contents);
    let mut files: Vec<_> = checked_in.files.iter().filter(is_rust).cloned().collect();
    files.sort_by_key(order);
    files
}

fn unreadable(what: &str) -> Failure {
    Failure::Io(format!(
        "{what}; the base cannot be compared with what is generated; compare with another revision"
    ))
}

/// Compares the files of the three moments. If base has no lock file, its own inputs are assumed.
fn causes(
    mut checked_in: Vec<OutputFile>,
    base_lock: Option<OutputFile>,
    [(old, base), (new, head)]: [(&Side, &Snapshot); 2],
) -> Causes {
    let lock =
        |of: &Snapshot| lock::file("generated.lock", &lock::sources(&of.spec, &of.overlays), &[]);
    let with_lock = |side: &Side, of: &Snapshot| [side.files.as_slice(), &[lock(of)]].concat();
    let [base_files, head_files] = [with_lock(old, base), with_lock(new, head)];
    let has_old_header =
        checked_in.iter().any(|file| !lock::parse_header(&file.contents).is_empty());
    match base_lock {
        Some(base_lock) => checked_in.push(base_lock),
        None if has_old_header => {}
        None => checked_in.push(lock(base)),
    }
    Causes::find(&Moments {
        checked_in: &checked_in,
        base: &base_files,
        between: None,
        head: &head_files,
    })
}

fn item(change: &Change, documents: [&Document; 2], report: &Report, layout: &Layout) -> Item {
    let causes = causes_of(change, report);
    let mut because_of: Vec<_> = causes.iter().map(|item| item.rule).collect();
    because_of.dedup();
    let [base, head] = documents.map(|document| place(change, document));
    let level = change.rule.level();
    // A change of code is about a file.
    let subject = layout.own_path(&change.path);
    Item {
        rule: change.rule.id,
        level,
        area: Area::Rust,
        direction: Direction::Neutral,
        what: clause(&change.sentence.replace(&change.path, &subject)),
        subject,
        why: change.rule.sentence.trim_end_matches('.'),
        base,
        head,
        operations: causes.first().map(|item| item.operations.clone()).unwrap_or_default(),
        names: if level >= Level::Breaking { names(change) } else { Vec::new() },
        used_by: Vec::new(),
        rust: Some(RustPart {
            crate_name: layout.crate_named(change.crate_name).unwrap_or_default(),
            base: change.base.clone(),
            head: change.head.clone(),
            because_of,
            origin: change.origin,
        }),
    }
}

/// A sentence without its capital letter and its full stop.
fn clause(sentence: &str) -> String {
    let mut letters = sentence.trim_end_matches('.').chars();
    let first = letters.next().map(|letter| letter.to_lowercase().to_string());
    format!("{}{}", first.unwrap_or_default(), letters.as_str())
}

/// The differences of the document that a change comes from: those at its place or inside it, or else
/// those around it. Texts are no cause of what programs notice.
fn causes_of<'a>(change: &Change, report: &'a Report) -> Vec<&'a Item> {
    let Some(pointer) = change.pointer.as_deref() else { return Vec::new() };
    let is_visible = change.rule.level().is_visible();
    let items = report.wire.iter().chain(&report.stream);
    let items: Vec<_> =
        items.filter(|item| !is_visible || item.level > Level::Documentation).collect();
    let those = |holds: &dyn Fn(&str) -> bool| -> Vec<&'a Item> {
        let place = |item: &Item| item.place().is_some_and(|place| holds(&place.pointer));
        items.iter().copied().filter(|item| place(item)).collect()
    };
    let inside = those(&|place| is_in(place, pointer));
    match inside.is_empty() {
        true => those(&|place| !place.is_empty() && is_in(pointer, place)),
        false => inside,
    }
}

/// Whether a pointer is another one or leads into it.
fn is_in(inner: &str, outer: &str) -> bool {
    inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The place in one document; the nearest one if the part is new or gone.
fn place(change: &Change, document: &Document) -> Option<Place> {
    let mut pointer = change.pointer.as_deref()?;
    while document.span_of(pointer).is_none() {
        pointer = pointer.rsplit_once('/')?.0;
    }
    Some(Place { at: document.nearest(pointer), pointer: pointer.to_owned() })
}

/// What hand-written code may call it.
fn names(change: &Change) -> Vec<RustName> {
    use rust_rules::Area;
    let (owner, name) = match change.path.rsplit_once("::") {
        Some((owner, name)) => (owner.to_owned(), name.trim_end_matches("()").to_owned()),
        None => (String::new(), change.path.clone()),
    };
    let found = match change.rule.area {
        Area::Types => Some(RustName::Type(name)),
        Area::Fields => Some(RustName::Field { owner, name }),
        Area::Variants => Some(RustName::Variant { owner, name }),
        Area::Methods if owner == "Client" => Some(RustName::Method(name)),
        Area::Methods => Some(RustName::Field { owner, name }),
        _ => None,
    };
    found.into_iter().collect()
}
