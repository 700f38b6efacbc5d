//! Finds what each document has that the other lacks, body by body. [`crate::surface`] finds the
//! paths, [`super::reasons`] says what is excused, and later stages count and print.

use crate::load::{Document, Node};
use crate::problem::{self, Position, Problem};

use super::reasons::{Ledger, Reasons, Subject};
use crate::surface::{Allowed, Merged, Parameter, Root, Surface, Visit, walk};

/// What the comparison found out about one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Both documents have it.
    Have,
    /// Only they have it. The reason with this number excuses that.
    LeftOut(usize),
    /// Only they have it.
    Missing,
    /// Only we have it.
    Extension,
}

/// The kinds of things that are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A key of an object.
    Property,
    /// The items of a list or the values of a map.
    Element,
    /// A value of an enum.
    Value,
    /// A parameter of an operation.
    Parameter,
}

/// One thing that one of the documents has.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// The body, or for a parameter the body that stands for its operation.
    pub(super) root: Root,
    /// The kind of thing.
    pub(super) kind: Kind,
    /// The wire path, or the name of a parameter.
    pub(super) path: String,
    /// The enum values: one for a value, those that only one side has for a parameter.
    pub(super) values: Vec<String>,
    /// What the comparison found out about it.
    pub(super) status: Status,
    /// Where it is written. Several places if several schemas have the key.
    pub(super) written: Vec<Position>,
    /// The place that the report shows.
    pub(super) at: Position,
    /// The services that have the key, as `x-services` names them.
    pub(super) services: Vec<String>,
    /// The number of the row above that decides this one, if there is one.
    pub(super) below: Option<usize>,
}

/// Everything that the comparison found.
#[derive(Debug)]
pub(super) struct Comparison {
    /// The bodies that both documents have, or only theirs.
    pub(super) roots: Vec<Root>,
    /// What they have.
    pub(super) theirs: Vec<Row>,
    /// What we have.
    pub(super) ours: Vec<Row>,
    /// Reasons that excuse nothing.
    pub(super) stale: Vec<Problem>,
}

/// Compares all bodies and parameters of `theirs` with those of `ours`.
///
/// # Errors
///
/// Returns the problems that make a document impossible to compare: it has no operation, a
/// reference leads nowhere, or a path does not end.
pub(super) fn compare(
    ours: &Document,
    theirs: &Document,
    reasons: &Reasons,
) -> Result<Comparison, Vec<Problem>> {
    let surfaces = Surface::new(ours).and_then(|ours| Ok((ours, Surface::new(theirs)?)));
    let (our_surface, their_surface) = surfaces.map_err(|problem| vec![problem])?;
    let mut sides = Sides {
        ours: (ours, our_surface),
        theirs: (theirs, their_surface),
        ledger: Ledger::new(reasons),
        broken: Vec::new(),
        found: Comparison { roots: vec![], theirs: vec![], ours: vec![], stale: vec![] },
    };
    for root in Root::ALL {
        sides.root(root).map_err(|problem| vec![problem])?;
    }
    sides.finish()
}

struct Sides<'a, 'b, 'r> {
    ours: (&'a Document, Surface<'a>),
    theirs: (&'b Document, Surface<'b>),
    ledger: Ledger<'r>,
    broken: Vec<Problem>,
    found: Comparison,
}

