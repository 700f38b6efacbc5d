//! Probes a server, and opens the pages of the report in headless Chromium, at 1280 and at 400 pixels, light and dark:
//! nothing is wider than the page or over something else, texts are large enough to read, nothing fails, and all of it
//! can be reached by keyboard. The page of accents must be the same.
//!
//! The test is skipped, with a line that says so, unless Chromium is installed. The environment variable `CHROMIUM` names
//! another one. `tests/peers/run.py chromium` installs one.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test may panic, and writes its own files"
)]

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Output;

use serde_json::Value;

use crate::support::browser::{Browser, PATIENCE, chromium, serve_pages};
use crate::support::{Scripted, Serve, answer, chatwire};

/// Opens a page in a frame of each width, and reports what it looks like.
const HARNESS: &str = r#"<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><body><script>
const errors = [];
async function measure(name, width) {
  const frame = document.createElement("iframe");
  frame.style = `width:${width}px;height:900px;border:0`;
  frame.src = name;
  document.body.append(frame);
  await new Promise(loaded => frame.onload = loaded);
  const page = frame.contentDocument;
  frame.contentWindow.onerror = message => errors.push(message);
  frame.contentWindow.onsecuritypolicyviolation = event => errors.push(event.violatedDirective);
  for (const details of page.querySelectorAll("details")) details.open = true;
  await new Promise(drawn => setTimeout(drawn, 100));
  const view = page.documentElement;
  const inScroll = element => element.closest(".scroll") && !element.matches(".scroll");
  const wide = [...page.body.querySelectorAll("*")].filter(element =>
    !inScroll(element) && element.getBoundingClientRect().right > view.clientWidth + 1);
  const regions = [...page.querySelectorAll(".scroll")];
  const scrolls = regions.filter(region => region.scrollWidth > region.clientWidth + 1);
  const isShown = element => element.getClientRects().length > 0;
  const wanted = [...page.querySelectorAll("summary, .scroll, a[href], input, select")].filter(isShown);
  const reachable = wanted.filter(element => {
    element.focus();
    return page.activeElement === element;
  });
  // The focus has scrolled the page, and the search stays at its top.
  frame.contentWindow.scrollTo(0, 0);
  const texts = [...page.querySelectorAll("p, li, td, th, dt, dd, summary, pre, code, label, h1, h2, output")];
  const fonts = texts.filter(isShown).map(element => parseFloat(frame.contentWindow.getComputedStyle(element).fontSize));
  // `#service=openrouter` is a search.
  const links = [...page.querySelectorAll("a[href^='#']:not([href*='='])")];
  return {
    name,
    width,
    overflow: view.scrollWidth - view.clientWidth,
    wide: wide.map(element => element.outerHTML.slice(0, 80)),
    scrolls: scrolls.length,
    unreachable: wanted.length - reachable.length,
    // The box of a `code` that goes over several lines is as wide as all of them.
    overlaps: overlaps(texts.filter(text => isShown(text) && !text.matches("code"))),
    font: Math.min(...fonts),
    details: page.querySelectorAll("details").length,
    broken: links.filter(link => !page.getElementById(link.hash.slice(1))).length,
    scripts: page.querySelectorAll("script").length,
    text: page.body.innerText.length,
    search: search(page),
  };
}
// Texts that lie over other texts, none of them a part of the other.
function overlaps(texts) {
  const boxes = texts.map(element => ({ element, box: element.getBoundingClientRect() }));
  boxes.sort((a, b) => a.box.top - b.box.top);
  const found = [];
  boxes.forEach(({ element, box }, index) => {
    for (const other of boxes.slice(index + 1)) {
      if (other.box.top > box.bottom - 1) break;
      const beside = other.box.left > box.right - 1 || other.box.right < box.left + 1;
      if (!beside && other.box.bottom > box.top + 1 && !element.contains(other.element) && !other.element.contains(element)) {
        found.push(element.outerHTML.slice(0, 60) + " | " + other.element.outerHTML.slice(0, 60));
      }
    }
  });
  return found.slice(0, 3);
}
// How many rows a search leaves, if there is a search.
function search(page) {
  const words = page.getElementById("words");
  if (!words) return null;
  const count = () => page.querySelectorAll("tbody tr:not([hidden])").length;
  const all = count();
  words.value = "reasoning";
  words.dispatchEvent(new page.defaultView.Event("input", { bubbles: true }));
  return { all, left: count(), shown: page.getElementById("count").textContent };
}
(async () => {
  const pages = [];
  for (const name of location.search.slice(1).split(",")) {
    for (const width of [1280, 400]) pages.push(await measure(name, width));
  }
  await fetch("/report", { method: "POST", body: JSON.stringify({ pages, errors }) });
})();
</script>"#;

