//! `cargo xtask release`: writes the changelog and the version of a release. [`crate::release`] plans
//! it.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::builder::{PossibleValuesParser, TypedValueParser};
use jiff::civil::Date;
use semver::Version;

use super::Verdict;
use crate::changes::{Bump, Bumps};
use crate::problem::{Failure, Problem};
use crate::release::{self, Order};
use crate::report::project::{self, Comparison};
use crate::repository;
use crate::write::Mode;

/// Collect the change files into the changelog, set the version and remove the files
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// Write nothing; print what would be written and removed
    #[arg(long)]
    dry_run: bool,
    /// The version; refused if the change files demand a larger one [default: the smallest that they
    /// allow]
    #[arg(long, value_name = "VERSION")]
    version: Option<Version>,
    /// The date in the changelog [default: today]
    #[arg(long, value_name = "YYYY-MM-DD")]
    date: Option<Date>,
    /// The root of the project [default: the root of the repository]
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
    /// The bump of the wire that the change files must ask for at least [default: what the report says]
    #[arg(long, value_name = "BUMP", value_parser = bump_parser())]
    wire: Option<Bump>,
    /// The bump of the types that the change files must ask for at least [default: what the report says]
    #[arg(long, value_name = "BUMP", value_parser = bump_parser())]
    types: Option<Bump>,
    /// The bump of the client that the change files must ask for at least [default: what the report says]
    #[arg(long, value_name = "BUMP", value_parser = bump_parser())]
    client: Option<Bump>,
}

/// Releases, and prints to `out` what happens to each file.
///
/// # Errors
///
/// [`Failure::Problems`] if the release is refused, and [`Failure::Io`] if a file cannot be read or
/// written.
pub fn run(args: &Args, out: &mut dyn Write) -> Result<Verdict, Failure> {
    let root = args.root.clone().unwrap_or_else(repository::root);
    let plan = release::plan(&root, &order(args, &root)?)?;
    let mode = if args.dry_run { Mode::Check } else { Mode::Write };
    let outcomes = plan.carry_out(&root, mode)?;
    plan.render(&outcomes, out)?;
    Ok(Verdict::Clean)
}

fn order(args: &Args, root: &Path) -> Result<Order, Failure> {
    Ok(Order {
        demanded: demanded(args, root)?,
        version: args.version.clone(),
        date: args.date.unwrap_or_else(|| jiff::Zoned::now().date()),
    })
}

/// The bumps of the command line, and for the others those of the report since the last release. If
/// no tag names a release, only the change files say how large this one is.
fn demanded(args: &Args, root: &Path) -> Result<Bumps, Failure> {
    if let (Some(wire), Some(types), Some(client)) = (args.wire, args.types, args.client) {
        return Ok(Bumps { wire, types, client });
    }
    let found = match project::last_release(root) {
        Some(tag) => {
            let report = Comparison::since(root, &tag).run();
            report.map_err(|failure| no_report(failure, &tag))?.demanded()
        }
        None => Bumps::default(),
    };
    Ok(Bumps {
        wire: args.wire.unwrap_or(found.wire),
        types: args.types.unwrap_or(found.types),
        client: args.client.unwrap_or(found.client),
    })
}

fn no_report(failure: Failure, tag: &str) -> Failure {
    let reason = match failure {
        Failure::Problems(problems) => {
            problems.iter().map(Problem::to_string).collect::<Vec<_>>().join("\n")
        }
        Failure::Io(message) => message,
    };
    Failure::Io(format!(
        "nothing says what changed since {tag}, because the documents cannot be compared; \
         correct them, or set `--wire`, `--types` and `--client`\n{reason}"
    ))
}

fn bump_parser() -> impl TypedValueParser<Value = Bump> {
    let words = PossibleValuesParser::new(Bump::ALL.map(Bump::as_str));
    words.map(|word| Bump::named(&word).unwrap_or_default())
}
