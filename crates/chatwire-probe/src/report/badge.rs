//! Draws a badge as SVG: how many cases of those that were judged pass. [`html`](super::html) has the details.

use std::io::{self, Write};

use crate::{Level, Report, Verdict};

/// Draws the badge. It is red if a must deviates, yellow if a should does, and green otherwise.
///
/// # Errors
/// Returns an error if `out` fails.
pub fn write_badge(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let passed = report.count(Verdict::Pass);
    let judged = passed + report.count(Verdict::Deviates);
    let text = format!("{passed}/{judged}");
    let colour = match (report.fails(Level::Must), report.fails(Level::Should)) {
        (true, _) => "#b3261e",
        (_, true) => "#8a6100",
        _ => "#1a7f37",
    };
    let left = width(LABEL);
    let right = width(&text);
    let all = left + right;
    writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{all}\" height=\"20\" role=\"img\" \
         aria-label=\"{LABEL}: {text}\">\
         <title>{LABEL}: {text}</title>\
         <clipPath id=\"r\"><rect width=\"{all}\" height=\"20\" rx=\"3\"/></clipPath>\
         <g clip-path=\"url(#r)\"><rect width=\"{left}\" height=\"20\" fill=\"#444\"/>\
         <rect x=\"{left}\" width=\"{right}\" height=\"20\" fill=\"{colour}\"/></g>\
         <g fill=\"#fff\" text-anchor=\"middle\" font-family=\"Verdana,DejaVu Sans,sans-serif\" \
         font-size=\"11\"><text x=\"{}\" y=\"14\">{LABEL}</text>\
         <text x=\"{}\" y=\"14\">{text}</text></g></svg>",
        left / 2,
        left + right / 2
    )
}

const LABEL: &str = "chat completions";

/// The width of a text of this size, with its margins.
fn width(text: &str) -> usize {
    text.len() * 7 + 10
}
