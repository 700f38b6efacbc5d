//! Gives `cargo xtask new` bad documents and overlays: each of the folder, and large ones that are made here. Each
//! must end in one clear error with a place, without a panic, and with nothing written. `robust.rs` damages a
//! sound document at random.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test has no other way to say so, and may write files"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use syn::visit_mut::VisitMut;
use tempfile::TempDir;

/// A document that the overlays are for.
const SOUND: &str = "\
openapi: 3.0.3
info: {title: A, version: '1'}
paths:
  /a:
    get:
      responses: {'200': {description: A., content: {application/json: {schema: {$ref: '#/components/schemas/A'}}}}}
components:
  schemas:
    A: {type: object, properties: {a: {type: string}}}
";
/// The most processor time for one document, in seconds.
const LONGEST: u32 = 60;
/// The most memory for one document, in KiB of address space.
const MEMORY: u32 = 1024 * 1024;

/// What the command printed, without colours, and its exit code.
struct Run {
    text: String,
    code: Option<i32>,
    folder: TempDir,
}

/// Runs `new` with files in a folder of its own.
fn new(files: &[(&str, &[u8])]) -> Run {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    let mut words = vec!["new", "bad", "--bindings", "bindings.toml", "--spec"];
    words.extend(files.iter().map(|(name, _)| *name).take(1));
    if let Some((overlay, _)) = files.get(1) {
        words.extend(["--overlay", overlay]);
    }
    // The shell sets the limits for the command alone, and a command beyond them has no exit code.
    let mut command = Command::new("sh");
    command.args(["-c", &format!("ulimit -t {LONGEST}; ulimit -v {MEMORY}; exec \"$@\""), "sh"]);
    command.arg(env!("CARGO_BIN_EXE_xtask")).args(words).current_dir(folder.path());
    let output = command.output().unwrap();
    let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    Run { text, code: output.status.code(), folder }
}

impl Run {
    /// The first line, if the command refused its files as it should.
    fn refusal(&self, files: usize) -> Result<String, String> {
        let first = self.text.lines().next().unwrap_or_default().to_owned();
        let place = first.split(' ').next().unwrap_or_default();
        let steps: Vec<&str> = place.trim_end_matches(':').rsplitn(3, ':').collect();
        let has_place =
            steps.len() == 3 && steps.iter().take(2).all(|step| step.parse::<u32>().is_ok());
        let written = fs::read_dir(self.folder.path()).unwrap().count() - files;
        let faults = [
            (self.code != Some(1), "another exit code than 1"),
            (!has_place, "no place"),
            (!first.contains(": error["), "no rule"),
            (self.text.contains("panicked"), "a panic"),
            (self.text.contains(is_unsafe), "characters that mislead"),
            (written > 0, "files were written"),
        ];
        match faults.iter().find(|(is_fault, _)| *is_fault) {
            Some((_, fault)) => Err(format!("{fault} {:?}: {}", self.code, self.text)),
            None => Ok(first),
        }
    }
}

fn is_unsafe(character: char) -> bool {
    character != '\n' && xtask::names::is_unsafe_in_text(character)
}

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bad_documents");
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_none_or(|extension| extension != "snap"));
    paths.sort();
    paths
}

