//! `chatwire probe compare`: shows reports side by side. The command of the [module above](super) makes them.

use std::fs;
use std::io::{self, BufWriter, Write as _};
use std::path::Path;

use chatwire_probe::Report;
use chatwire_probe::report::{write_matrix, write_matrix_html};

use super::to_file;
use crate::args::CompareArgs;
use crate::failure::Failure;

pub(super) fn run(args: &CompareArgs) -> Result<(), Failure> {
    let reports = args.reports.iter().map(|path| read(path)).collect::<Result<Vec<_>, _>>()?;
    if let Some(path) = &args.html {
        to_file(path, &|out| write_matrix_html(&reports, args.differences, out))?;
    }
    let mut out = BufWriter::new(io::stdout().lock());
    write_matrix(&reports, args.differences, &mut out)?;
    Ok(out.flush()?)
}

fn read(path: &Path) -> Result<Report, Failure> {
    let shown = path.display();
    let text = fs::read_to_string(path)
        .map_err(|error| Failure::new(format!("{shown} cannot be read: {error}")))?;
    serde_json::from_str(&text).map_err(|error| {
        Failure::new(format!(
            "{shown}:{}:{} is not a report: {error}; make one with `chatwire probe --json`",
            error.line(),
            error.column()
        ))
    })
}
