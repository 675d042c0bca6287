
"use strict";
(() => {
  const all = (root, selector) => [...root.querySelectorAll(selector)];
  const LONG = 8;

  // Tables as CSV. A text that a spreadsheet would run is made harmless as in placer.tablefiles; figures are those of the
  // data, with ten digits, where the page shows fewer.
  const FORMULA = /(^|[;\t\n]["'\s]*)(?=[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20])/g;
  const NUMBER = /^[+-]?\d[\d,]*(\.\d+)?(e[+-]?\d+)?$/;
  const text = (said) => {
    const plain = said.replace(/\r\n?/g, "\n").replace(FORMULA, "$1'");
    return /[",;\t\n]/.test(plain) ? '"' + plain.replace(/"/g, '""') + '"' : plain;
  };
  const field = (cell) => {
    if (cell.dataset.value) return cell.dataset.value;
    const said = cell.title || cell.textContent.trim();
    if (cell.tagName === "TD" && said === "\u2013") return "";
    return cell.tagName === "TD" && NUMBER.test(said) ? said.replace(/,/g, "") : text(said);
  };
  const csv = (table) => all(table, "tr:not([hidden])").map((row) => [...row.cells].map(field).join(",") + "\n").join("");
  const nameOf = (table, caption) => {
    const part = table.closest(".part");
    const title = (part || document).querySelector("h1").textContent;
    const plain = (said) => said.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "").slice(0, 60);
    return [title, caption].map(plain).filter(Boolean).join("-") + ".csv";
  };
  const save = (table, caption) => {
    const link = document.createElement("a");
    // The mark in front tells spreadsheets that it is UTF-8.
    link.href = URL.createObjectURL(new Blob(["\ufeff" + csv(table)], { type: "text/csv;charset=utf-8" }));
    link.download = nameOf(table, caption);
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  };
  const savable = (root) => all(root, "table").forEach((table) => {
    const caption = table.caption.textContent;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "save";
    button.textContent = "Save as CSV";
    button.setAttribute("aria-label", `Save as CSV: ${caption}`);
    button.addEventListener("click", () => save(table, caption));
    table.closest(".scroll").after(button);
  });

  // A filter above each longer table hides the rows without its words; they are not saved either.
  const isLong = (table) => table.tBodies[0].rows.length > LONG;
  const filterable = (root) => all(root, "table.sortable, table.heat").filter(isLong).forEach((table) => {
    const [label, input, body] = [document.createElement("label"), document.createElement("input"), table.tBodies[0]];
    const look = () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      [...body.rows].forEach((row) => {
        const said = row.textContent.toLowerCase();
        row.hidden = !words.every((word) => said.includes(word));
      });
    };
    label.className = "filter";
    label.textContent = "Filter";
    input.type = "search";
    input.setAttribute("aria-label", `Filter: ${table.caption.textContent}`);
    label.append(input);
    input.addEventListener("input", look);
    new MutationObserver(look).observe(body, { childList: true });
    table.closest(".scroll").before(label);
  });

  // What is wider than the screen says so in words; the shades at its edges need no script.
  let cues = [];
  const cued = (root) => all(root, ".scroll").forEach((box) => {
    const cue = document.createElement("p");
    cue.className = "cue";
    cue.textContent = "Scroll sideways for all columns \u2192";
    cue.hidden = true;
    box.before(cue);
    cues.push([box, cue]);
  });
  const look = () => cues.forEach(([box, cue]) => { cue.hidden = box.scrollWidth <= box.clientWidth + 1; });
  addEventListener("resize", look);
  document.addEventListener("toggle", look, true);
  document.addEventListener("change", look);
  const dress = (roots) => {
    cues = cues.filter(([box]) => box.isConnected);
    roots.forEach((root) => [savable, filterable, cued].forEach((add) => add(root)));
    look();
  };
  dress([document]);
  document.addEventListener("placer:shown", ({ detail }) => dress(detail.sections));
})();
