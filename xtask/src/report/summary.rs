//! Sums a report up: one verdict and one bump for the wire, the types, the client and the streams.
//! The renderers print the lines, and a change file takes the bumps.

use semver::Version;

use super::item::{Item, Level};
use super::version::{CrateBump, Kind};
use super::{Report, rules};
use crate::changes::{Boundary, Bump, Bumps};

/// The verdict on one boundary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The name of the boundary.
    pub name: &'static str,
    /// What happened to it, in one word.
    pub verdict: &'static str,
    /// How much that matters.
    pub level: Level,
    /// How large the next release must be for it.
    pub bump: Bump,
    /// The version of base, and the lowest one that the release may have. The wire has no version.
    pub versions: Option<[Version; 2]>,
    /// What else makes the release so large.
    pub because_of: Option<String>,
    /// The number of items of each level that occurs, the worst one first.
    pub counts: Vec<(Level, usize)>,
}

/// The line of each boundary. Without the Rust layer there are only wire and stream.
pub fn lines(report: &Report) -> Vec<Line> {
    let wire = of_items("wire", &report.wire);
    let stream = of_items("stream", &report.stream);
    let [types, client] =
        ["chatwire-types", "chatwire-client"].map(|name| named(&report.bumps, name));
    let Some(types) = types else {
        return vec![wire, stream];
    };
    let mut stream = Line { versions: Some(versions(types, stream.bump)), ..stream };
    let code = named(&report.bumps, "chatwire-stream").filter(|_| stream.bump == Bump::None);
    if let Some(code) = code.filter(|code| code.because_of.is_none()) {
        stream = Line { counts: stream.counts, ..of_crate("stream", code, report) };
    }
    let Some(client) = client else {
        return vec![wire, of_crate("types", types, report), stream];
    };
    let mut client = of_crate("client", client, report);
    if stream.bump > client.bump {
        // Streams have no key in change files, and most users read them through the client.
        client = Line {
            verdict: stream.verdict,
            level: stream.level,
            bump: stream.bump,
            versions: stream.versions.clone(),
            because_of: Some("stream".to_owned()),
            ..client
        };
    }
    vec![wire, of_crate("types", types, report), client, stream]
}

/// The bump for each boundary of a change file. Streams count for the client.
pub fn bumps(report: &Report) -> Bumps {
    let mut bumps = Bumps::default();
    let lines = lines(report);
    for boundary in Boundary::ALL {
        let line = lines.iter().find(|line| line.name == boundary.as_str());
        bumps.set(boundary, line.map_or(Bump::None, |line| line.bump));
    }
    bumps
}

/// The number of items of each level that occurs, the worst one first.
fn counts(items: &[&Item]) -> Vec<(Level, usize)> {
    let count = |level| items.iter().filter(|item| item.level == level).count();
    let all = Level::ALL.into_iter().map(|level| (level, count(level)));
    all.filter(|(_, count)| *count > 0).collect()
}

fn of_items(name: &'static str, items: &[Item]) -> Line {
    let worst = items.iter().map(|item| item.level).max().filter(|level| level.is_visible());
    Line {
        name,
        verdict: worst.map_or("none", Level::as_str),
        level: worst.unwrap_or(Level::Documentation),
        bump: worst.map_or(Bump::None, bump),
        versions: None,
        because_of: None,
        counts: counts(&items.iter().collect::<Vec<_>>()),
    }
}

fn bump(level: Level) -> Bump {
    match level {
        Level::Unhandled | Level::Breaking => Bump::Major,
        Level::Compatible => Bump::Minor,
        Level::Generated | Level::Documentation => Bump::None,
    }
}

fn of_crate(name: &'static str, found: &CrateBump, report: &Report) -> Line {
    let is_its =
        |item: &&Item| item.rust.as_ref().is_some_and(|rust| rust.crate_name == found.crate_name);
    let items: Vec<_> = report.rust.iter().filter(is_its).collect();
    let is_unknown = items.iter().any(|item| item.level == Level::Unhandled);
    Line {
        name,
        verdict: if is_unknown { rules::UNKNOWN } else { found.kind.as_str() },
        level: if is_unknown { Level::Unhandled } else { level(found.kind) },
        bump: found.kind.bump(),
        versions: Some([found.current.clone(), found.next.clone()]),
        because_of: found.because_of.clone(),
        counts: counts(&items),
    }
}

fn level(kind: Kind) -> Level {
    match kind {
        Kind::None | Kind::Documentation => Level::Documentation,
        Kind::Code => Level::Generated,
        Kind::Additive => Level::Compatible,
        Kind::Breaking => Level::Breaking,
    }
}

fn versions(of: &CrateBump, bump: Bump) -> [Version; 2] {
    [of.current.clone(), bump.next(&of.current)]
}

fn named<'a>(bumps: &'a [CrateBump], name: &str) -> Option<&'a CrateBump> {
    bumps.iter().find(|bump| bump.role == name)
}

impl Line {
    /// Verdict, bump and reason, such as `additive, 0.1.0 -> 0.1.1`.
    pub fn text(&self) -> String {
        let bump = match (&self.versions, self.bump) {
            (_, Bump::None) => String::new(),
            (Some([current, next]), _) => format!(", {current} -> {next}"),
            (None, bump) => format!(", {bump}"),
        };
        let because = self.because_of.as_ref().map(|name| format!(", because of {name}"));
        format!("{}{bump}{}", self.verdict, because.unwrap_or_default())
    }

    /// The counts, such as `1 breaking, 2 compatible`.
    pub fn counted(&self) -> String {
        let counts = self.counts.iter().map(|(level, count)| format!("{count} {}", level.as_str()));
        counts.collect::<Vec<_>>().join(", ")
    }

    /// The line for programs.
    pub(super) fn to_json(&self) -> serde_json::Value {
        let version = |index: usize| {
            let version = self.versions.as_ref().and_then(|versions| versions.get(index));
            version.map(Version::to_string)
        };
        serde_json::json!({
            "name": self.name,
            "verdict": self.verdict,
            "bump": self.bump.as_str(),
            "current": version(0),
            "next": version(1),
            "because_of": self.because_of,
        })
    }
}
