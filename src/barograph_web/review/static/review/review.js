// The review by keyboard: moving is in shell.js; here are the letters that decide on the entry that is selected.
"use strict";
(() => {
  const { currentRow, select, typing, say } = window.barograph;
  const does = (row, what) => row.querySelector(`[data-does="${what}"]`);
  const press = (row, what) => {
    const found = does(row, what);
    if (!found) { if (what === "undo") say("There is no decision to take back here."); return; }
    if (found.matches("form")) found.requestSubmit(); else found.click();
  };
  const withFocus = (row, field) => {
    const inside = row.querySelector(`.decide [name="${field}"]`);
    if (inside) { inside.focus(); return; }
    const link = does(row, "plan");
    if (!link || !window.htmx) { link?.click(); return; }
    const address = new URL(link.href);
    address.searchParams.set("focus", field);
    window.htmx.ajax("GET", address.pathname + address.search, { target: row, swap: "outerHTML", source: link });
  };

  // Somebody who types on while their form is on its way means the form, not the keys of the page.
  // A letter pressed while the answer about its entry is on its way means the entry as it will stand then.
  let waiting = false;
  let typedAhead = "";
  let sent = null;
  let held = "";
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (!event.detail.target?.matches?.(".entry")) return;
    if (event.detail.requestConfig.verb === "get") { waiting = true; typedAhead = ""; } else { sent = event.detail.target; held = ""; }
  });
  const landed = () => { waiting = false; typedAhead = ""; sent = null; held = ""; };
  document.addEventListener("htmx:afterRequest", (event) => { if (!event.detail.successful) landed(); });
  const decide = (row, letter) => {
    switch (letter) {
      case "a": press(row, "agree"); break;
      case "d": press(row, "disagree"); break;
      case "u": press(row, "undo"); break;
      case "n": withFocus(row, "next_step"); break;
      case "o": withFocus(row, "owner"); break;
      case "p": withFocus(row, "play"); break;
    }
  };

  document.addEventListener("keydown", (event) => {
    if (!waiting || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (event.key.length === 1) { typedAhead += event.key; event.preventDefault(); event.stopImmediatePropagation(); }
  }, true);

  document.addEventListener("keydown", (event) => {
    if (document.querySelector("dialog[open]")) return;
    const target = event.target instanceof Element ? event.target : null;
    const form = target?.closest("form.decide");
    if (form && (event.ctrlKey || event.metaKey) && event.key === "Enter") { event.preventDefault(); form.requestSubmit(); return; }
    if (form && event.key === "Escape") { event.preventDefault(); form.querySelector('[data-does="cancel"]')?.click(); return; }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(target)) return;
    const row = currentRow();
    if (!row || !row.classList.contains("entry")) return;
    const onRow = target === row || target === document.body;
    switch (event.key) {
      case "Enter":
      case " ":
        if (onRow) {
          event.preventDefault();
          const more = row.querySelector("details.more");
          if (more) more.open = !more.open;
        }
        break;
      case "g": row.querySelector("a[data-open]")?.click(); break;
      case "a": case "d": case "u": case "n": case "o": case "p":
        event.preventDefault();
        if (row === sent) held = event.key; else decide(row, event.key);
        break;
    }
  });

  // What was recorded is said, with the way back: one key is enough to record it.
  document.addEventListener("barograph:said", (event) => say(event.detail.words));

  // What was swapped in stays the selected one; a form gets the cursor where the person was heading.
  document.addEventListener("htmx:load", (event) => {
    const entry = event.detail.elt instanceof Element ? event.detail.elt : null;
    if (!entry || !entry.matches(".entry")) return;
    const form = entry.querySelector("form.decide");
    if (!form) {
      const letter = held;
      landed();
      if (!currentRow()) select(entry); // unless they have moved on meanwhile
      if (letter) decide(entry, letter);
      return;
    }
    select(entry, false);
    const wrong = form.querySelector(".wrong textarea, .wrong input, .wrong select");
    const wanted = form.dataset.focus ? form.querySelector(`[name="${form.dataset.focus}"]`) : null;
    const field = wrong ?? wanted ?? form.querySelector('[name="next_step"]');
    field?.focus();
    if (field instanceof HTMLSelectElement && typedAhead) {
      const option = [...field.options].find((one) => one.value && one.text.toLowerCase().startsWith(typedAhead.toLowerCase()));
      if (option) field.value = option.value;
    }
    if (field instanceof HTMLTextAreaElement && typedAhead) field.setRangeText(typedAhead, field.value.length, field.value.length, "end");
    landed();
  });
})();
