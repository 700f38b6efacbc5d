//! Walks every wire path of a body in one document, together with the same path in another.
//! [`crate::coverage`] says what the differences mean.

use std::collections::BTreeSet;
use std::rc::Rc;

use crate::load::Document;
use crate::problem::{Position, Problem};

use super::merged::{Merged, Site, Step};

/// More paths than any body has. It stops schemas that refer to each other in every way, whose
/// paths never end.
const MOST_PATHS: usize = 100_000;
/// Deeper than any body.
const DEEPEST: usize = 200;

/// One wire path.
#[derive(Debug)]
pub struct Visit<'a, 'b> {
    /// The path, such as `choices[].message.content`: `[]` are the items of a list, `{}` the values
    /// of a map.
    pub path: String,
    /// The last step if it is a key; `None` for items and map values.
    pub key: Option<&'a str>,
    /// The visit of the path without its last step; `None` at the top of the body.
    pub parent: Option<usize>,
    /// Where the key is written; empty for items and map values.
    pub written: Vec<&'a Position>,
    /// The first place that describes the path.
    pub at: &'a Position,
    /// The schemas of this document, as they are written there.
    pub sites: Vec<Site<'a>>,
    /// The same schemas with everything that they refer to.
    pub here: Merged<'a>,
    /// The schemas of the other document, if it has the path.
    pub there: Option<Merged<'b>>,
    /// The same schemas as they are written there. Empty if a map there has the key.
    pub sites_there: Vec<Site<'b>>,
    /// The forms of the object above in the other document.
    pub arms_there: Rc<BTreeSet<String>>,
    /// Whether the other document allows any value at a place above.
    pub free_there: bool,
}

/// All paths below `here`, parents before children, in the order of the document.
///
/// # Errors
///
/// Returns a problem if the schemas have too many paths, or paths that are too deep.
pub fn walk<'a, 'b>(
    documents: (&'a Document, &'b Document),
    here: &Merged<'a>,
    there: Option<&Merged<'b>>,
    broken: &mut Vec<Problem>,
) -> Result<Vec<Visit<'a, 'b>>, Problem> {
    let above = here.structure().collect();
    let mut walk = Walk { documents, visits: Vec::new(), above, depth: 0, broken };
    let start = Place { index: None, path: "", here, there, free_there: false };
    walk.descend(&start)?;
    Ok(walk.visits)
}

struct Walk<'a, 'b, 'p> {
    documents: (&'a Document, &'b Document),
    visits: Vec<Visit<'a, 'b>>,
    /// The schemas from the top of the body to here.
    above: Vec<&'a Position>,
    depth: usize,
    broken: &'p mut Vec<Problem>,
}

struct Place<'w, 'a, 'b> {
    index: Option<usize>,
    path: &'w str,
    here: &'w Merged<'a>,
    there: Option<&'w Merged<'b>>,
    free_there: bool,
}

impl<'a, 'b> Walk<'a, 'b, '_> {
    fn descend(&mut self, from: &Place<'_, 'a, 'b>) -> Result<(), Problem> {
        let free_there = from.free_there || from.there.is_some_and(Merged::is_free);
        let arms_there = Rc::new(from.there.map(Merged::arms).unwrap_or_default());
        for child in from.here.children() {
            let Some(first) = child.sites.first() else { continue };
            let at = child.written.first().copied().unwrap_or(&first.schema.at);
            self.stop_at_too_many(at)?;
            let here = Merged::of_sites(self.documents.0, &child.sites, self.broken);
            let sites_there = from.there.map(|there| there.at(child.step)).unwrap_or_default();
            let there =
                from.there.and_then(|there| self.other_side(there, child.step, &sites_there));
            let path = join(from.path, child.step);
            let index = self.visits.len();
            self.visits.push(Visit {
                path: path.clone(),
                key: match child.step {
                    Step::Property(key) => Some(key),
                    Step::Item | Step::Value => None,
                },
                parent: from.index,
                written: child.written,
                at,
                sites: child.sites,
                here: here.clone(),
                there: there.clone(),
                sites_there,
                arms_there: Rc::clone(&arms_there),
                free_there,
            });
            let (here, there) = (&here, there.as_ref());
            self.below(&Place { index: Some(index), path: &path, here, there, free_there })?;
        }
        Ok(())
    }

    /// Stops when every schema here already stands on the way, because the path only repeats itself
    /// then.
    fn below(&mut self, place: &Place<'_, 'a, 'b>) -> Result<(), Problem> {
        let before = self.above.len();
        let new: Vec<_> = place.here.structure().filter(|at| !self.above.contains(at)).collect();
        if new.is_empty() {
            return Ok(());
        }
        self.above.extend(new);
        self.depth += 1;
        let outcome = self.descend(place);
        self.depth -= 1;
        self.above.truncate(before);
        outcome
    }

    /// The same step in the other document. A map with typed values has every key.
    fn other_side(
        &self,
        there: &Merged<'b>,
        step: Step<'a>,
        sites: &[Site<'b>],
    ) -> Option<Merged<'b>> {
        let merged = |sites: &[Site<'b>]| {
            let merged = Merged::of_sites(self.documents.1, sites, &mut Vec::new());
            (!sites.is_empty()).then_some(merged)
        };
        let typed_map = || merged(&there.at(Step::Value)).filter(|values| !values.is_free());
        match step {
            Step::Property(_) => merged(sites).or_else(typed_map),
            Step::Item | Step::Value => merged(sites),
        }
    }

    fn stop_at_too_many(&self, at: &Position) -> Result<(), Problem> {
        if self.visits.len() < MOST_PATHS && self.depth < DEEPEST {
            return Ok(());
        }
        let limits = format!("more than {MOST_PATHS} wire paths, or {DEEPEST} steps in one");
        Err(Problem::error("too-many-paths", limits)
            .why("the schemas refer to each other in so many ways that the paths do not end")
            .fix("compare with a document whose schemas refer to each other less")
            .at(at))
    }
}

fn join(path: &str, step: Step<'_>) -> String {
    match step {
        Step::Property(key) if path.is_empty() => key.to_owned(),
        Step::Property(key) => format!("{path}.{key}"),
        Step::Item => format!("{path}[]"),
        Step::Value => format!("{path}{{}}"),
    }
}
