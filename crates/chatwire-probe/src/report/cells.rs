//! Puts the results of several servers side by side. [`matrix`](super::matrix) and [`matrix_html`](super::matrix_html)
//! print them.

use crate::{CaseResult, Level, Report, Verdict};

/// One case with its result on each server; `None` if a report does not have it.
pub(super) struct Row<'a> {
    pub(super) group: &'a str,
    pub(super) id: &'a str,
    pub(super) title: &'a str,
    pub(super) level: Level,
    pub(super) results: Vec<Option<&'a CaseResult>>,
}

impl Row<'_> {
    pub(super) fn verdicts(&self) -> impl Iterator<Item = Option<Verdict>> {
        self.results.iter().map(|result| result.map(|result| result.verdict))
    }

    fn differs(&self) -> bool {
        let mut verdicts = self.verdicts();
        let first = verdicts.next();
        verdicts.any(|verdict| Some(verdict) != first)
    }
}

/// The cases of all reports, in the order in which they first come.
pub(super) fn rows(reports: &[Report], only_differences: bool) -> Vec<Row<'_>> {
    let mut rows: Vec<Row<'_>> = Vec::new();
    for (number, report) in reports.iter().enumerate() {
        for result in &report.results {
            let found = rows.iter().position(|row| row.id == result.id);
            let place = found.unwrap_or_else(|| {
                rows.push(row(result, reports.len()));
                rows.len() - 1
            });
            let cell = rows.get_mut(place).and_then(|row| row.results.get_mut(number));
            if let Some(cell) = cell {
                *cell = Some(result);
            }
        }
    }
    rows.retain(|row| !only_differences || row.differs());
    rows
}

fn row(result: &CaseResult, servers: usize) -> Row<'_> {
    Row {
        group: &result.group,
        id: &result.id,
        title: &result.title,
        level: result.level,
        results: vec![None; servers],
    }
}

/// What a program that moves from the first server to another one has to know: cases that pass only here or only there.
pub(super) fn changes<'a>(rows: &'a [Row<'a>], to: usize) -> (Vec<&'a Row<'a>>, Vec<&'a Row<'a>>) {
    let passes = |row: &Row<'_>, server: usize| {
        row.results.get(server).copied().flatten().map(|result| result.verdict == Verdict::Pass)
    };
    let with = |from: bool, then: bool| {
        let moved =
            move |row: &&Row<'_>| (passes(row, 0), passes(row, to)) == (Some(from), Some(then));
        rows.iter().filter(moved).filter(|row| is_judged(row, to)).collect()
    };
    (with(true, false), with(false, true))
}

/// A case that one of the two did not judge says nothing.
fn is_judged(row: &Row<'_>, to: usize) -> bool {
    let of = |server: usize| row.results.get(server).copied().flatten();
    let judged = |result: Option<&CaseResult>| {
        result.is_some_and(|result| result.verdict != Verdict::Skipped)
    };
    judged(of(0)) && judged(of(to))
}
