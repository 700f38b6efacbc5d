//! Makes one item of a change that several bodies share, and says where our document stands.
//! [`crate::surface`] finds the changes.

use std::collections::HashMap;

use crate::coverage::{Finding, Kind, Of, Status};
use crate::surface::{Change, Place, Root, What};

/// Where our document stands on a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Ours takes it already, or does not have to say anything.
    Fine,
    /// Ours lacks it.
    Lacks,
    /// Ours leaves it out for a reason.
    LeftOut,
    /// It is gone upstream, and ours still has it.
    Keeps,
}

/// A change, once for all bodies that share it.
#[derive(Clone, Debug)]
pub struct Item {
    /// The change, in the first of the bodies.
    pub change: Change,
    /// The other places with the same change.
    pub also: Vec<Place>,
    /// Where our document stands.
    pub standing: Standing,
}

/// Makes the items of `changes`. `findings` are those of a comparison with our document.
pub(super) fn items(changes: Vec<Change>, findings: &[Finding]) -> Vec<Item> {
    let open = Open::new(findings);
    let mut items: Vec<Item> = Vec::new();
    let mut numbers = HashMap::new();
    for change in changes {
        let key = format!("{:?} {:?}", shared(&change.place), change.what);
        let number = *numbers.entry(key).or_insert(items.len());
        match items.get_mut(number) {
            Some(item) => item.also.push(change.place),
            None => {
                let standing = open.standing(&change);
                items.push(Item { change, also: Vec::new(), standing });
            }
        }
    }
    items
}

/// The place without what tells the bodies with a whole completion apart.
fn shared(place: &Place) -> Place {
    match place {
        Place::Path(Root::Get | Root::Update, path) => Place::Path(Root::Response, path.clone()),
        Place::Path(Root::List, path) => match path.strip_prefix("data[].") {
            Some(path) => Place::Path(Root::Response, path.to_owned()),
            None => place.clone(),
        },
        _ => place.clone(),
    }
}

/// The findings by the name that they are about.
struct Open<'a> {
    by_name: HashMap<(Of, Option<Root>, &'a str), Vec<&'a Finding>>,
}

impl<'a> Open<'a> {
    fn new(findings: &'a [Finding]) -> Self {
        let mut by_name: HashMap<_, Vec<_>> = HashMap::new();
        for finding in findings.iter().filter(|found| found.status != Status::Extension) {
            let root = (finding.of != Of::Operation).then_some(finding.root);
            by_name.entry((finding.of, root, finding.path.as_str())).or_default().push(finding);
            for (root, path) in &finding.also {
                by_name.entry((finding.of, Some(*root), path.as_str())).or_default().push(finding);
            }
        }
        Self { by_name }
    }

    fn standing(&self, change: &Change) -> Standing {
        let found = match &change.place {
            Place::Operation(key) => self.at(Of::Operation, None, key),
            Place::Parameter(operation, key) => {
                let is_of = |root: &Root| root.operation_key().as_ref() == Some(operation);
                let root = Root::ALL.into_iter().find(is_of);
                self.at(Of::Parameter, root, key.trim_start_matches('?'))
            }
            Place::Path(root, path) => self.on_the_way(*root, path),
        };
        let about = found.into_iter().filter(|finding| is_about(finding, &change.what));
        match about.map(|finding| finding.status).max() {
            Some(Status::Missing) => Standing::Lacks,
            Some(Status::LeftOut(_)) => Standing::LeftOut,
            Some(Status::Removed) => Standing::Keeps,
            _ => Standing::Fine,
        }
    }

    fn at(&self, of: Of, root: Option<Root>, name: &str) -> Vec<&'a Finding> {
        let found = self.by_name.get(&(of, root, name));
        found.map(Vec::as_slice).unwrap_or_default().to_vec()
    }

    /// The findings about a path, and those about a path above that decide it.
    fn on_the_way(&self, root: Root, path: &str) -> Vec<&'a Finding> {
        let ends = path.match_indices(['.', '[', '{']).map(|(end, _)| end);
        let above = ends.filter_map(|end| path.get(..end));
        let above = above.flat_map(|above| self.at(Of::Path, Some(root), above));
        let is_whole = |finding: &&Finding| is_place(finding);
        above.filter(is_whole).chain(self.at(Of::Path, Some(root), path)).collect()
    }
}

fn is_place(finding: &Finding) -> bool {
    !matches!(finding.kind, Kind::Value | Kind::Fact)
}

/// Whether a finding at the same place is about the change.
fn is_about(finding: &Finding, what: &What) -> bool {
    let fact = finding.difference.as_ref().map(|difference| &difference.fact);
    match what {
        // The list of a parameter's values is in the finding about the parameter.
        _ if is_place(finding) && finding.values.is_empty() => true,
        What::NewValues(values) | What::RemovedValues(values) => {
            fact.is_none() && values.iter().any(|value| finding.values.contains(value))
        }
        What::Changed(difference) => fact == Some(&difference.fact),
        What::NewForms(_) | What::RemovedForms(_) => {
            fact.is_some_and(|fact| fact.as_str() == "forms")
        }
        What::New(_) | What::Removed(_) => false,
    }
}
