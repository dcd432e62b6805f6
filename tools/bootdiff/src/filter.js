// SPDX-License-Identifier: MIT OR Apache-2.0
// Shows only the rows that have all words of the search field. Without this script, the field is hidden and the page complete.
"use strict";
{
  const field = document.getElementById("filter");
  const said = document.getElementById("filter-said");
  const lower = (element) => element.textContent.toLowerCase();
  const rows = [...document.querySelectorAll("details tbody tr")].map((row) => [row, lower(row)]);
  const cells = [...document.querySelectorAll(".treemap g")].map((cell) => [cell, lower(cell)]);
  const tables = [...document.querySelectorAll("details table")];
  const sections = [...document.querySelectorAll("main details")];
  let opened = null;

  const show = () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    const has = (text) => words.every((word) => text.includes(word));
    const isEmpty = (element) => words.length > 0 && !element.querySelector("tbody tr:not([hidden])");
    let shown = 0;
    for (const [row, text] of rows) {
      row.hidden = !has(text);
      if (!row.hidden) shown += 1;
    }
    for (const [cell, text] of cells) cell.classList.toggle("out", !has(text));
    for (const table of tables) {
      table.hidden = isEmpty(table);
      const heading = table.previousElementSibling;
      if (heading && heading.localName === "h3") heading.hidden = table.hidden;
    }
    // A search opens the sections with results; its end closes those that were closed.
    opened ??= sections.map((section) => section.open);
    sections.forEach((section, at) => {
      section.hidden = isEmpty(section);
      section.open = words.length ? true : opened[at];
    });
    if (!words.length) opened = null;
    said.textContent = words.length ? `${shown} of ${rows.length} rows` : "";
  };

  field.addEventListener("input", show);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && event.target === field) {
      field.value = "";
      show();
    } else if (event.key === "/" && event.target !== field && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      field.focus();
    }
  });
  if (rows.length) field.parentElement.hidden = false;
}
