//! Sums up the findings of many files by service. [`text`](super::text) and [`json`](super::json) write
//! the sums.

use std::collections::{BTreeMap, BTreeSet};

use super::{FileReport, Note, NoteKind};

/// The findings in the payloads of one service.
#[derive(Debug, Default)]
pub(super) struct Service<'a> {
    pub(super) name: &'a str,
    pub(super) files: usize,
    pub(super) failed: usize,
    /// How many of its streams ended in each way.
    pub(super) ends: BTreeMap<&'a str, usize>,
    /// Most files first.
    pub(super) findings: Vec<Finding<'a>>,
}

/// One thing that the document does not know, with all places where it was found.
#[derive(Debug)]
pub(super) struct Finding<'a> {
    /// The first note of it.
    pub(super) note: &'a Note,
    /// The file of the first.
    pub(super) path: &'a str,
    pub(super) times: usize,
    pub(super) files: usize,
    pub(super) services: BTreeSet<&'a str>,
}

impl Service<'_> {
    /// Keys and values that the document does not have.
    pub(super) fn unknown(&self) -> Vec<&Finding<'_>> {
        self.findings.iter().filter(|finding| !finding.deviates()).collect()
    }

    /// Keys of the document that the service sends in another shape.
    pub(super) fn deviations(&self) -> Vec<&Finding<'_>> {
        self.findings.iter().filter(|finding| finding.deviates()).collect()
    }
}

impl Finding<'_> {
    pub(super) fn deviates(&self) -> bool {
        self.note.kind == NoteKind::Deviation
    }
}

/// The services, sorted by name.
pub(super) fn services(files: &[FileReport]) -> Vec<Service<'_>> {
    let mut by_name: BTreeMap<&str, Vec<&FileReport>> = BTreeMap::new();
    for file in files {
        by_name.entry(&file.service).or_default().push(file);
    }
    by_name.into_iter().map(|(name, files)| service(name, &files)).collect()
}

fn service<'a>(name: &'a str, files: &[&'a FileReport]) -> Service<'a> {
    let mut ends = BTreeMap::new();
    for end in files.iter().filter_map(|file| file.end.as_ref()) {
        *ends.entry(end.name).or_default() += 1;
    }
    let failed = files.iter().filter(|file| !file.passed()).count();
    let findings = findings(files.iter().copied());
    Service { name, files: files.len(), failed, ends, findings }
}

/// The findings of at least two services, those of most services first.
pub(super) fn widespread(files: &[FileReport]) -> Vec<Finding<'_>> {
    let mut findings = findings(files.iter());
    findings.retain(|finding| finding.services.len() > 1);
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.services.len()));
    findings
}

fn findings<'a>(files: impl Iterator<Item = &'a FileReport>) -> Vec<Finding<'a>> {
    let mut found: BTreeMap<_, Finding<'a>> = BTreeMap::new();
    for file in files {
        for (note, times) in &file.notes {
            let (path, services) = (file.name.as_str(), BTreeSet::new());
            let finding = found.entry(note.thing()).or_insert(Finding {
                note,
                path,
                times: 0,
                files: 0,
                services,
            });
            finding.times += times;
            finding.files += 1;
            finding.services.insert(&file.service);
        }
    }
    let mut findings: Vec<Finding<'a>> = found.into_values().collect();
    findings.sort_by_key(|finding| std::cmp::Reverse((finding.files, finding.times)));
    findings
}
