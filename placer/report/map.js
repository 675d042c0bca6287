
"use strict";
// Returns what makes a map zoom and move, by its viewBox. Marks, lines and letters keep their size on the screen.
const zoomable = (() => {
  const SVG = "http://www.w3.org/2000/svg";
  const [MOST, STEP, MOVE, NAMES] = [64, 1.5, 0.2, 40];

  // Names of the nodes in view, the largest first, where there is room: as placer.report.sections.map_labels.
  const namesOf = (map, view, narrow) => {
    const [letter, line, gap] = [(narrow ? 12 : 6.7) / view.k, (narrow ? 23 : 13) / view.k, 13 / view.k];
    const inTurn = (kind, nodes, mtok) => nodes
      .map(([x, y, , name], at) => ({ kind, name, x, y, mtok: mtok ? mtok[at] : -at }))
      .filter(({ x, y }) => x > view.x && y > view.y && x < view.x + view.width && y < view.y + view.height)
      .sort((one, other) => other.mtok - one.mtok)
      .map((node, rank, all) => ({ ...node, turn: (rank + 0.5) / all.length }));
    const nodes = [...inTurn("site", map.sites, map.served.site), ...inTurn("hub", map.places, null)]
      .sort((one, other) => one.turn - other.turn);
    const [taken, named, found] = [[], new Set(), []];
    const meets = (one, other) => one[0] < other[2] && other[0] < one[2] && one[1] < other[3] && other[1] < one[3];
    nodes.forEach(({ kind, name, x, y }) => {
      if (named.has(name) || found.length >= NAMES) return;
      const width = letter * name.length;
      const places = [["start", x + gap, y + line / 3], ["end", x - gap - width, y + line / 3],
        ["middle", x - width / 2, y - gap], ["middle", x - width / 2, y + gap + 0.7 * line]];
      for (const [anchor, left, base] of places) {
        const area = [left - letter / 2, base - line, left + width + letter / 2, base];
        const inside = left > view.x && left + width < view.x + view.width;
        if (!inside || taken.some((other) => meets(area, other))) continue;
        taken.push(area);
        named.add(name);
        found.push({ kind, name, anchor, x: { start: left, end: left + width, middle: x }[anchor], y: base });
        return;
      }
    });
    return found;
  };

  return (svg, map, controls, redraw) => {
    const [, , width, height] = svg.getAttribute("viewBox").split(" ").map(Number);
    const names = document.createElementNS(SVG, "g");
    const view = { x: 0, y: 0, k: 1, width, height };
    let waiting = 0;
    names.setAttribute("class", "names");
    names.setAttribute("aria-hidden", "true");
    svg.append(names);
    svg.tabIndex = 0;

    const draw = () => {
      waiting = 0;
      svg.setAttribute("viewBox", [view.x, view.y, view.width, view.height].map((value) => value.toFixed(2)).join(" "));
      svg.style.setProperty("--zoom", view.k);
      svg.classList.toggle("zoomed", view.k > 1);
      const shown = view.k > 1 ? namesOf(map, view, matchMedia("(max-width: 640px)").matches) : [];
      names.replaceChildren(...shown.map(({ kind, name, anchor, x, y }) => {
        const text = document.createElementNS(SVG, "text");
        Object.entries({ x, y, "text-anchor": anchor, class: kind + "-name" }).forEach(([key, value]) => text.setAttribute(key, value));
        text.textContent = name;
        return text;
      }));
      redraw(view.k);
    };
    const show = (k, x, y) => {
      view.k = Math.min(Math.max(k, 1), MOST);
      [view.width, view.height] = [width / view.k, height / view.k];
      view.x = Math.min(Math.max(x, 0), width - view.width);
      view.y = Math.min(Math.max(y, 0), height - view.height);
      if (!waiting) waiting = requestAnimationFrame(draw);
    };
    const zoom = (factor, [x, y] = [view.x + view.width / 2, view.y + view.height / 2]) => {
      const k = Math.min(Math.max(view.k * factor, 1), MOST);
      show(k, x - (x - view.x) * view.k / k, y - (y - view.y) * view.k / k);
    };
    const move = (across, down) => show(view.k, view.x + across * view.width, view.y + down * view.height);
    const at = (event) => {
      const box = svg.getBoundingClientRect();
      return [view.x + (event.clientX - box.left) / box.width * view.width, view.y + (event.clientY - box.top) / box.height * view.height];
    };
    const acts = {
      in: () => zoom(STEP), out: () => zoom(1 / STEP), whole: () => show(1, 0, 0),
      "+": () => zoom(STEP), "=": () => zoom(STEP), "-": () => zoom(1 / STEP), 0: () => show(1, 0, 0),
      ArrowLeft: () => move(-MOVE, 0), ArrowRight: () => move(MOVE, 0), ArrowUp: () => move(0, -MOVE), ArrowDown: () => move(0, MOVE),
    };
    svg.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || !acts[event.key]) return;
      event.preventDefault();
      acts[event.key]();
    });
    // The wheel alone scrolls the page; with Ctrl, as two fingers on a trackpad have it, it zooms.
    svg.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      zoom(2 ** (-event.deltaY / 200), at(event));
    }, { passive: false });
    svg.addEventListener("dblclick", (event) => zoom(2, at(event)));
    let held = null;
    svg.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || view.k === 1) return;
      held = at(event);
      svg.setPointerCapture(event.pointerId);
    });
    svg.addEventListener("pointermove", (event) => {
      if (!held) return;
      const [x, y] = at(event);
      show(view.k, view.x + held[0] - x, view.y + held[1] - y);
    });
    ["pointerup", "pointercancel"].forEach((name) => svg.addEventListener(name, () => { held = null; }));
    controls.querySelectorAll("[data-zoom]").forEach((button) => button.addEventListener("click", acts[button.dataset.zoom]));
    const region = controls.querySelector("[data-role='region']");
    region?.addEventListener("input", () => {
      const box = map.regions[Number(region.value)];
      if (!box) return show(1, 0, 0);
      const [left, top, right, bottom] = box;
      const k = Math.min(MOST, 0.8 * width / Math.max(right - left, 1), 0.8 * height / Math.max(bottom - top, 1));
      const kept = Math.max(k, 1);
      show(kept, (left + right - width / kept) / 2, (top + bottom - height / kept) / 2);
    });
  };
})();
