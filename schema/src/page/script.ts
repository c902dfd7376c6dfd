/** What the page can do beyond being read. Plain JavaScript: it is written into the page as it is. */
export const SCRIPT = `
(() => {
  "use strict";
  const root = document.documentElement;
  root.classList.add("scripting");
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const byId = (id) => document.getElementById(id);
  const map = byId("map");
  const scroll = map.parentElement;
  const calmly = matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";

  // One operation's way at a time.
  const show = (id) => {
    for (const path of all(".path")) path.classList.toggle("chosen", path.id === id);
    root.classList.toggle("showing", id !== null);
    const first = id === null ? null : byId(id).querySelector(".stop");
    if (first) bringIntoView(first);
  };
  const bringIntoView = (element) => {
    const box = element.getBoundingClientRect();
    const frame = scroll.getBoundingClientRect();
    if (box.left >= frame.left && box.right <= frame.right && box.top >= frame.top && box.bottom <= frame.bottom) return;
    scroll.scrollBy({
      left: box.left - frame.left - frame.width / 3,
      top: box.top - frame.top - frame.height / 3,
      behavior: calmly,
    });
  };
  const chosen = all(".path.chosen")[0];
  if (chosen) show(chosen.id);
  byId("clear").addEventListener("click", () => show(null));
  for (const details of all(".operation"))
    details.querySelector("summary").addEventListener("click", () => {
      // As it was before the click.
      if (!details.open) show(details.dataset.path);
    });

  // Links lead into the map and into what is folded.
  const follow = () => {
    const target = location.hash.length > 1 ? byId(decodeURIComponent(location.hash.slice(1))) : null;
    if (!target) return;
    if (target.classList.contains("path")) {
      show(target.id);
      for (const details of all(".operation")) if (details.dataset.path === target.id) details.open = true;
    }
    else if (map.contains(target)) {
      scroll.scrollIntoView({ block: "nearest" });
      bringIntoView(target);
      if (target.matches(".card")) target.focus({ preventScroll: true });
    }
    else {
      for (let up = target; up; up = up.parentElement) if (up instanceof HTMLDetailsElement) up.open = true;
      target.scrollIntoView({ block: "nearest" });
      if (target.tabIndex >= -1) target.focus({ preventScroll: true });
    }
  };
  addEventListener("hashchange", follow);
  follow();
  // Following the same link again must do so again.
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a[href^='#']") : null;
    if (link && link.getAttribute("href") === location.hash) follow();
  });

  // The lines of what is looked at.
  const near = (id) => {
    for (const link of all(".link"))
      link.classList.toggle("near", id !== null && (link.dataset.from === id || link.dataset.to === id));
  };

  const filter = byId("filter");
  const found = byId("found");
  const apply = () => {
    near(null);
    const words = filter.value.toLowerCase().split(/\\s+/).filter(Boolean);
    const fits = (element) => words.every((word) => element.dataset.text.includes(word));
    let count = 0;
    const cards = all(".card");
    const panelFits = new Map(all(".panel").map((panel) => [panel.id, words.length > 0 && fits(panel)]));
    const kept = new Set();
    for (const card of cards) {
      const its = fits(card);
      card.classList.toggle("off", !its);
      if (its) {
        count += 1;
        kept.add(card.id);
      }
    }
    for (const panel of all(".panel"))
      panel.classList.toggle("off", words.length > 0 && !panelFits.get(panel.id) && !cards.some((card) => kept.has(card.id) && card.id.startsWith(panel.id + "-c-")));
    for (const link of all(".link"))
      link.classList.toggle("off", words.length > 0 && !kept.has(link.dataset.from) && !kept.has(link.dataset.to));
    for (const item of all("li[data-text]")) item.hidden = !fits(item);
    for (const group of all("[data-group]")) {
      const items = all("li[data-text]", group);
      const left = items.filter((item) => !item.hidden).length;
      group.hidden = words.length > 0 && left === 0;
      if (group instanceof HTMLDetailsElement && words.length > 0) group.open = left > 0 && left <= 40;
    }
    root.classList.toggle("filtering", words.length > 0);
    for (const link of words.length > 0 && kept.size <= 20 ? all(".link") : [])
      link.classList.toggle("near", kept.has(link.dataset.from) || kept.has(link.dataset.to));
    found.textContent = words.length === 0 ? "" : count + " of " + cards.length + " on the map";
    const first = words.length > 0 && cards.find((card) => kept.has(card.id));
    if (first) bringIntoView(first);
  };
  filter.addEventListener("input", apply);
  filter.form.addEventListener("submit", (event) => {
    event.preventDefault();
    const first = all(".card:not(.off)")[0];
    if (first) first.focus();
  });
  if (filter.value !== "") apply();

  for (const [type, on] of [["pointerover", true], ["focusin", true], ["pointerout", false], ["focusout", false]])
    map.addEventListener(type, (event) => {
      const card = event.target.closest(".card");
      near(on && card ? card.id : null);
    });

  // Arrows lead from card to card.
  const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  map.addEventListener("keydown", (event) => {
    const step = steps[event.key];
    const here = event.target.closest(".card");
    if (!step || !here) return;
    const middle = (element) => {
      const box = element.getBoundingClientRect();
      return [box.left + box.width / 2, box.top + box.height / 2];
    };
    const [x, y] = middle(here);
    let best = null;
    let least = Infinity;
    for (const card of all(".cards > .card:not(.off)")) {
      const [cx, cy] = middle(card);
      const along = (cx - x) * step[0] + (cy - y) * step[1];
      const across = Math.abs((cx - x) * step[1]) + Math.abs((cy - y) * step[0]);
      const distance = along + across * 2;
      if (along > 4 && distance < least) {
        best = card;
        least = distance;
      }
    }
    if (!best) return;
    event.preventDefault();
    best.focus();
  });
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && document.activeElement === filter) return;
    if (event.key === "Escape") show(null);
    if (event.key === "/" && !(event.target instanceof HTMLInputElement)) {
      event.preventDefault();
      filter.focus();
    }
  });

  const width = map.viewBox.baseVal.width;
  for (const button of all("[data-zoom]"))
    button.addEventListener("click", () => {
      const now = map.getBoundingClientRect().width;
      const next = { in: now * 1.25, out: now / 1.25, fit: scroll.clientWidth }[button.dataset.zoom];
      map.classList.add("sized");
      map.style.width = Math.max(200, Math.min(next, width * 3)) + "px";
    });
})();
`;
