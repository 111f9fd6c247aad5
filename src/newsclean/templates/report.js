// Searches and filters what is on the page, opens what a link points to, copies a line. The page reads without it.
"use strict";
(() => {
  document.body.classList.remove("no-script");
  const lists = new Map();

  for (const form of document.querySelectorAll("form[data-list]")) {
    const items = [...document.querySelectorAll("#" + form.dataset.list + " > details.item")];
    const found = document.getElementById(form.dataset.list + "-found");
    const words = new Map();
    const text = (item) => {
      if (!words.has(item)) words.set(item, item.textContent.toLowerCase());
      return words.get(item);
    };
    const has = (item, field, value) => (" " + (item.dataset[field] || "") + " ").includes(" " + value + " ");
    const fields = ["source", "rule", "relation", "flag", "kind"];
    const apply = () => {
      let shown = 0;
      const chosen = new FormData(form);
      const search = (chosen.get("search") || "").trim().toLowerCase();
      for (const item of items) {
        let fits = !search || text(item).includes(search);
        for (const field of fields) {
          const value = chosen.get(field);
          if (fits && value) fits = has(item, field, value);
        }
        item.hidden = !fits;
        shown += fits;
      }
      const order = chosen.get("order");
      if (order) {
        const list = document.getElementById(form.dataset.list);
        const key = (item) => Number(item.dataset[order] || 0);
        const sorted = order === "place" ? items : [...items].sort((a, b) => key(b) - key(a));
        for (const item of sorted) list.append(item);
      }
      found.textContent = shown === items.length ? found.dataset.all : shown + " of " + items.length + " shown here fit";
    };
    // What is chosen stands in the address, so that it can be sent to a colleague or kept.
    const changed = () => {
      apply();
      const told = String(new URLSearchParams([...new FormData(form)].filter(([, value]) => value && value !== "place")));
      if (told || location.hash.startsWith("#" + form.dataset.list + "?"))
        history.replaceState(null, "", "#" + form.dataset.list + (told && "?" + told));
    };
    lists.set(form.dataset.list, (query) => {
      form.reset();
      for (const [name, value] of new URLSearchParams(query)) {
        const field = form.elements.namedItem(name);
        if (field instanceof HTMLInputElement) field.value = value;
        // A choice that is not among those offered would leave the field without any.
        if (field instanceof HTMLSelectElement && [...field.options].some((one) => one.value === value)) field.value = value;
      }
      apply();
    });
    let wait = 0;
    form.addEventListener("input", () => { clearTimeout(wait); wait = setTimeout(changed, 120); });
    form.addEventListener("submit", (event) => { event.preventDefault(); changed(); });
    form.addEventListener("reset", () => { clearTimeout(wait); wait = setTimeout(changed, 0); });
    form.addEventListener("click", (event) => {
      if (event.target.dataset.open === undefined) return;
      const open = event.target.dataset.open === "yes";
      for (const item of items) if (!item.hidden) item.open = open;
    });
  }

  const arrive = () => {
    const [name, query] = location.hash.slice(1).split(/\?(.*)/s);
    const target = name && document.getElementById(name);
    if (!target) return;
    if (query !== undefined && lists.has(name)) {
      lists.get(name)(query);
      target.closest("section").scrollIntoView();
      return;
    }
    for (let at = target; at; at = at.parentElement) {
      if (at.tagName === "DETAILS") { at.open = true; at.hidden = false; }
    }
    target.scrollIntoView();
    const shown = target.closest("details.item") || target;
    shown.classList.remove("target");
    void shown.offsetWidth;
    shown.classList.add("target");
  };
  addEventListener("hashchange", arrive);
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-find]");
    if (!link) return;
    event.preventDefault();
    location.hash = "article-list?" + link.dataset.find;
  });
  arrive();

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-copy]");
    if (!button) return;
    const code = document.getElementById(button.dataset.copy);
    const done = () => { button.textContent = "Copied"; setTimeout(() => { button.textContent = "Copy"; }, 1500); };
    const byHand = () => { getSelection().selectAllChildren(code); };
    if (navigator.clipboard) navigator.clipboard.writeText(code.textContent).then(done, byHand); else byHand();
  });
})();