impl Sides<'_, '_, '_> {
    fn root(&mut self, root: Root) -> Result<(), Problem> {
        let theirs = self.theirs.1.body(root, &mut self.broken);
        let parameters = self.theirs.1.parameters(root);
        let our_parameters = self.ours.1.parameters(root);
        if theirs.is_none() && parameters.is_empty() {
            return Ok(());
        }
        let theirs = theirs.unwrap_or_default();
        let ours = self.ours.1.body(root, &mut self.broken);
        let documents = (self.theirs.0, self.ours.0);
        let visits = walk(documents, &theirs, ours.as_ref(), &mut self.broken)?;
        self.their_rows(root, &visits);
        self.their_parameters(root, &parameters, &our_parameters);

        let ours = ours.unwrap_or_default();
        let documents = (self.ours.0, self.theirs.0);
        let visits = walk(documents, &ours, Some(&theirs), &mut self.broken)?;
        our_rows(root, &visits, &mut self.found.ours);
        our_extra_parameters(root, &our_parameters, &parameters, &mut self.found.ours);
        self.found.roots.push(root);
        Ok(())
    }

    fn finish(mut self) -> Result<Comparison, Vec<Problem>> {
        if !self.broken.is_empty() {
            problem::sort(&mut self.broken);
            return Err(self.broken);
        }
        if self.found.roots.is_empty() {
            return Err(vec![nothing_to_compare(self.theirs.0)]);
        }
        self.found.stale = self.ledger.stale(&self.theirs.0.path);
        Ok(self.found)
    }

    fn their_rows(&mut self, root: Root, visits: &[Visit<'_, '_>]) {
        let mut fates: Vec<Fate> = Vec::new();
        for visit in visits {
            let above = visit.parent.and_then(|parent| fates.get(parent)).copied();
            let status = self.path_status(root, visit, above);
            let below = above.filter(|above| above.status == status && status != Status::Have);
            let row = self.found.theirs.len();
            fates.push(Fate { status, top: below.map_or(row, |above| above.top) });
            let below = below.map(|above| above.top);
            self.found.theirs.push(Row { below, ..path_row(root, visit, status) });
            self.their_values(root, visit, Fate { status, top: below.unwrap_or(row) });
        }
    }

    /// A reason for a path also excuses everything below the path.
    fn path_status(&mut self, root: Root, visit: &Visit<'_, '_>, above: Option<Fate>) -> Status {
        let missing = visit.there.is_none();
        let subject = Subject { root, path: &visit.path, is_parameter: false, value: None };
        let reason = self.ledger.note(&subject, missing);
        match (missing, above.map(|above| above.status), reason) {
            (false, ..) => Status::Have,
            (true, Some(Status::LeftOut(reason)), _) | (true, _, Some(reason)) => {
                Status::LeftOut(reason)
            }
            _ => Status::Missing,
        }
    }

    fn their_values(&mut self, root: Root, visit: &Visit<'_, '_>, fate: Fate) {
        for value in visit.here.allowed() {
            let known = visit.there.as_ref().is_some_and(|there| is_known(there, &value.text));
            let subject =
                Subject { root, path: &visit.path, is_parameter: false, value: Some(&value.text) };
            let reason = self.ledger.note(&subject, !known);
            let (status, below) = match (fate.status, known, reason) {
                (Status::Have, true, _) => (Status::Have, None),
                (Status::Have, false, Some(reason)) => (Status::LeftOut(reason), None),
                (Status::Have, false, None) => (Status::Missing, None),
                (status, ..) => (status, Some(fate.top)),
            };
            let row = value_row(root, visit, &value, status);
            self.found.theirs.push(Row { below, ..row });
        }
    }

    fn their_parameters(&mut self, root: Root, theirs: &[Parameter<'_>], ours: &[Parameter<'_>]) {
        for parameter in theirs {
            let same = ours.iter().find(|ours| ours.key == parameter.key);
            let (status, values) = match same {
                Some(same) => self.parameter_values(root, parameter, same),
                None => (self.parameter_status(root, parameter.name, None, true), Vec::new()),
            };
            if same.is_some() {
                self.parameter_status(root, parameter.name, None, false);
            }
            let row = parameter_row(root, parameter, status);
            self.found.theirs.push(Row { values, ..row });
        }
    }

    /// Returns the values that only they allow, and the worst status among them.
    fn parameter_values(
        &mut self,
        root: Root,
        theirs: &Parameter<'_>,
        ours: &Parameter<'_>,
    ) -> (Status, Vec<String>) {
        let known = merged_parameter(self.ours.0, ours);
        let mut worst = (Status::Have, Vec::new());
        for value in merged_parameter(self.theirs.0, theirs).allowed() {
            let missing = !is_known(&known, &value.text);
            let status = self.parameter_status(root, theirs.name, Some(&value.text), missing);
            if status > worst.0 {
                worst = (status, Vec::new());
            }
            if status == worst.0 && status != Status::Have {
                worst.1.push(value.text);
            }
        }
        worst
    }

    fn parameter_status(
        &mut self,
        root: Root,
        name: &str,
        value: Option<&str>,
        missing: bool,
    ) -> Status {
        let subject = Subject { root, path: name, is_parameter: true, value };
        match (missing, self.ledger.note(&subject, missing)) {
            (false, _) => Status::Have,
            (true, Some(reason)) => Status::LeftOut(reason),
            (true, None) => Status::Missing,
        }
    }
}

