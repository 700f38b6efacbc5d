//! Finds the order in which cases run, so that the cases which others need come before them. [`probe`](super::probe)
//! runs them in it, and reports them in the order of their files.

use std::sync::Arc;

use crate::case::Case;

/// The indexes of the cases in the order in which they run.
pub(super) fn order(cases: &[Arc<Case>]) -> Vec<usize> {
    let mut order = Vec::new();
    let mut placed = vec![false; cases.len()];
    for index in 0..cases.len() {
        place(index, cases, &mut placed, &mut order);
    }
    order
}

/// Places the case after those that it needs. A case that needs itself by way of others comes before them.
fn place(index: usize, cases: &[Arc<Case>], placed: &mut [bool], order: &mut Vec<usize>) {
    let (Some(case), Some(is_placed)) = (cases.get(index), placed.get_mut(index)) else { return };
    if std::mem::replace(is_placed, true) {
        return;
    }
    for need in &case.needs {
        if let Some(index) = cases.iter().position(|case| case.id == *need) {
            place(index, cases, placed, order);
        }
    }
    order.push(index);
}

/// Keeps the cases that `is_wanted` accepts, and all that these need.
pub(super) fn keep(cases: &mut Vec<Arc<Case>>, is_wanted: impl Fn(&Case) -> bool) {
    let mut kept: Vec<bool> = cases.iter().map(|case| is_wanted(case)).collect();
    // A case that is needed may need others in turn.
    let mut next: Vec<usize> = (0..cases.len()).filter(|i| kept.get(*i) == Some(&true)).collect();
    while let Some(index) = next.pop() {
        let needs = cases.get(index).map_or(&[][..], |case| &case.needs);
        for need in needs {
            let Some(index) = cases.iter().position(|case| case.id == *need) else { continue };
            if let Some(is_kept) = kept.get_mut(index)
                && !std::mem::replace(is_kept, true)
            {
                next.push(index);
            }
        }
    }
    let mut kept = kept.into_iter();
    cases.retain(|_| kept.next().unwrap_or(false));
}
