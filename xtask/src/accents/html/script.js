// Hides the rows that do not fit the search. The address keeps the search, so that it can be linked:
// `#service=openrouter&words=reasoning&accents=on`.
"use strict";
const form = document.getElementById("search");
const words = document.getElementById("words");
const service = document.getElementById("service");
const accents = document.getElementById("accents");
const count = document.getElementById("count");
const rows = [...document.querySelectorAll("section:not(#services) tbody tr")].map((row) => ({
  row,
  text: row.textContent.toLowerCase(),
  services: row.dataset.services.split(" "),
  hasAccent: "accent" in row.dataset,
}));

function show() {
  const wanted = words.value.toLowerCase().split(/\s+/);
  let shown = 0;
  for (const { row, text, services, hasAccent } of rows) {
    const fits = wanted.every((word) => text.includes(word)) &&
      (service.value === "" || services.includes(service.value)) &&
      (!accents.checked || hasAccent);
    row.hidden = !fits;
    shown += fits;
  }
  for (const section of document.querySelectorAll("section:not(#services)")) {
    section.hidden = section.querySelector("tbody tr:not([hidden])") === null;
  }
  count.textContent = `${shown} of ${rows.length} keys`;
}

function remember() {
  const address = new URLSearchParams();
  if (service.value) address.set("service", service.value);
  if (words.value) address.set("words", words.value);
  if (accents.checked) address.set("accents", "on");
  history.replaceState(null, "", `#${address}`);
  show();
}

function recall() {
  const address = location.hash.slice(1);
  // Other addresses are those of sections.
  if (address !== "" && !address.includes("=")) return;
  const search = new URLSearchParams(address);
  service.value = search.get("service") ?? "";
  words.value = search.get("words") ?? "";
  accents.checked = search.has("accents");
  show();
  if (address !== "") form.scrollIntoView();
}

form.hidden = false;
form.addEventListener("input", remember);
form.addEventListener("submit", (event) => event.preventDefault());
addEventListener("hashchange", recall);
show();
recall();
