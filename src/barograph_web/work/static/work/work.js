// My work by keyboard: moving is in shell.js; here are the letters that act on the row that is selected, the side, and
// what keeps letters that are typed while an answer is on its way.
"use strict";
(() => {
  const { rows, currentRow, select, typing, say } = window.barograph;
  const list = () => document.getElementById("list");
  const side = () => document.getElementById("side");
  const narrow = window.matchMedia("(max-width: 1100px)");
  const ACTS = { c: "complete", s: "snooze", h: "hand-over", d: "move" };
  const hint = side()?.querySelector(".hint")?.cloneNode(true);

  const boxes = () => [...document.querySelectorAll("#list .pick input:checked")];
  const value = (row) => row?.dataset.task ?? "";
  const chosen = () => document.querySelector("#list form.chosen");
  const next = () => chosen()?.querySelector("[name=next]").value ?? "";
  const doing = (act) => chosen().dataset.act.replace(/complete\/$/, `${act}/`);
  const address = (act, values) => {
    const query = new URLSearchParams(values.map((one) => ["task", one]));
    query.set("next", next());
    return `${doing(act)}?${query}`;
  };
  const aside = (url) => {
    if (narrow.matches || !side() || !window.htmx) { window.location.href = url; return; }
    window.htmx.ajax("GET", url, { target: "#side" });
  };
  const post = (act, row) => {
    if (!side() || !window.htmx) return;
    window.htmx.ajax("POST", doing(act), { target: "#side", values: { task: value(row), next: next() } });
  };
  const clear = () => {
    if (!side()) return;
    side().replaceChildren(...(hint ? [hint.cloneNode(true)] : []));
    for (const row of document.querySelectorAll("tr.shown")) row.classList.remove("shown");
    const row = currentRow() ?? rows()[0];
    if (row) select(row);
  };

  // On its way: a form or a task for the side ("read": what is typed goes into its field), or something that changes
  // tasks, after which the list is read again ("write": keys are kept and pressed when the list stands again).
  let under = "";
  let typedAhead = "";
  let kept = [];
  let place = { id: "", index: 0 };
  const begin = (what) => { under = what; typedAhead = ""; if (what === "write") kept = []; };
  const end = () => { under = ""; typedAhead = ""; };
  const press = (key) => (document.activeElement ?? document.body).dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  const replay = () => {
    const keys = kept;
    kept = [];
    end();
    // One that sets off a request of its own keeps the rest.
    while (keys.length) {
      press(keys.shift());
      if (under === "write") { kept = keys; return; }
      if (under === "read") { typedAhead = keys.join(""); return; }
    }
  };

  document.addEventListener("htmx:beforeRequest", (event) => {
    const { requestConfig, target } = event.detail;
    if (target?.id === "list") return;
    if (target?.id !== "side") return;
    if (narrow.matches && requestConfig.verb === "get") { event.preventDefault(); window.location.href = requestConfig.path; return; }
    begin(requestConfig.verb === "get" ? "read" : "write");
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const { target, successful, requestConfig, xhr } = event.detail;
    if (target?.id === "list" && !successful) { end(); kept = []; return; }
    if (target?.id !== "side" || successful) return;
    // A refusal (409, 422) is shown at the side: what was typed meanwhile was meant for another state.
    if (requestConfig.verb !== "get") kept = [];
    if (![409, 422].includes(xhr.status) || !xhr.getResponseHeader("HX-Trigger")) end();
  });

  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target?.id !== "list") return;
    const all = rows();
    const row = currentRow();
    place = { id: row?.id ?? "", index: row ? all.indexOf(row) : 0 };
  });
  document.addEventListener("htmx:load", (event) => {
    const found = event.detail.elt instanceof Element ? event.detail.elt : null;
    if (!found) return;
    if (found.id === "list") {
      const all = rows();
      const row = document.getElementById(place.id) ?? all[Math.min(place.index, all.length - 1)];
      const busy = side()?.contains(document.activeElement) && typing(document.activeElement);
      if (row) select(row, !busy);
      replay();
      return;
    }
    if (!found.closest("#side")) return;
    const form = found.querySelector(".act-form form") ?? (found.matches(".act-form") ? found.querySelector("form") : null);
    const shown = found.matches(".task") ? found : found.querySelector(".task");
    if (shown) {
      const row = document.querySelector(`tr[data-row][data-task^="${shown.dataset.task.split(":")[0]}:"]`);
      for (const other of document.querySelectorAll("tr.shown")) other.classList.remove("shown");
      row?.classList.add("shown");
    }
    if (form) {
      const wrong = form.querySelector(".wrong textarea, .wrong input, .wrong select");
      const field = wrong ?? form.querySelector("textarea, input:not([type=hidden]), select") ?? form.querySelector("button");
      field?.focus();
      if (typedAhead && (field instanceof HTMLTextAreaElement || field?.type === "text")) field.setRangeText(typedAhead, field.value.length, field.value.length, "end");
      if (typedAhead && field instanceof HTMLSelectElement) {
        const option = [...field.options].find((one) => one.value && one.text.toLowerCase().startsWith(typedAhead.toLowerCase()));
        if (option) field.value = option.value;
      }
    }
    if (under === "read") {
      const typed = form ? "" : typedAhead;
      end();
      for (const key of typed) press(key);
    }
  });

  // Before the keys of the page: what is typed while an answer is on its way.
  document.addEventListener("keydown", (event) => {
    if (!under || event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || !event.isTrusted) return;
    if (document.querySelector("dialog[open]")) return;
    if (event.key.length !== 1 && event.key !== "Enter") return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (under === "write") kept.push(event.key);
    else if (event.key.length === 1) typedAhead += event.key;
  }, true);

  document.addEventListener("keydown", (event) => {
    if (document.querySelector("dialog[open]")) return;
    const target = event.target instanceof Element ? event.target : null;
    const form = target?.closest("#side form, .act-form form, form.write");
    if (form && (event.ctrlKey || event.metaKey) && event.key === "Enter") { event.preventDefault(); form.requestSubmit(); return; }
    if (event.key === "Escape" && side()?.contains(target)) { event.preventDefault(); clear(); return; }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(target) || !list()) return;
    const row = currentRow();
    if (event.key === "Escape" && !document.querySelector("details[open].menu, details[open].confirm")) {
      for (const box of boxes()) box.checked = false;
      clear();
      return;
    }
    if (!row?.closest("#list")) return;
    if (event.key === "x") {
      event.preventDefault();
      const box = row.querySelector(".pick input");
      if (box) { box.checked = !box.checked; box.dispatchEvent(new Event("change", { bubbles: true })); } else say("This is settled on its own page: press Enter.");
      return;
    }
    if (event.key === "g") { row.querySelector("a.to-account")?.click(); return; }
    const many = boxes().map((box) => box.value);
    if (event.key === "t") {
      event.preventDefault();
      if (value(row) && row.querySelector(".pick input")) post("take", row);
      return;
    }
    const act = ACTS[event.key];
    if (!act) return;
    event.preventDefault();
    const chosen = many.length ? many : row.querySelector(".pick input") ? [value(row)] : [];
    if (!chosen.length) { say("This is settled on its own page: press Enter."); return; }
    aside(address(act, chosen));
  });

  document.addEventListener("click", (event) => {
    if (event.target instanceof Element && event.target.closest("[data-close-side]")) clear();
  });
})();
