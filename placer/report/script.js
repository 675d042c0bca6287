
"use strict";
(() => {
  const SVG = "http://www.w3.org/2000/svg";
  const all = (root, selector) => [...root.querySelectorAll(selector)];
  const number = (value) => {
    if (value === 0) return "0";
    if (Math.abs(value) >= 1e4) return value.toLocaleString("en-GB", { maximumFractionDigits: 0 });
    return value.toLocaleString("en-GB", { minimumSignificantDigits: 4, maximumSignificantDigits: 4 });
  };
  const rounded = (value) => value.toLocaleString("en-GB", { maximumSignificantDigits: 4 });
  const percent = (share, places) => (100 * share).toFixed(places) + "%";

  // Tables: a click on a heading sorts, another one turns the order round.
  const keyOf = (row, column) => {
    const text = row.cells[column].dataset.value || row.cells[column].textContent.trim();
    const value = Number(text.replace(/[,%]/g, ""));
    return text !== "" && Number.isFinite(value) ? value : text;
  };
  const compare = (one, other) => {
    const numbers = (typeof one === "number") - (typeof other === "number");
    if (numbers) return -numbers;
    if (typeof one === "number") return one - other;
    return one.localeCompare(other, "en");
  };
  const sort = (table, heading, column) => {
    const falling = heading.getAttribute("aria-sort") === "ascending" ||
      (heading.getAttribute("aria-sort") === null && column > 0);
    all(table, "thead th").forEach((other) => other.removeAttribute("aria-sort"));
    heading.setAttribute("aria-sort", falling ? "descending" : "ascending");
    const body = table.tBodies[0];
    const rows = [...body.rows].map((row) => [keyOf(row, column), row]);
    // What is no number stands last, whichever way the numbers run.
    rows.sort(([one], [other]) =>
      typeof one === typeof other && falling ? compare(other, one) : compare(one, other));
    body.append(...rows.map(([, row]) => row));
  };
  const sortable = (root) => all(root, "table.sortable").forEach((table) => {
    all(table, "thead th").forEach((heading, column) => {
      heading.querySelector("button").addEventListener("click", () => sort(table, heading, column));
    });
  });
  sortable(document);

  // Hovering: what the titles of drawings say, at once and beside the pointer.
  const tip = document.getElementById("tip");
  const said = new WeakMap();
  const sayingOf = (target) => {
    const shape = target instanceof Element ? target.closest("svg rect, svg circle, svg path, .heat td") : null;
    if (!shape) return null;
    if (shape.tagName === "TD") {
      const [row, head] = [shape.parentElement, shape.closest("table").tHead.rows[0]];
      return `${row.cells[0].textContent}, ${head.cells[shape.cellIndex].title}: ${shape.textContent}%`;
    }
    const title = shape.querySelector("title");
    if (title) { said.set(shape, title.textContent); title.remove(); }
    return said.get(shape) || null;
  };
  document.addEventListener("pointermove", (event) => {
    const text = sayingOf(event.target);
    tip.hidden = !text;
    if (!text) return;
    tip.textContent = text;
    const { offsetWidth: width, offsetHeight: height } = tip;
    tip.style.left = Math.max(4, Math.min(event.clientX + 14, innerWidth - width - 8)) + "px";
    tip.style.top = (event.clientY + height + 24 > innerHeight ? event.clientY - height - 12 : event.clientY + 16) + "px";
  });
  document.addEventListener("pointerleave", () => { tip.hidden = true; });

  // The flows, as placer.report.content.flow_map wrote them: eight words in front of each, the last two of them its sum,
  // then its amounts as logarithms.
  const decode = (map) => {
    const bytes = Uint8Array.from(atob(map.flows), (sign) => sign.charCodeAt(0));
    const words = new DataView(bytes.buffer);
    const word = (place) => words.getUint16(2 * place, true);
    const flows = [];
    for (let at = 0; at < bytes.length / 2;) {
      const count = word(at + 5);
      const amounts = new Float64Array(map.steps.length);
      for (let step = 0; step < count; step++) {
        const level = word(at + 8 + step);
        const power = ((level - 1) / 65534 - 1) * map.decades;
        if (level) amounts[word(at + 4) + step] = map.largest * 10 ** power;
      }
      const total = words.getFloat32(2 * (at + 6), true);
      flows.push({ workload: word(at), place: word(at + 1), site: word(at + 2), rtt: word(at + 3) / 10, amounts, total });
      at += 8 + count;
    }
    return flows;
  };
  // As placer.report.atlas.arc_path draws them.
  const bow = (x1, y1, x2, y2) => {
    const x = (x1 + x2) / 2 + 0.18 * (y2 - y1);
    const y = (y1 + y2) / 2 - 0.18 * (x2 - x1);
    return `M${x1.toFixed(1)} ${y1.toFixed(1)}Q${x.toFixed(1)} ${y.toFixed(1)} ${x2.toFixed(1)} ${y2.toFixed(1)}`;
  };
  const arcPath = ([x1, y1], [x2, y2], round, k = 1) => {
    if (Math.abs(x2 - x1) + Math.abs(y2 - y1) < 3) return `M${x1} ${y1}c${-22 / k} ${-36 / k} ${22 / k} ${-36 / k} 0 0`;
    if (Math.abs(x2 - x1) <= round / 2) return bow(x1, y1, x2, y2);
    const shift = x1 > x2 ? round : -round;
    return bow(x1, y1, x2 + shift, y2) + bow(x1 - shift, y1, x2, y2);
  };
  const selected = (flows, chosen) => {
    const pairs = new Map();
    for (const flow of flows) {
      if (chosen.workload >= 0 && flow.workload !== chosen.workload) continue;
      if (chosen.site >= 0 && flow.site !== chosen.site) continue;
      const mtok = chosen.step < 0 ? flow.total : flow.amounts[chosen.step];
      if (!mtok) continue;
      const key = flow.place * 65536 + flow.site;
      const pair = pairs.get(key) || { place: flow.place, site: flow.site, mtok: 0, ms: 0 };
      pair.mtok += mtok;
      pair.ms += mtok * flow.rtt;
      pairs.set(key, pair);
    }
    return [...pairs.values()].sort((one, other) => other.mtok - one.mtok);
  };

  const startMap = (subject, map) => {
    const section = subject.querySelector("section[id$='map']");
    const control = (role) => section.querySelector(`[data-role='${role}']`);
    const [workload, site, step, main] = ["workload", "site", "step", "main"].map(control);
    const arcs = section.querySelector(".arcs");
    const body = section.querySelector(".flows tbody");
    const listed = body.rows.length;
    const flows = decode(map);
    let drawnAt = 1;

    const drawArcs = (pairs) => {
      const drawn = pairs.slice(0, map.most);
      arcs.replaceChildren(...drawn.map((pair, rank) => {
        const path = document.createElementNS(SVG, "path");
        const title = document.createElementNS(SVG, "title");
        const rtt = pair.ms / pair.mtok;
        path.setAttribute("d", arcPath(map.places[pair.place], map.sites[pair.site], map.round, drawnAt));
        const rest = rank < Number(main.value) ? "" : " rest";
        path.setAttribute("class", "r" + map.bounds.filter((bound) => rtt >= bound).length + rest);
        path.setAttribute("stroke-width", Math.max(map.finest, map.widest * pair.mtok / drawn[0].mtok).toFixed(1));
        path.dataset.place = pair.place;
        path.dataset.site = pair.site;
        title.textContent = `${map.places[pair.place][2]} to ${map.sites[pair.site][2]}: ${number(pair.mtok)} Mtok, ${number(rtt)} ms`;
        path.append(title);
        return path;
      }).reverse());
      return drawn;
    };
    const listFlows = (pairs) => {
      body.replaceChildren(...pairs.slice(0, listed).map((pair) => {
        const row = document.createElement("tr");
        const head = document.createElement("th");
        const name = document.createElement("bdi");
        head.scope = "row";
        name.textContent = map.places[pair.place][2];
        head.append(name);
        const cells = [map.sites[pair.site][2], pair.mtok, pair.ms / pair.mtok].map((value) => {
          const cell = document.createElement("td");
          cell.textContent = typeof value === "number" ? number(value) : value;
          if (typeof value === "number") cell.dataset.value = Number(value.toPrecision(6));
          return cell;
        });
        row.append(head, ...cells);
        return row;
      }));
      all(section, ".flows th[aria-sort]").forEach((heading) => heading.removeAttribute("aria-sort"));
    };
    const choice = () => ({ workload: Number(workload.value), site: Number(site.value), step: Number(step.value) });
    const draw = () => {
      const chosen = choice();
      const when = chosen.step < 0 ? "whole horizon" : map.steps[chosen.step];
      control("step-name").textContent = when;
      step.setAttribute("aria-valuetext", when);
      const pairs = selected(flows, chosen);
      // One choice at most has an exact total; of several, the flows are added up.
      const choices = Object.entries(chosen).filter(([, at]) => at >= 0);
      const added = pairs.reduce((sum, pair) => sum + pair.mtok, 0);
      const total = choices.length > 1 ? added : choices.length ? map.served[choices[0][0]][choices[0][1]] : map.served.all[0];
      const said = choices.length > 1 ? "about " + rounded(total) : number(total);
      const drawn = drawArcs(pairs);
      listFlows(pairs);
      const share = total ? drawn.reduce((sum, pair) => sum + pair.mtok, 0) / total : 1;
      const mean = added ? pairs.reduce((sum, pair) => sum + pair.ms, 0) / added : 0;
      section.querySelector(".status").textContent = total
        ? `${said} Mtok in ${pairs.length} flows, ${number(mean)} ms on average; drawn: ${drawn.length} arcs with ${percent(share, 1)} of the tokens.`
        : "Nothing flows in this selection.";
    };
    [workload, site, step, main].forEach((each) => each.addEventListener("input", draw));

    // Pointing at a node leaves only its arcs.
    const faint = (kind, at) => all(arcs, "path").forEach((path) =>
      path.classList.toggle("faint", at !== null && Number(path.dataset[kind]) !== at));
    [["place", ".places circle"], ["site", ".sites rect"]].forEach(([kind, selector]) => {
      all(section, selector).forEach((node, at) => {
        node.addEventListener("pointerenter", () => faint(kind, at));
        node.addEventListener("pointerleave", () => faint(kind, null));
      });
    });
    section.querySelector(".controls").hidden = false;
    draw();
    const loops = (k) => {
      drawnAt = k;
      drawArcs(selected(flows, choice()));
    };
    zoomable(section.querySelector("svg.map"), map, section.querySelector(".controls"), loops);
  };

  // The most exports at the last of the solved limits up to a corner.
  const exportsAt = (section, curve, map) => {
    const [arcs, said] = [section.querySelector(".exports"), section.querySelector(".exports-said")];
    if (!arcs) return () => {};
    const largest = Math.max(...curve.exports.flatMap(({ flows }) => flows.map(([, , mtok]) => mtok)));
    return (at) => {
      const found = curve.exports.filter(({ corner }) => corner <= at).pop();
      arcs.replaceChildren(...found.flows.map(([place, site, mtok]) => {
        const path = document.createElementNS(SVG, "path");
        const title = document.createElementNS(SVG, "title");
        path.setAttribute("d", arcPath(map.places[place], map.sites[site], map.round));
        path.setAttribute("stroke-width", Math.max(0.5, 9 * mtok / largest).toFixed(1));
        title.textContent = `${map.places[place][2]} to ${map.sites[site][2]}: ${rounded(mtok)} Mtok`;
        path.append(title);
        return path;
      }).reverse());
      const limit = found === curve.exports[curve.exports.length - 1] ? "Without a limit"
        : `Within ${number(curve.limit[found.corner])} ms` + (found.corner < at ? " (solved limits alone are drawn)" : "");
      said.textContent = `${limit}: ${percent(curve.share[found.corner], 2)} may leave, in ${found.count} flows, of which the map has ${found.flows.length}.`;
    };
  };

  const startCurve = (subject, curve, map) => {
    const section = subject.querySelector("section[id$='ceiling']");
    const corner = section.querySelector("[data-role='corner']");
    const name = section.querySelector("[data-role='corner-name']");
    const drawExports = exportsAt(section, curve, map);
    const point = (cursor, at) => {
      const [left, right, top, bottom, most] =
        ["left", "right", "top", "bottom", "most"].map((name) => Number(cursor.dataset[name]));
      const x = left + (curve.limit[at] / most) * (right - left);
      const y = bottom - curve.share[at] * (bottom - top);
      const line = document.createElementNS(SVG, "line");
      const spot = document.createElementNS(SVG, "circle");
      Object.entries({ x1: x, x2: x, y1: top, y2: bottom }).forEach(([key, value]) => line.setAttribute(key, value));
      Object.entries({ cx: x, cy: y, r: 4 }).forEach(([key, value]) => spot.setAttribute(key, value));
      cursor.replaceChildren(line, spot);
    };
    const show = () => {
      const at = Number(corner.value);
      all(section, ".cursor").forEach((cursor) => point(cursor, at));
      const text = `from ${number(curve.limit[at])} ms: ${percent(curve.share[at], 2)} exportable, ${percent(curve.unserved[at], 2)} unserved`;
      name.textContent = text;
      corner.setAttribute("aria-valuetext", text);
      drawExports(at);
    };
    corner.addEventListener("input", show);
    section.querySelector(".controls").hidden = false;
    show();
  };

  all(document, ".subject").forEach((subject) => {
    const data = JSON.parse(document.getElementById(subject.dataset.prefix + "data").textContent);
    if (data.map) startMap(subject, data.map);
    if (data.curve) startCurve(subject, data.curve, data.map);
  });
  // A live page shows fresh sections of a subject, with the data of all of them.
  document.addEventListener("placer:shown", ({ target: subject, detail: { sections, data } }) => {
    sections.forEach(sortable);
    const is = (key) => sections.some((section) => section.id === subject.dataset.prefix + key);
    if (data.map && is("map")) startMap(subject, data.map);
    if (data.curve && is("ceiling")) startCurve(subject, data.curve, data.map);
  });

  // Several placements: one is shown in full at a time, all of them in print.
  const part = document.querySelector("[data-role='part']");
  if (part) {
    const parts = all(document, ".part");
    const show = () => parts.forEach((each, at) => { each.hidden = at !== Number(part.value); });
    part.addEventListener("change", show);
    part.closest(".controls").hidden = false;
    show();
  }

  let folded = [];
  addEventListener("beforeprint", () => {
    folded = all(document, "details:not([open])");
    folded.forEach((each) => { each.open = true; });
  });
  addEventListener("afterprint", () => folded.forEach((each) => { each.open = false; }));
  document.documentElement.classList.add("scripted");
})();