#[test]
#[ignore = "takes a quarter of a minute in a browser; `tests/peers/run.py chromium` runs it"]
fn the_pages_fit_and_work() {
    let chromium = match chromium() {
        Ok(chromium) => chromium,
        // Written directly, because the test runner captures what a test prints.
        Err(missing) => return writeln!(std::io::stderr(), "skipped: {missing}").unwrap(),
    };
    let folder = tempfile::tempdir().unwrap();
    write_pages(folder.path());
    fs::write(folder.path().join("harness.html"), HARNESS).unwrap();
    let accents = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/accents.html");
    fs::copy(accents, folder.path().join("accents.html")).unwrap();
    let (address, reports) = serve_pages(folder.path().to_owned());
    let url = format!("{address}/harness.html?{}", PAGES.join(","));
    for more in [&[][..], &["--blink-settings=preferredColorScheme=0"]] {
        let _browser = Browser::open(&chromium, &url, more);
        let report = reports.recv_timeout(PATIENCE).unwrap();
        assert_eq!(report["errors"].as_array().unwrap().len(), 0, "{report}");
        let looks = report["pages"].as_array().unwrap();
        assert_eq!(looks.len(), 2 * PAGES.len());
        looks.iter().for_each(check);
    }
}

const PAGES: [&str; 4] = ["good.html", "bad.html", "matrix.html", "accents.html"];

#[track_caller]
fn check(look: &Value) {
    let page = look["name"].as_str().unwrap();
    for zero in ["overflow", "unreachable", "broken", "scrolls"] {
        assert_eq!(look[zero], 0, "{page}: {zero} in {look}");
    }
    for none in ["wide", "overlaps"] {
        assert_eq!(look[none].as_array().unwrap().len(), 0, "{page}: {none} in {look}");
    }
    assert!(look["font"].as_f64() >= Some(13.0), "{page}: {look}");
    assert!(look["text"].as_u64() > Some(1_000), "{page}: {look}");
    if page == "accents.html" {
        let (all, left) = (look["search"]["all"].as_u64(), look["search"]["left"].as_u64());
        assert!(left > Some(5) && all > Some(100) && left < all, "{page}: {look}");
    } else {
        assert_eq!(look["scripts"], 0, "{page}: {look}");
        assert!(look["details"].as_u64() > Some(1), "{page}: {look}");
    }
}

/// The pages of a good server, of one that answers with long lines of markup, and of both.
fn write_pages(folder: &Path) {
    let good = Serve::start(&["--chunk-delay", "0"]);
    let long = format!("<script>alert(1)</script>{}", "x".repeat(3_000));
    let markup =
        serde_json::json!({"id": long, "choices": [{"message": {"role": long}}]}).to_string();
    let bad = Scripted::start(answer("200 OK", "application/json", &markup));
    for (name, base_url) in [("good", &good.base_url), ("bad", &bad.base_url)] {
        let page = folder.join(format!("{name}.html"));
        let only = ["--only", "messages", "--only", "streaming", "--only", "errors"];
        let more =
            ["--base-url", base_url, "--model", "m", "--fail-on", "never", "--json", "--html"];
        let args = [&["probe"][..], &only, &more, &[page.to_str().unwrap()]].concat();
        let run = chatwire(&args);
        fs::write(folder.join(format!("{name}.json")), stdout_of(&run)).unwrap();
    }
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let (good, bad, matrix) = (path("good.json"), path("bad.json"), path("matrix.html"));
    stdout_of(&chatwire(&["probe", "compare", &good, &bad, "--html", &matrix]));
}

#[track_caller]
fn stdout_of(run: &Output) -> &[u8] {
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    &run.stdout
}
