//! `chatwire probe`: runs the cases of `chatwire-probe` against a server. [`compare`] shows reports side by side.

mod compare;
mod progress;

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use chatwire_probe::report::{Look, write_badge, write_html, write_junit, write_text};
use chatwire_probe::{Level, Probe, Report, cases};

use crate::args::{FailOn, ProbeArgs, ProbeCommand};
use crate::failure::Failure;
use crate::runtime;
use progress::Progress;

pub(crate) fn run(args: &ProbeArgs) -> Result<(), Failure> {
    if let Some(ProbeCommand::Compare(args)) = &args.command {
        return compare::run(args);
    }
    check_names(&args.only)?;
    if args.list {
        return list(args);
    }
    let probe = probe(args)?;
    let estimate = probe.estimate();
    // If stderr is closed, nobody wants to know.
    let _ = writeln!(
        io::stderr(),
        "probing {}: {} cases, at most {} requests and {} tokens of answers",
        probe.base_url(),
        estimate.cases,
        estimate.requests,
        estimate.tokens
    );
    let progress = Progress::start(estimate.cases);
    let work = async {
        let mut on_result = |result: &_| progress.show(result);
        probe.run(&mut on_result).await.map_err(|error| Failure::new(error.to_string()))
    };
    let report = runtime::new()?.block_on(runtime::until_interrupted(work));
    progress.finish();
    let report = report?;
    write_files(args, &report)?;
    print(args, &report)?;
    match level(args.fail_on) {
        Some(level) if report.fails(level) => Err(Failure::Reported),
        _ => Ok(()),
    }
}

fn probe(args: &ProbeArgs) -> Result<Probe, Failure> {
    let base_url = args.base_url.clone().or_else(|| variable("OPENAI_BASE_URL"));
    let base_url = base_url.ok_or_else(|| {
        Failure::usage(
            "there is no server to probe; give --base-url, such as http://127.0.0.1:8080/v1",
        )
    })?;
    let mut probe = Probe::new(&base_url).map_err(|error| Failure::usage(error.to_string()))?;
    if let Some(key) = args.api_key.clone().or_else(|| variable("OPENAI_API_KEY")) {
        probe = probe.api_key(header_value("the key", &key)?);
    }
    for (name, value) in &args.header {
        probe = probe.header(name, header_value("the header", value)?);
    }
    if let Some(model) = &args.model {
        probe = probe.model(model);
    }
    if !args.only.is_empty() {
        probe = probe.only(&args.only);
    }
    if let Some(budget) = args.budget {
        probe = probe.budget(budget);
    }
    let probe = probe.allow_store(args.allow_store).allow_large(args.allow_large);
    Ok(probe.timeout(args.timeout.into()))
}

/// A name that is wrong would leave cases out without a word.
fn check_names(only: &[String]) -> Result<(), Failure> {
    let cases = cases().map_err(|error| Failure::new(error.to_string()))?;
    let is_known = |name: &str| cases.iter().any(|case| case.group() == name || case.id() == name);
    match only.iter().find(|name| !is_known(name)) {
        None => Ok(()),
        Some(name) => Err(Failure::usage(format!(
            "--only {name}: no group and no case has this name; `chatwire probe --list` shows all"
        ))),
    }
}

/// An empty variable counts as unset, because many shells cannot unset one.
fn variable(name: &str) -> Option<String> {
    let value = std::env::var_os(name)?.to_string_lossy().trim().to_owned();
    (!value.is_empty()).then_some(value)
}

/// A line end would begin another header.
fn header_value(what: &str, value: &str) -> Result<String, Failure> {
    match value.trim() {
        value if value.chars().any(char::is_control) => Err(Failure::usage(format!(
            "{what} has a control character; is there a line end in it?"
        ))),
        value => Ok(value.to_owned()),
    }
}

fn level(fail_on: FailOn) -> Option<Level> {
    match fail_on {
        FailOn::Must => Some(Level::Must),
        FailOn::Should => Some(Level::Should),
        FailOn::May => Some(Level::May),
        FailOn::Never => None,
    }
}

fn list(args: &ProbeArgs) -> Result<(), Failure> {
    let cases = cases().map_err(|error| Failure::new(error.to_string()))?;
    let mut out = BufWriter::new(io::stdout().lock());
    let is_named = |name: &str| args.only.is_empty() || args.only.iter().any(|only| only == name);
    for case in cases.iter().filter(|case| is_named(case.group()) || is_named(case.id())) {
        writeln!(out, "{:6}  {}/{}  {}", case.level(), case.group(), case.id(), case.title())?;
    }
    Ok(out.flush()?)
}

fn print(args: &ProbeArgs, report: &Report) -> Result<(), Failure> {
    let mut out = BufWriter::new(io::stdout().lock());
    if args.json {
        serde_json::to_writer_pretty(&mut out, report).map_err(io::Error::from)?;
        writeln!(out)?;
    } else {
        let look = Look { coloured: console::colors_enabled(), verbose: args.verbose };
        write_text(report, look, &mut out)?;
    }
    Ok(out.flush()?)
}

fn write_files(args: &ProbeArgs, report: &Report) -> Result<(), Failure> {
    if let Some(path) = &args.junit {
        to_file(path, &|out| write_junit(report, out))?;
    }
    if let Some(path) = &args.html {
        to_file(path, &|out| write_html(report, out))?;
    }
    if let Some(path) = &args.badge {
        to_file(path, &|out| write_badge(report, out))?;
    }
    Ok(())
}

/// Writes a file whole.
fn to_file(path: &Path, write: &dyn Fn(&mut dyn Write) -> io::Result<()>) -> Result<(), Failure> {
    let written = File::create(path).and_then(|file| {
        let mut out = BufWriter::new(file);
        write(&mut out)?;
        out.flush()
    });
    written.map_err(|error| Failure::new(format!("{} cannot be written: {error}", path.display())))
}