fn nothing_to_compare(theirs: &Document) -> Problem {
    Problem::error("no-body", "the chat operations have neither bodies nor parameters")
        .why("there is nothing to compare")
        .fix("give a document with request and response bodies")
        .at(&theirs.nearest("/paths"))
}

/// Returns the status of a path, and the row in which that status began.
#[derive(Clone, Copy)]
struct Fate {
    status: Status,
    top: usize,
}

/// Finds what only we have, except where they allow any value.
fn our_rows(root: Root, visits: &[Visit<'_, '_>], rows: &mut Vec<Row>) {
    let mut fates: Vec<Fate> = Vec::new();
    for visit in visits {
        let status = if visit.there.is_some() { Status::Have } else { Status::Extension };
        let above = visit.parent.and_then(|parent| fates.get(parent)).copied();
        let below = above.filter(|above| above.status == status && status != Status::Have);
        let row = rows.len();
        let below = below.map(|above| above.top);
        fates.push(Fate { status, top: below.unwrap_or(row) });
        if status == Status::Extension && visit.free_there {
            continue;
        }
        let services = services(visit);
        rows.push(Row { below, services, ..path_row(root, visit, status) });
        our_values(root, visit, below.unwrap_or(row), rows);
    }
}

fn our_values(root: Root, visit: &Visit<'_, '_>, top: usize, rows: &mut Vec<Row>) {
    let theirs = visit.there.as_ref().map(Merged::allowed);
    for value in visit.here.allowed() {
        let (status, below) = match &theirs {
            None => (Status::Extension, Some(top)),
            // If they list no values, they allow all of ours.
            Some(theirs) if theirs.is_empty() => (Status::Have, None),
            Some(theirs) if theirs.iter().any(|their| their.text == value.text) => {
                (Status::Have, None)
            }
            Some(_) => (Status::Extension, None),
        };
        rows.push(Row { below, ..value_row(root, visit, &value, status) });
    }
}

fn our_extra_parameters(
    root: Root,
    ours: &[Parameter<'_>],
    theirs: &[Parameter<'_>],
    rows: &mut Vec<Row>,
) {
    let extra = ours.iter().filter(|ours| theirs.iter().all(|theirs| theirs.key != ours.key));
    rows.extend(extra.map(|parameter| parameter_row(root, parameter, Status::Extension)));
}

/// Whether a value is listed. Both truth values always are.
fn is_known(there: &Merged<'_>, text: &str) -> bool {
    let is_truth = matches!(text, "true" | "false") && there.is_type("boolean");
    is_truth || there.allowed().iter().any(|allowed| allowed.text == text)
}

fn merged_parameter<'a>(document: &'a Document, parameter: &Parameter<'a>) -> Merged<'a> {
    let schema: Vec<_> = parameter.node.get("schema").into_iter().collect();
    Merged::new(document, &schema, &mut Vec::new())
}

fn path_row(root: Root, visit: &Visit<'_, '_>, status: Status) -> Row {
    let kind = if visit.written.is_empty() { Kind::Element } else { Kind::Property };
    Row {
        root,
        kind,
        path: visit.path.clone(),
        values: Vec::new(),
        status,
        written: visit.written.iter().map(|at| (*at).clone()).collect(),
        at: visit.at.clone(),
        services: Vec::new(),
        below: None,
    }
}

fn value_row(root: Root, visit: &Visit<'_, '_>, value: &Allowed<'_>, status: Status) -> Row {
    Row {
        kind: Kind::Value,
        values: vec![value.text.clone()],
        written: vec![value.written.clone()],
        at: value.written.clone(),
        ..path_row(root, visit, status)
    }
}

fn parameter_row(root: Root, parameter: &Parameter<'_>, status: Status) -> Row {
    Row {
        root,
        kind: Kind::Parameter,
        path: parameter.name.to_owned(),
        values: Vec::new(),
        status,
        written: vec![parameter.node.at.clone()],
        at: parameter.node.at.clone(),
        services: Vec::new(),
        below: None,
    }
}

/// The `x-services` of a property, or of the schema if several are merged.
fn services(visit: &Visit<'_, '_>) -> Vec<String> {
    let lists = visit.sites.iter().filter_map(|site| site.schema.get("x-services"));
    let names = lists.flat_map(Node::items).filter_map(Node::as_str);
    let mut names: Vec<_> = names.map(str::to_owned).collect();
    names.sort();
    names.dedup();
    names
}
