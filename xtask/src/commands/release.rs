//! `cargo xtask release`: writes the changelog and the version of a release. [`crate::release`] plans
//! it.

use std::io::Write;
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use jiff::civil::Date;
use semver::Version;

use super::Verdict;
use crate::changes::{Bump, Bumps};
use crate::problem::Failure;
use crate::release::{self, Order};
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
    /// The bump of the wire that the report of the document demands
    #[arg(long, value_name = "BUMP", default_value = "none", value_parser = bump_parser())]
    wire: Bump,
    /// The bump of the types that the report of the document demands
    #[arg(long, value_name = "BUMP", default_value = "none", value_parser = bump_parser())]
    types: Bump,
    /// The bump of the client that the report of the document demands
    #[arg(long, value_name = "BUMP", default_value = "none", value_parser = bump_parser())]
    client: Bump,
}

/// Releases, and prints to `out` what happens to each file.
///
/// # Errors
///
/// [`Failure::Problems`] if the release is refused, and [`Failure::Io`] if a file cannot be read or
/// written.
pub fn run(args: &Args, out: &mut dyn Write) -> Result<Verdict, Failure> {
    let root = args.root.clone().unwrap_or_else(repository::root);
    let plan = release::plan(&root, &order(args))?;
    let mode = if args.dry_run { Mode::Check } else { Mode::Write };
    let outcomes = plan.carry_out(&root, mode)?;
    plan.render(&outcomes, out)?;
    Ok(Verdict::Clean)
}

fn order(args: &Args) -> Order {
    Order {
        demanded: Bumps { wire: args.wire, types: args.types, client: args.client },
        version: args.version.clone(),
        date: args.date.unwrap_or_else(|| jiff::Zoned::now().date()),
    }
}

fn bump_parser() -> impl TypedValueParser<Value = Bump> {
    let words = PossibleValuesParser::new(Bump::ALL.map(Bump::as_str));
    words.map(|word| Bump::named(&word).unwrap_or_default())
}
