//! Compares the documents body by body: the paths, values, parameters and facts of theirs.
//! [`super::extensions`] finds what only ours has, and [`super::reasons`] says what is excused.

use std::collections::BTreeSet;

use crate::load::Document;
use crate::problem::{self, Problem};
use crate::surface::{
    Arms, Difference, Fact, Facts, Merged, OperationFacts, Parameter, Root, State, Surface, Visit,
    differences, operations, parameter, position_of, walk,
};

use super::extensions::{self, Recorded};
use super::facts::{Verdict, judge, judge_operation, judge_parameter};
use super::reasons::{Ledger, Reasons};
use super::rows::{Comparison, Row, Status};
use super::subject::Subject;

/// Compares all operations, parameters and bodies of `theirs` with those of `ours`.
///
/// # Errors
///
/// Returns the problems that make a document impossible to compare: it has no operation, a
/// reference leads nowhere, or a path does not end.
pub(super) fn compare(
    ours: &Document,
    theirs: &Document,
    reasons: &Reasons,
    recorded: Option<&State>,
) -> Result<Comparison, Vec<Problem>> {
    let surfaces = Surface::new(ours).and_then(|ours| Ok((ours, Surface::new(theirs)?)));
    let (our_surface, their_surface) = surfaces.map_err(|problem| vec![problem])?;
    let mut sides = Sides {
        ours: (ours, our_surface),
        theirs: (theirs, their_surface),
        ledger: Ledger::new(reasons),
        recorded: Recorded::new(recorded),
        broken: Vec::new(),
        found: Comparison { roots: vec![], theirs: vec![], ours: vec![], stale: vec![] },
    };
    sides.operations();
    for root in Root::ALL {
        sides.root(root).map_err(|problem| vec![problem])?;
    }
    sides.finish()
}

struct Sides<'a, 'b, 'r> {
    ours: (&'a Document, Surface<'a>),
    theirs: (&'b Document, Surface<'b>),
    ledger: Ledger<'r>,
    recorded: Recorded<'r>,
    broken: Vec<Problem>,
    found: Comparison,
}