#[test]
fn each_is_refused_with_one_clear_error() {
    let mut lines = String::new();
    let mut faults = Vec::new();
    for path in cases() {
        let name = path.file_name().unwrap().to_str().unwrap();
        let bytes = fs::read(&path).unwrap();
        let overlay = [("a.yaml", SOUND.as_bytes()), (name, &bytes)];
        let document = [(name, bytes.as_slice())];
        let files = if name.starts_with("overlay-") { &overlay[..] } else { &document[..] };
        match new(files).refusal(files.len()) {
            Ok(line) => lines.push_str(&format!("{line}\n")),
            Err(fault) => faults.push(format!("{name}: {fault}")),
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("bad_documents");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!("errors", lines));
}

/// A document with these schemas, and what is before them.
fn with_schemas(before: &str, schemas: &str) -> String {
    let (head, _) = SOUND.split_once("components:").unwrap();
    format!("{head}{before}components:\n  schemas:\n{schemas}")
}

#[test]
#[ignore = "takes a quarter of a minute; `.ci/run` runs it"]
fn large_ones_are_refused_in_bounded_time_and_memory() {
    let deep =
        |open: &str, close: &str| format!("{}{}", open.repeat(100_000), close.repeat(100_000));
    let laughs = (1..30).map(|level| {
        let all = format!("*l{}, ", level - 1).repeat(9);
        format!("x-{level}: &l{level} [{all}*l{}]\n", level - 1)
    });
    let many =
        |what: &dyn Fn(usize) -> String, count: usize| (0..count).map(what).collect::<String>();
    let cases = [
        ("yaml-syntax", deep("[", "]")),
        ("too-deep", format!("a: {}", deep("{a: ", "}"))),
        ("too-deep", deep("- ", "")),
        ("too-large", format!("x-0: &l0 [a]\n{}", laughs.collect::<String>())),
        (
            "too-large",
            with_schemas(
                "",
                &format!(
                    "    A:\n      type: object\n      properties:\n{}",
                    many(&|number| format!("        p{number}: {{type: string}}\n"), 100_000)
                ),
            ),
        ),
        ("yaml-syntax", format!("openapi: 3.0.3\ninfo: '{}\n", "x".repeat(10 << 20))),
        (
            "dangling-ref",
            with_schemas(
                "",
                &many(
                    &|number| {
                        format!("    S{number}: {{$ref: '#/components/schemas/S{}'}}\n", number + 1)
                    },
                    5_000,
                ),
            ),
        ),
        // A circle of unions.
        (
            "too-large",
            with_schemas(
                "",
                &format!(
                    "{}    A: {{type: object}}\n",
                    many(
                        &|number| {
                            format!(
                                "    U{number}: {{anyOf: [{{$ref: '#/components/schemas/U{}'}}, {{$ref: '#/components/schemas/U{}'}}]}}\n",
                                (number + 1) % 60,
                                (number + 7) % 60
                            )
                        },
                        60
                    )
                ),
            ),
        ),
        ("duplicate-key", format!("openapi: 3.0.3\n{}", "info: {}\n".repeat(20_000))),
    ];
    for (rule, text) in cases {
        let run = new(&[("large.yaml", text.as_bytes())]);
        let line = run.refusal(1).unwrap_or_else(|fault| format!("{rule}: {}", cut(&fault)));
        assert!(line.contains(&format!("error[{rule}]")), "{rule}: {}", cut(&line));
    }
}

fn cut(text: &str) -> String {
    text.chars().take(600).collect()
}

#[test]
#[ignore = "takes a quarter of a minute; `.ci/run` runs it"]
fn large_ones_that_are_sound_take_bounded_time_and_memory() {
    let many =
        |what: &dyn Fn(usize) -> String, count: usize| (0..count).map(what).collect::<String>();
    let texts = [
        // An enum of 16,000 values.
        with_schemas(
            "",
            &format!(
                "    A:\n      type: string\n      enum:\n{}",
                many(&|number| format!("      - v{number}\n"), 16_000)
            ),
        ),
        // Ten megabytes of text.
        with_schemas(
            "",
            &format!("    A: {{type: object, description: '{}'}}\n", "word ".repeat(2 << 20)),
        ),
    ];
    for text in texts {
        let run = new(&[("large.yaml", text.as_bytes())]);
        assert_eq!(run.code, Some(0), "{}", cut(&run.text));
    }
}

/// Text of a document that would become code if it were not escaped everywhere.
const HOSTILE: &str = "x\\\"] */ }\\n}\\npub fn injected() {}\\n//! \\u0000\\u202e{0}{}#\\\"#\\\\";

#[test]
fn text_never_becomes_code() {
    let text = include_str!("hostile.yaml").replace("HOSTILE", HOSTILE);
    let run = new(&[("a\u{202e}b\u{2028}.yaml", text.as_bytes())]);
    assert_eq!(run.code, Some(0), "{}", run.text);
    let mut files = Vec::new();
    rust_files(&run.folder.path().join("crates"), &mut files);
    assert!(files.len() > 8, "{files:?}");
    for path in files {
        let code = fs::read_to_string(&path).unwrap();
        assert!(!code.contains(is_unsafe), "{}", path.display());
        let mut file = syn::parse_file(&code).unwrap();
        let mut names = Names::default();
        names.visit_file_mut(&mut file);
        assert!(!names.injected, "{}", path.display());
    }
    for name in ["bad-types", "bad-client"] {
        let manifest = run.folder.path().join("crates").join(name).join("Cargo.toml");
        let manifest: toml::Table = fs::read_to_string(manifest).unwrap().parse().unwrap();
        let keys: Vec<&str> = manifest.keys().map(String::as_str).collect();
        assert_eq!(keys, ["dependencies", "features", "lints", "package"]);
    }
}

/// Looks for the function of [`HOSTILE`].
#[derive(Default)]
struct Names {
    injected: bool,
}

impl VisitMut for Names {
    fn visit_signature_mut(&mut self, signature: &mut syn::Signature) {
        self.injected |= signature.ident == "injected";
    }
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => rust_files(&path, found),
            false if path.extension().is_some_and(|extension| extension == "rs") => {
                found.push(path);
            }
            false => {}
        }
    }
}
