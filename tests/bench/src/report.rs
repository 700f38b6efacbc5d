//! Prints figures as a table for people and as rows for programs. [`crate::measure`] measures them.

use std::fmt::Write as _;
use std::io;
use std::path::Path;

use serde_json::json;

use crate::measure::Row;

/// One table for one bench, load and read.
pub fn table(rows: &[Row]) -> String {
    let mut text = String::new();
    let Some(first) = rows.first() else { return text };
    let _ = writeln!(text, "\n{} · {} · reads of {}", first.bench, first.load, first.read);
    let _ = writeln!(
        text,
        "{:<36} {:>12} {:>9} {:>14} {:>10} {:>12} {:>12}",
        "", "ns/event", "x floor", "x async-openai", "allocs/ev", "bytes/ev", "instr/ev"
    );
    for row in rows {
        let faster =
            row.to_async_openai.map_or("-".to_owned(), |ratio| format!("{:.1}", 1.0 / ratio));
        let instructions = row.instructions.map_or("-".to_owned(), |count| format!("{count:.0}"));
        let _ = writeln!(
            text,
            "{:<36} {:>12.1} {:>9.2} {:>14} {:>10.2} {:>12.0} {:>12}",
            row.contender,
            row.nanoseconds,
            row.to_floor,
            faster,
            row.allocations,
            row.bytes,
            instructions
        );
    }
    text
}

/// All rows as one JSON list.
pub fn write_json(path: &Path, rows: &[Row]) -> io::Result<()> {
    let rows: Vec<_> = rows
        .iter()
        .map(|row| {
            json!({
                "bench": row.bench,
                "load": row.load,
                "read": row.read,
                "contender": row.contender,
                "ns_per_event": row.nanoseconds,
                "ratio_to_floor": row.to_floor,
                "ratio_to_async_openai": row.to_async_openai,
                "allocs_per_event": row.allocations,
                "bytes_per_event": row.bytes,
                "instructions_per_event": row.instructions,
            })
        })
        .collect();
    std::fs::write(path, serde_json::to_string_pretty(&rows)? + "\n")
}