impl Sides<'_, '_, '_> {
    fn operations(&mut self) {
        let (ours, theirs) = (operations(self.ours.0), operations(self.theirs.0));
        for (key, operation) in &theirs {
            let Some(at) = position_of(self.theirs.0, key) else { continue };
            let same = ours.get(key);
            let status = self.status(&Subject::operation(key), same.is_none());
            let row = Row::of_operation(key, status, &at);
            if let Some(ours) = same {
                self.operation_facts(&row, ours, operation);
            }
            self.found.theirs.push(row);
        }
        for key in ours.keys().filter(|key| !theirs.contains_key(*key)) {
            let Some(at) = position_of(self.ours.0, key) else { continue };
            let status = self.recorded.operation(key);
            self.found.ours.push(Row::of_operation(key, status, &at));
        }
    }

    fn operation_facts(&mut self, row: &Row, ours: &OperationFacts, theirs: &OperationFacts) {
        for difference in ours.differences(theirs) {
            if judge_operation(&difference) == Verdict::Differs {
                let subject = Subject::operation(&row.path).with_fact(difference.fact.as_str());
                let status = self.status(&subject, true);
                self.found.theirs.push(row.clone().with_fact(difference, status));
            }
        }
    }

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
        let (recorded, rows) = (&self.recorded, &mut self.found.ours);
        extensions::of_body(root, &visits, recorded, rows);
        extensions::of_parameters(root, &our_parameters, &parameters, recorded, rows);
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
            self.found.theirs.push(Row { below, ..Row::of_path(root, visit, status) });
            self.their_values(root, visit, Fate { status, top: below.unwrap_or(row) });
            self.their_facts(root, visit);
        }
    }

    /// A reason for a path also excuses everything below the path.
    fn path_status(&mut self, root: Root, visit: &Visit<'_, '_>, above: Option<Fate>) -> Status {
        let missing = visit.there.is_none();
        let reason = self.ledger.note(&Subject::path(root, &visit.path), missing);
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
            let subject = Subject::path(root, &visit.path).with_value(&value.text);
            let reason = self.ledger.note(&subject, !known);
            let (status, below) = match (fate.status, known, reason) {
                (Status::Have, true, _) => (Status::Have, None),
                (Status::Have, false, Some(reason)) => (Status::LeftOut(reason), None),
                (Status::Have, false, None) => (Status::Missing, None),
                (status, ..) => (status, Some(fate.top)),
            };
            let row = Row::of_value(root, visit, &value, status);
            self.found.theirs.push(Row { below, ..row });
        }
    }

    /// Compares what both documents say about a path that both have.
    fn their_facts(&mut self, root: Root, visit: &Visit<'_, '_>) {
        if visit.sites_there.is_empty() {
            return;
        }
        let ours = Facts::of_sites(self.ours.0, &visit.sites_there);
        let theirs = Facts::of_sites(self.theirs.0, &visit.sites);
        for difference in lacking_forms(visit, &ours).chain(differences(&ours, &theirs)) {
            let verdict = judge(&difference, &visit.sites_there);
            let subject = Subject::path(root, &visit.path).with_fact(difference.fact.as_str());
            let mut row = Row::of_path(root, visit, Status::Have);
            if let (Verdict::Wider, Some(ours)) = (verdict, visit.sites_there.first()) {
                row.at = ours.schema.at.clone();
                row.written = vec![row.at.clone()];
            }
            self.fact(row, &subject, difference.clone(), verdict);
        }
    }

    fn fact(&mut self, row: Row, subject: &Subject<'_>, difference: Difference, verdict: Verdict) {
        match verdict {
            Verdict::Fine => {}
            Verdict::Wider => self.found.ours.push(row.with_fact(difference, Status::Extension)),
            Verdict::Differs => {
                let status = self.status(subject, true);
                self.found.theirs.push(row.with_fact(difference, status));
            }
        }
    }

    fn their_parameters(&mut self, root: Root, theirs: &[Parameter<'_>], ours: &[Parameter<'_>]) {
        for parameter in theirs {
            let same = ours.iter().find(|ours| ours.key == parameter.key);
            let (status, values) = match same {
                Some(same) => self.parameter_values(root, parameter, same),
                None => (Status::Missing, Vec::new()),
            };
            let own = self.status(&Subject::parameter(root, parameter.name), same.is_none());
            let status = if same.is_some() { status } else { own };
            let row = Row::of_parameter(root, parameter, status);
            if let Some(same) = same {
                self.parameter_facts(&row, parameter, same);
            }
            self.found.theirs.push(Row { values, ..row });
        }
    }

    fn parameter_facts(&mut self, row: &Row, theirs: &Parameter<'_>, ours: &Parameter<'_>) {
        let of = |document, side: &Parameter<'_>| -> Arms { parameter(document, side.node) };
        for difference in differences(&of(self.ours.0, ours), &of(self.theirs.0, theirs)) {
            let verdict = judge_parameter(&difference);
            let subject = Subject::parameter(row.root, theirs.name);
            let subject = subject.with_fact(difference.fact.as_str());
            self.fact(row.clone(), &subject, difference.clone(), verdict);
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
            let subject = Subject::parameter(root, theirs.name).with_value(&value.text);
            let status = self.status(&subject, missing);
            if status > worst.0 {
                worst = (status, Vec::new());
            }
            if status == worst.0 && status != Status::Have {
                worst.1.push(value.text);
            }
        }
        worst
    }

    fn status(&mut self, subject: &Subject<'_>, missing: bool) -> Status {
        match (missing, self.ledger.note(subject, missing)) {
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

/// The status of a path, and the row in which that status began.
#[derive(Clone, Copy)]
struct Fate {
    status: Status,
    top: usize,
}

/// The forms of the object that have the key in theirs but not in ours.
fn lacking_forms(visit: &Visit<'_, '_>, ours: &Arms) -> impl Iterator<Item = Difference> {
    let theirs = visit.sites.iter().map(|site| &site.arm);
    // A schema without a tag may stand for any form.
    let lacks = |arm: &&String| visit.arms_there.contains(*arm) && !ours.contains_key(*arm);
    let lacking: BTreeSet<_> = theirs.filter(|_| !ours.contains_key("")).filter(lacks).collect();
    let lacking: Vec<_> = lacking.into_iter().cloned().collect();
    let (arm, from, to) = (String::new(), String::new(), lacking.join(","));
    let difference = Difference { arm, fact: Fact::Forms, from, to };
    (!lacking.is_empty()).then_some(difference).into_iter()
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
