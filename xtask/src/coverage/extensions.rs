//! Finds what only our document has, and whether theirs had it when its state was recorded.
//! [`super::compare`] finds what only theirs has.

use crate::surface::{Facts, Merged, Parameter, Root, State, Visit};

use super::rows::{Row, Status, services};

/// The state of their document when it was recorded.
#[derive(Clone, Copy, Debug)]
pub(super) struct Recorded<'r> {
    state: Option<&'r State>,
}

impl<'r> Recorded<'r> {
    pub(super) fn new(state: Option<&'r State>) -> Self {
        Self { state }
    }

    pub(super) fn operation(&self, key: &str) -> Status {
        status(self.state.is_some_and(|state| state.operations.contains_key(key)))
    }

    fn parameter(&self, root: Root, key: &str) -> Status {
        let operation = root.operation_key();
        let state = self.state.zip(operation);
        let operation = state.and_then(|(state, operation)| state.operations.get(&operation));
        status(operation.is_some_and(|operation| operation.parameters.contains_key(key)))
    }

    fn path(&self, root: Root, path: &str) -> Status {
        let body = self.state.and_then(|state| state.bodies.get(&root));
        status(body.is_some_and(|body| body.contains_key(path)))
    }

    fn value(&self, root: Root, path: &str, value: &str) -> Status {
        let body = self.state.and_then(|state| state.bodies.get(&root));
        let arms = body.and_then(|body| body.get(path));
        status(arms.is_some_and(|arms| Facts::merged(arms).values.contains(value)))
    }
}

fn status(was_theirs: bool) -> Status {
    if was_theirs { Status::Removed } else { Status::Extension }
}

/// The status of a path, the row in which that status began, and whether a service above is named.
#[derive(Clone, Copy)]
struct Fate {
    status: Status,
    top: usize,
    is_named: bool,
}

/// Finds what only we have, except where they allow any value.
pub(super) fn of_body(
    root: Root,
    visits: &[Visit<'_, '_>],
    recorded: &Recorded<'_>,
    rows: &mut Vec<Row>,
) {
    let mut fates: Vec<Fate> = Vec::new();
    for visit in visits {
        let services = services(visit);
        let above = visit.parent.and_then(|parent| fates.get(parent)).copied();
        let is_named = !services.is_empty() || above.is_some_and(|above| above.is_named);
        let status = match (&visit.there, is_named) {
            (Some(_), _) => Status::Have,
            (None, true) => Status::Extension,
            (None, false) => recorded.path(root, &visit.path),
        };
        let below = above.filter(|above| above.status == status && status != Status::Have);
        let below = below.map(|above| above.top);
        let row = rows.len();
        fates.push(Fate { status, top: below.unwrap_or(row), is_named });
        if status != Status::Have && visit.free_there {
            continue;
        }
        rows.push(Row { below, services, ..Row::of_path(root, visit, status) });
        values(root, visit, Fate { status, top: below.unwrap_or(row), is_named }, recorded, rows);
    }
}

fn values(
    root: Root,
    visit: &Visit<'_, '_>,
    fate: Fate,
    recorded: &Recorded<'_>,
    rows: &mut Vec<Row>,
) {
    let theirs = visit.there.as_ref().map(Merged::allowed);
    for value in visit.here.allowed() {
        let (status, below) = match &theirs {
            None => (fate.status, Some(fate.top)),
            // If they list no values, they allow all of ours.
            Some(theirs) if theirs.is_empty() => (Status::Have, None),
            Some(theirs) if theirs.iter().any(|their| their.text == value.text) => {
                (Status::Have, None)
            }
            Some(_) => (recorded.value(root, &visit.path, &value.text), None),
        };
        rows.push(Row { below, ..Row::of_value(root, visit, &value, status) });
    }
}

/// Finds the parameters that only we have.
pub(super) fn of_parameters(
    root: Root,
    ours: &[Parameter<'_>],
    theirs: &[Parameter<'_>],
    recorded: &Recorded<'_>,
    rows: &mut Vec<Row>,
) {
    let extra = ours.iter().filter(|ours| theirs.iter().all(|theirs| theirs.key != ours.key));
    let row =
        |ours: &Parameter<'_>| Row::of_parameter(root, ours, recorded.parameter(root, &ours.key));
    rows.extend(extra.map(row));
}
