//! The frame of an HTML page: its style, light and dark, without a script. [`html`](super::html) and
//! [`matrix_html`](super::matrix_html) fill it.

use std::io::{self, Write};

use super::escape::escaped;

/// Writes a page with this title around a body.
pub(super) fn write_page(
    title: &str,
    body: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let title = escaped(title);
    writeln!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <link rel=\"icon\" href=\"data:,\">\n<title>{title}</title>\n<style>{STYLE}</style>\n\
         </head>\n<body>\n<main>\n<h1>{title}</h1>"
    )?;
    body(out)?;
    writeln!(out, "</main>\n</body>\n</html>")
}

const STYLE: &str = "
:root { color-scheme: light dark; --line: #8885; --soft: #8882; --pass: #1a7f37; --deviates: #b3261e;
  --unsupported: #8a6100; --skipped: #666; }
@media (prefers-color-scheme: dark) {
  :root { --pass: #5fd07e; --deviates: #ff8a80; --unsupported: #e6b84d; --skipped: #aaa; } }
* { box-sizing: border-box; }
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 76rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.5rem; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin-top: 2rem; }
p, li, dd { overflow-wrap: anywhere; }
a { color: inherit; }
.scroll { overflow-x: auto; max-width: 100%; border: 1px solid var(--line); border-radius: 6px; }
.scroll:focus-visible, summary:focus-visible, a:focus-visible { outline: 3px solid #4c8dff; outline-offset: 1px; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .35rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
tr:last-child > * { border-bottom: 0; }
th { font-weight: 600; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
.pass { color: var(--pass); } .deviates { color: var(--deviates); font-weight: 600; }
.unsupported { color: var(--unsupported); } .skipped { color: var(--skipped); }
details { border: 1px solid var(--line); border-radius: 6px; margin: .5rem 0; padding: 0 .8rem; }
summary { cursor: pointer; padding: .5rem 0; overflow-wrap: anywhere; }
pre { background: var(--soft); padding: .6rem; border-radius: 6px; white-space: pre-wrap; overflow-wrap: anywhere;
  font: 13px/1.4 ui-monospace, monospace; margin: .3rem 0 .8rem; }
code { font-family: ui-monospace, monospace; font-size: .95em; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: minmax(5rem, max-content) minmax(0, 1fr); gap: .2rem .8rem; margin: .5rem 0; }
dt { color: var(--skipped); } dd { margin: 0; }
.exchange { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); gap: 0 1rem; }
.exchange > div { min-width: 0; }
@media (max-width: 40rem) {
  main { padding: .7rem; } th, td { padding: .3rem .2rem; font-size: .8125rem; } td code { font-size: 1em; }
  td:last-child, th:first-child { overflow-wrap: anywhere; } details { padding: 0 .5rem; } }
.tiles { display: flex; flex-wrap: wrap; gap: .6rem; padding: 0; list-style: none; }
.tiles li { border: 1px solid var(--line); border-radius: 6px; padding: .4rem .8rem; }
.tiles b { font-size: 1.3rem; font-variant-numeric: tabular-nums; }
";
