//! Finds what is wrong in `bindings.toml` beyond its syntax. [`super`] reads the file.

use std::collections::BTreeMap;
use std::path::{Component, Path};

use toml::Spanned;

use super::{File, Raw};
use crate::problem::{Position, Problem};

/// Everything that is wrong, in the order of the file.
pub(super) fn problems(file: &File, path: &str, text: &str) -> Vec<Problem> {
    if file.bindings.is_empty() {
        return vec![
            Problem::error("bindings-empty", "no set of bindings")
                .why("there is nothing to generate")
                .fix("write `[[bindings]]` with `name` and `document`")
                .at(&Position::start_of(path)),
        ];
    }
    let places = Places { path, text };
    let mut problems: Vec<Problem> =
        file.bindings.iter().flat_map(|raw| places.names(raw)).collect();
    problems.extend(file.bindings.iter().flat_map(|raw| places.paths(raw)));
    problems.extend(places.shared(&file.bindings));
    problems
}

struct Places<'a> {
    path: &'a str,
    text: &'a str,
}

impl Places<'_> {
    fn at(&self, value: &Spanned<String>) -> Position {
        Position::at_offset(self.path, self.text, value.span().start)
    }

    fn names(&self, raw: &Raw) -> Vec<Problem> {
        let given = [Some(&raw.name), raw.types.as_ref(), raw.client.as_ref(), raw.stream.as_ref()];
        let bad = given.into_iter().flatten().filter(|name| !is_crate_name(name.get_ref()));
        bad.map(|name| {
            Problem::error("bindings-name", format!("`{}` as a name", name.get_ref()))
                .why("crates and files are called so")
                .fix("write a name of a-z, 0-9 and hyphens that begins with a letter")
                .at(&self.at(name))
        })
        .collect()
    }

    fn paths(&self, raw: &Raw) -> Vec<Problem> {
        let given = [raw.out.as_ref(), raw.lock.as_ref()].into_iter().flatten();
        let bad = given.filter(|path| !is_inside(path.get_ref()));
        bad.map(|path| {
            Problem::error("bindings-path", format!("`{}` leaves the project", path.get_ref()))
                .why("a set of bindings writes only below the folder of this file")
                .fix("write a relative path without `..`")
                .at(&self.at(path))
        })
        .collect()
    }

    /// Names and folders that two sets, or two crates of a set, would share.
    fn shared(&self, sets: &[Raw]) -> Vec<Problem> {
        let mut seen: BTreeMap<(&str, String), &str> = BTreeMap::new();
        let mut problems = Vec::new();
        for raw in sets {
            let layout = raw.layout();
            let mut claims =
                vec![("name", raw.name.get_ref().clone()), ("file", layout.lock.clone())];
            claims.extend(layout.homes().map(|home| ("crate", home.folder.clone())));
            for (kind, claim) in claims {
                let shown = claim.clone();
                if let Some(first) = seen.insert((kind, claim), raw.name.get_ref()) {
                    let what = format!(
                        "the {kind} `{shown}` of `{}` is taken by `{first}`",
                        raw.name.get_ref()
                    );
                    let problem = Problem::error("bindings-shared", what)
                        .why("one would overwrite the other")
                        .fix("choose another name");
                    problems.push(problem.at(&self.at(&raw.name)));
                }
            }
        }
        problems
    }
}

fn is_crate_name(name: &str) -> bool {
    let mut characters = name.chars();
    characters.next().is_some_and(|first| first.is_ascii_lowercase())
        && characters
            .all(|each| each.is_ascii_lowercase() || each.is_ascii_digit() || "-_".contains(each))
}

fn is_inside(path: &str) -> bool {
    let mut steps = Path::new(path).components();
    !path.is_empty() && steps.all(|step| matches!(step, Component::Normal(_) | Component::CurDir))
}
