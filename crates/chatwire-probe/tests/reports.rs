//! Shows what people see of a report: as text, JUnit XML, a badge, a page, and as a matrix of two servers.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use chatwire_probe::report::{
    Look, write_badge, write_html, write_junit, write_matrix, write_matrix_html, write_text,
};
use chatwire_probe::{Level, Report};

fn read(name: &str) -> Report {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reports").join(name);
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn text(write: impl Fn(&mut dyn Write) -> io::Result<()>) -> String {
    let mut out = Vec::new();
    write(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn a_report_for_a_terminal() {
    let report = read("a.json");
    insta::assert_snapshot!("text", text(|out| write_text(&report, Look::default(), out)));
    let look = Look { coloured: false, verbose: true };
    insta::assert_snapshot!("text_verbose", text(|out| write_text(&report, look, out)));
}

/// The words of a server must not change what a terminal or a browser does.
#[test]
fn a_server_cannot_write_markup() {
    let report = read("a.json");
    let look = Look { coloured: false, verbose: true };
    assert!(!text(|out| write_text(&report, look, out)).contains('\u{1b}'));
    let page = text(|out| write_html(&report, out));
    assert!(!page.contains("<script") && page.contains("&lt;script&gt;"), "{page}");
    let xml = text(|out| write_junit(&report, out));
    assert!(!xml.contains("<script") && !xml.contains('\u{1b}'), "{xml}");
}

#[test]
fn a_report_for_programs() {
    let report = read("a.json");
    insta::assert_snapshot!("junit", text(|out| write_junit(&report, out)));
    insta::assert_snapshot!("badge", text(|out| write_badge(&report, out)));
    let json = serde_json::to_string_pretty(&report).unwrap();
    insta::assert_snapshot!("json", json);
}

#[test]
fn a_page() {
    let report = read("a.json");
    let page = text(|out| write_html(&report, out));
    let body = page.split("<main>").nth(1).unwrap();
    insta::assert_snapshot!("page", body);
}

#[test]
fn two_servers_side_by_side() {
    let reports = [read("a.json"), read("b.json")];
    insta::assert_snapshot!("matrix", text(|out| write_matrix(&reports, false, out)));
    insta::assert_snapshot!("differences", text(|out| write_matrix(&reports, true, out)));
    let page = text(|out| write_matrix_html(&reports, false, out));
    insta::assert_snapshot!("matrix_page", page.split("<main>").nth(1).unwrap());
}

#[test]
fn a_level_fails_with_those_that_matter_more() {
    let (a, b) = (read("a.json"), read("b.json"));
    assert!(a.fails(Level::Must) && a.fails(Level::May));
    assert!(!b.fails(Level::Must) && !b.fails(Level::Should) && b.fails(Level::May));
}
