
"use strict";
// The live page: it owns the changes, asks for their answer, and swaps what is fresh. Two pages know nothing of each other.
(() => {
  const all = (root, selector) => [...root.querySelectorAll(selector)];
  const place = (name) => document.querySelector(`[data-live='${name}']`);
  const [title, opening, panel, strip, state, progress, alerted, navigation, notes] =
    ["title", "opening", "panel", "strip", "state", "progress", "alert", "navigation", "notes"].map(place);
  const subject = document.querySelector(".live .subject");
  const start = JSON.parse(document.getElementById("start").textContent);
  const [PAUSE, ALIVE, PATIENCE] = [150, 2000, 10000];
  const EMPTY = { factors: {}, off: [], links: [], law: {} };
  const copy = (value) => JSON.parse(JSON.stringify(value));
  const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

  // The changes, in the address: what is as at the start is left out. The server checks each; here they need their shape.
  const fresh = () => ({ scenarios: [...start.scenarios], ...copy(EMPTY) });
  const isText = (value) => typeof value === "string";
  const areTexts = (value) => Array.isArray(value) && value.every(isText);
  const areEach = (test) => (value) => Array.isArray(value) ? value.every(test)
    : typeof value === "object" && value !== null && Object.values(value).every(test);
  const SHAPES = { scenarios: areTexts, factors: areEach(Number.isFinite), off: areTexts, links: areEach(areTexts), law: areEach(areTexts) };
  const read = () => {
    const changes = fresh();
    try {
      const given = JSON.parse(new URLSearchParams(location.search).get("changes") || "{}");
      Object.entries(given).forEach(([field, value]) => {
        if (!SHAPES[field]?.(value) || Array.isArray(value) !== Array.isArray(changes[field])) throw new Error(field);
      });
      return { ...changes, ...given };
    } catch { say(alerted, "The address of this page holds changes that cannot be read; it shows the start."); }
    return changes;
  };
  const changed = () => Object.fromEntries(Object.entries(changes).filter(([field, value]) => !same(value, fresh()[field])));
  const write = () => {
    const given = changed();
    const query = Object.keys(given).length ? "?" + new URLSearchParams({ changes: JSON.stringify(given) }) : "";
    history.replaceState(null, "", location.pathname + query + location.hash);
  };

  const say = (element, text) => { element.textContent = text; element.hidden = !text; };
  const ask = (path, body, signal) => fetch(path, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), signal,
  });
  const parse = (html) => {
    const template = document.createElement("template");
    template.innerHTML = html;
    return template.content;
  };

  // Errors stand at their controls, else at the one that was touched last.
  let touched = null;
  const wrongs = () => all(panel, ".wrong");
  const homeOf = (key) => all(panel, "[data-factor], [data-switch], [data-law], [data-group]").find(({ dataset }) =>
    [dataset.factor, dataset.switch, dataset.law, dataset.group].includes(key));
  const placeIn = (control) => control?.closest(".row, fieldset, [data-group]")?.querySelector(".wrong");
  const forgive = () => {
    wrongs().forEach((each) => say(each, ""));
    say(alerted, "");
  };
  const refuse = ({ text, at }) => {
    forgive();
    const left = Object.entries(at).filter(([key, said]) => {
      const home = placeIn(homeOf(key));
      if (home) { say(home, said); home.closest("details").open = true; }
      return !home;
    });
    if (Object.keys(at).length && !left.length) say(alerted, "A change is refused; its control says why.");
    else if (touched?.isConnected && placeIn(touched)) { say(placeIn(touched), text); say(alerted, "The last change is refused; its control says why."); }
    else say(alerted, text);
  };

  // Controls: painted from the changes, and read into them.
  const number = (value) => value.toLocaleString("en-GB", { maximumSignificantDigits: 4 });
  const saying = (input, factor) => {
    const { base, unit } = input.dataset;
    return `\u00d7 ${number(factor)}` + (base ? ` = ${number(factor * Number(base))} ${unit}` : "");
  };
  const paintFactor = (input) => {
    const factor = changes.factors[input.dataset.factor] ?? 1;
    input.value = factor;
    const said = saying(input, factor);
    input.closest(".row").querySelector("output").textContent = said;
    input.setAttribute("aria-valuetext", said);
    input.closest(".row").classList.toggle("changed", factor !== 1);
  };
  const paintLinks = () => {
    const list = panel.querySelector(".links-off");
    list?.replaceChildren(...changes.links.map(([from, to], at) => {
      const [item, button] = [document.createElement("li"), document.createElement("button")];
      item.textContent = `${from} \u2013 ${to} `;
      button.type = "button";
      button.textContent = "Switch on";
      button.setAttribute("aria-label", `Switch on the link ${from} \u2013 ${to}`);
      button.addEventListener("click", () => { changes.links.splice(at, 1); paintLinks(); change(list); });
      item.append(button);
      return item;
    }));
  };
  const paint = () => {
    all(panel, "[data-factor]").forEach(paintFactor);
    all(panel, "[data-switch]").forEach((input) => {
      input.checked = !changes.off.includes(input.dataset.switch);
      input.closest(".row").classList.toggle("off", !input.checked);
    });
    all(panel, "[data-scenario]").forEach((input) => { input.checked = changes.scenarios.includes(input.dataset.scenario); });
    all(panel, "[data-law]").forEach((set) => {
      const law = changes.law[set.dataset.law];
      if (law) all(set, "input").forEach((input) => { input.checked = law.includes(input.value); });
    });
    paintLinks();
  };
  const toggle = (list, name, on) => {
    const at = list.indexOf(name);
    if (on && at < 0) list.push(name);
    if (!on && at >= 0) list.splice(at, 1);
  };
  const touch = (input) => {
    const { factor, switch: key, scenario } = input.dataset;
    const set = input.closest("[data-law]");
    if (factor) {
      changes.factors[factor] = Number(input.value);
      if (Number(input.value) === 1) delete changes.factors[factor];
      paintFactor(input);
    } else if (key) {
      toggle(changes.off, key, !input.checked);
      input.closest(".row").classList.toggle("off", !input.checked);
    } else if (scenario) {
      toggle(changes.scenarios, scenario, input.checked);
    } else if (set) {
      changes.law[set.dataset.law] = all(set, "input").filter(({ checked }) => checked).map(({ value }) => value);
    } else return;
    change(input, Boolean(scenario));
  };
  panel.addEventListener("input", ({ target }) => touch(target));
  const startLinks = () => {
    const data = document.getElementById("links");
    if (!data) return;
    const { names, links } = JSON.parse(data.textContent);
    const [from, to] = ["from", "to"].map((name) => panel.querySelector(`[data-link='${name}']`));
    const options = (places) => places.map((at) => new Option(names[at], at));
    const fill = () => to.replaceChildren(...options(links.filter(([first]) => first === Number(from.value)).map(([, second]) => second)));
    from.replaceChildren(...options([...new Set(links.map(([first]) => first))]));
    from.addEventListener("input", fill);
    fill();
    panel.querySelector("[data-link='off']").addEventListener("click", ({ target }) => {
      const ends = [names[from.value], names[to.value]];
      if (!changes.links.some((each) => same(each, ends))) changes.links.push(ends);
      paintLinks();
      change(target);
    });
  };

  // Sections: swapped where fresh, greyed meanwhile; what a reader chose or opened in them stays.
  const busy = (element, on) => on ? element.setAttribute("aria-busy", "true") : element.removeAttribute("aria-busy");
  const chosenIn = (section) => ({
    open: all(section, "details").map((each) => each.open),
    values: all(section, "[data-role]").filter((each) => "value" in each && each.value).map((each) => [each.dataset.role, each.value]),
    focus: section.contains(document.activeElement) ? document.activeElement.dataset.role : null,
    scrolled: all(section, ".scroll").map((each) => each.scrollLeft),
  });
  const choose = (section, { open, values, focus, scrolled }) => {
    all(section, "details").forEach((each, at) => { each.open = open[at] ?? each.open; });
    values.forEach(([role, value]) => {
      const control = section.querySelector(`[data-role='${role}']`);
      if (!control || control.value === value) return;
      const before = control.value;
      control.value = value;
      if (control.value !== value) control.value = before;
      else control.dispatchEvent(new Event("input", { bubbles: true }));
    });
    all(section, ".scroll").forEach((each, at) => { each.scrollLeft = scrolled[at] ?? 0; });
    if (focus) section.querySelector(`[data-role='${focus}']`)?.focus({ preventScroll: true });
  };
  let data = {};
  const swap = (message) => {
    const top = all(subject, "section").find((each) => each.getBoundingClientRect().bottom > 0);
    const height = top?.getBoundingClientRect().top;
    data = message.order ? { ...message.data } : { ...data, ...message.data };
    const made = Object.entries(message.sections).map(([id, html]) => {
      const section = parse(html).firstElementChild;
      const old = document.getElementById(id);
      const kept = old && chosenIn(old);
      old ? old.replaceWith(section) : subject.append(section);
      return [section, kept];
    });
    if (message.order) {
      Object.entries(message.pending).forEach(([id, html]) => {
        if (!document.getElementById(id)) subject.append(parse(html));
        busy(document.getElementById(id), true);
      });
      all(subject, ":scope > section").filter(({ id }) => !message.order.includes(id)).forEach((each) => each.remove());
      subject.append(...message.order.map((id) => document.getElementById(id)));
      navigation.replaceChildren(parse(message.navigation));
    }
    title.textContent = message.title;
    opening.replaceChildren(parse(message.opening));
    document.title = `placer: ${message.title}`;
    notes.replaceChildren(...message.notes.map((text) => {
      const note = document.createElement("p");
      note.className = "note";
      note.textContent = text;
      return note;
    }));
    subject.dispatchEvent(new CustomEvent("placer:shown", { bubbles: true, detail: { sections: made.map(([each]) => each), data } }));
    made.forEach(([section, kept]) => { if (kept) choose(section, kept); });
    const moved = top?.id && document.getElementById(top.id);
    if (moved && height < 0) scrollBy(0, moved.getBoundingClientRect().top - height);
  };
  const compare = ({ html }) => {
    const content = parse(html);
    const waiting = content.querySelector("[aria-busy] dd");
    const old = waiting && strip.querySelector(`[data-figure='${waiting.parentElement.dataset.figure}'] dd`);
    if (old) waiting.replaceWith(old.cloneNode(true));
    strip.replaceChildren(content);
  };

  // One answer at a time: a newer one aborts the older, whose work the server then ends.
  let [turn, waiting, hasOld] = [null, 0, false];
  const shown = () => [...all(subject, ":scope > section"), ...all(strip, "[data-figure]"), opening];
  const settle = (isOld) => {
    say(progress, "");
    shown().forEach((each) => busy(each, false));
    document.querySelector(".answer").classList.toggle("old", isOld);
  };
  const take = (message) => {
    if (message.kind === "progress") say(progress, message.text);
    if (message.kind === "sections") { document.querySelector(".answer").classList.remove("old"); busy(opening, false); swap(message); }
    if (message.kind === "strip") compare(message);
    if (message.kind === "refused") {
      settle(hasOld);
      refuse(message);
      say(state, hasOld ? "Old: this is the last answer that was proven, without the refused change." : "No answer yet.");
    }
    if (message.kind === "done") {
      settle(false);
      hasOld = true;
      say(state, "Fresh: every figure is of a proven answer to these assumptions.");
    }
    return message.kind === "done" || message.kind === "refused";
  };
  const answer = async () => {
    turn?.abort();
    const mine = turn = new AbortController();
    shown().forEach((each) => busy(each, true));
    say(state, "Solving.");
    let ended = false;
    try {
      const response = await ask("answer", changes, mine.signal);
      if (!response.ok) throw new Error(`status ${response.status}`);
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let text = ""; ;) {
        const { done, value } = await reader.read();
        if (done) break;
        const lines = (text + value).split("\n");
        text = lines.pop();
        lines.forEach((line) => { if (!mine.signal.aborted) ended = take(JSON.parse(line)) || ended; });
      }
      if (!ended && !mine.signal.aborted) throw new Error("no end");
    } catch (error) {
      if (mine.signal.aborted) return;
      settle(hasOld);
      say(state, hasOld ? "Old: the last answer that was proven." : "No answer yet.");
      if (await isAlive()) say(alerted, `The program could not answer (${error.message}); its terminal says why.`);
      else lost();
    }
  };
  const showPanel = async () => {
    busy(panel, true);
    const open = new Map(all(panel, "details").map((each) => [each.firstElementChild.textContent, each.open]));
    const focus = document.activeElement?.dataset.scenario;
    const response = await ask("panel", { scenarios: changes.scenarios }).catch(() => null);
    if (!response) return lost();
    const content = await response.json();
    busy(panel, false);
    if (content.kind === "refused") return refuse(content);
    panel.replaceChildren(parse(content.html));
    all(panel, "details").forEach((each) => { each.open = open.get(each.firstElementChild.textContent) ?? each.open; });
    startLinks();
    paint();
    if (focus) all(panel, "[data-scenario]").find(({ dataset }) => dataset.scenario === focus)?.focus();
  };
  const change = (control, isOther = false) => {
    touched = control;
    forgive();
    write();
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      if (isOther) await showPanel();
      if (isOther && control) touched = homeOf("scenarios");
      answer();
    }, PAUSE);
  };

  // The program may end: the page says so, and keeps what it shows.
  const GONE = "The program that answers this page has ended or cannot be reached: what is shown stays as it is. Start placer explore again, and open the address that it prints.";
  let gone = false;
  const isAlive = async () => (await fetch("alive", { signal: AbortSignal.timeout(PATIENCE) }).catch(() => null))?.ok;
  const lost = () => { gone = true; document.querySelector(".live").classList.add("gone"); say(alerted, GONE); };
  setInterval(async () => {
    if (document.hidden) return;
    const alive = await isAlive();
    if (!alive && !gone) lost();
    if (alive && gone) { gone = false; document.querySelector(".live").classList.remove("gone"); say(alerted, ""); answer(); }
  }, ALIVE);

  const save = async (path, name) => {
    say(state, "Writing the file.");
    const response = await ask(path, changes).catch(() => null);
    if (!response) return lost();
    if (!response.ok) return refuse(response.status === 400 ? await response.json() : { text: `status ${response.status}`, at: {} });
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await response.blob());
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    say(state, `Saved ${name}.`);
  };
  const plain = start.name.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "").slice(0, 60) || "placer";
  const acts = {
    reset: () => { changes = fresh(); change(null, true); },
    report: () => save("report", `${plain}.html`),
    script: () => save("script", `${plain}.py`),
  };
  all(document, "[data-act]").forEach((button) => button.addEventListener("click", () => acts[button.dataset.act]()));

  let changes = read();
  const narrow = matchMedia("(max-width: 1100px)");
  document.querySelector(".panel > details").open = !narrow.matches;
  showPanel();
  answer();
})();
