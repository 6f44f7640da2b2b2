// What every page can do: the account finder, moving in lists by keyboard, dialogs, menus, and words when a request fails.
"use strict";
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  const one = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const typing = (target) =>
    target instanceof Element && (target.closest("input:not([type=checkbox], [type=radio]), textarea, select") !== null || target.isContentEditable);

  // Dialogs: a button with data-opens="id" opens one, data-closes closes the one around it.
  const show = (dialog) => { if (dialog && !dialog.open) dialog.showModal(); };
  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    if (!target) return;
    const opener = target.closest("[data-opens]");
    if (opener) { event.preventDefault(); show(document.getElementById(opener.dataset.opens)); return; }
    if (target.closest("[data-closes]")) { target.closest("dialog")?.close(); return; }
    if (target.closest("[data-print]")) { window.print(); return; }
    if (target instanceof HTMLDialogElement) { target.close(); return; } // the backdrop
    for (const menu of all("details.menu[open], details.confirm[open]")) if (!menu.contains(target)) menu.open = false;
  });

  // Forms that apply their filters as soon as one changes.
  document.addEventListener("change", (event) => {
    const form = event.target instanceof Element ? event.target.closest("form[data-autosubmit]") : null;
    if (form && !event.target.matches("[type=search], [type=text]")) form.requestSubmit();
  });

  // Lists: [data-list] holds rows [data-row] (or is a table.data). One row is the current one.
  const rows = () => {
    const dialog = one("dialog[open]");
    if (dialog) return all(".found a", dialog);
    return all("[data-list] [data-row], table.data > tbody > tr").filter((row) => row.offsetParent !== null);
  };
  const currentRow = () => rows().find((row) => row.classList.contains("current")) ?? null;
  const select = (row, focus = true) => {
    for (const other of all(".current[data-row], table.data > tbody > tr.current, .found a.current")) other.classList.remove("current");
    if (!row) return;
    row.classList.add("current");
    if (focus && !row.closest("dialog")) {
      if (!row.hasAttribute("tabindex") && !row.matches("a, button, summary")) row.setAttribute("tabindex", "-1");
      row.focus({ preventScroll: true });
    }
    row.scrollIntoView({ block: "nearest" });
  };
  const step = (by) => {
    const list = rows();
    if (!list.length) return;
    const at = list.indexOf(currentRow());
    select(list[at < 0 ? (by > 0 ? 0 : list.length - 1) : Math.min(list.length - 1, Math.max(0, at + by))]);
  };
  const open = (row) => {
    const link = row.matches("a") ? row : one("a[data-open]", row) ?? one("a[href]", row);
    if (link) link.click();
  };
  window.barograph = { rows, currentRow, select, step, typing };
  document.addEventListener("focusin", (event) => {
    const row = event.target instanceof Element ? event.target.closest("[data-row], table.data > tbody > tr") : null;
    if (row && !row.classList.contains("current")) select(row, false);
  });

  // Keys.
  document.addEventListener("keydown", (event) => {
    const finder = document.getElementById("finder");
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k" && finder) { event.preventDefault(); show(finder); return; }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const dialog = one("dialog[open]");
    if (dialog && dialog === finder) {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") { event.preventDefault(); step(event.key === "ArrowDown" ? 1 : -1); }
      if (event.key === "Enter") { event.preventDefault(); const row = currentRow() ?? rows()[0]; if (row) open(row); }
      return;
    }
    if (dialog || typing(event.target)) return;
    switch (event.key) {
      case "/": if (finder) { event.preventDefault(); show(finder); } break;
      case "?": event.preventDefault(); show(document.getElementById("keys")); break;
      case "j": event.preventDefault(); step(1); break;
      case "k": event.preventDefault(); step(-1); break;
      case "Enter": {
        const row = currentRow();
        if (row && row === document.activeElement && !row.matches("a, button, summary") && !row.hasAttribute("data-expands")) { event.preventDefault(); open(row); }
        break;
      }
      case "Escape": for (const menu of all("details.menu[open], details.confirm[open]")) { menu.open = false; one("summary", menu)?.focus(); } break;
    }
  });
  document.getElementById("finder")?.addEventListener("close", () => {
    const input = one("#finder input"); if (input) input.value = "";
    const found = one("#finder .found"); if (found) found.replaceChildren();
  });

  // A request that failed says so; the words stay until the next one succeeds or a while has passed.
  const say = (words) => {
    const toasts = document.getElementById("toasts");
    if (!toasts) return;
    const toast = document.createElement("p");
    toast.textContent = words;
    toasts.replaceChildren(toast);
    window.setTimeout(() => toast.remove(), 12000);
  };
  window.barograph.say = say;
  document.addEventListener("htmx:sendError", () => say("No connection: nothing was saved. Try again in a moment."));
  document.addEventListener("htmx:timeout", () => say("That took too long. Reload the page to see whether it was saved."));
  document.addEventListener("htmx:responseError", (event) => {
    const status = event.detail.xhr.status;
    if (status === 401) { window.location.reload(); return; }
    const words = { 403: "Your role does not include this, or the form is too old: reload the page.", 404: "It is no longer there, or not shared with you.", 429: "Too many requests: wait a moment." };
    say(words[status] ?? `Something went wrong (${status}). Nothing was saved.`);
  });
})();
