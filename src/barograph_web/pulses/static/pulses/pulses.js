// Pulses by keyboard: a number or a letter answers the question that is asked, Enter saves and the next account comes.
"use strict";
(() => {
  const { typing } = window.barograph;
  const LETTERS = {
    sponsor_status: { a: "active", r: "at_risk", m: "missing" },
    executive_engagement: { a: "active", l: "lapsed", n: "none" },
    outcome_narrative: { d: "defensible", v: "in_development", m: "missing" },
  };
  const form = () => document.querySelector("form[data-pulse]");
  const questions = (within) => [...within.querySelectorAll("[data-question]")];
  const answered = (question) => question.querySelector("input:checked") !== null;
  const does = (what) => document.querySelector(`[data-does="${what}"]`);

  // The question that is asked: the first without an answer, or the one gone back to.
  let gone = null;
  const asked = (within) => (gone !== null && within.contains(gone) ? gone : questions(within).find((one) => !answered(one)) ?? null);
  const show = () => {
    const within = form();
    if (!within) return;
    const now = asked(within);
    for (const one of questions(within)) one.classList.toggle("asked", one === now);
  };
  const answer = (within, question, value) => {
    const radio = [...question.querySelectorAll("input")].find((one) => one.value === value);
    if (!radio) return;
    radio.checked = true;
    question.classList.remove("wrong");
    gone = null;
    show();
  };

  // Keys pressed while the answer is on its way are meant for the next account, in their order.
  let sent = false;
  let held = [];
  const press = (key) => {
    const within = form();
    if (!within) return false;
    const question = asked(within);
    if (key === "Enter") { within.requestSubmit(); return true; }
    if (key === "Backspace") {
      const all = questions(within);
      const at = question ? all.indexOf(question) : all.length;
      if (at > 0) {
        gone = all[at - 1];
        for (const radio of gone.querySelectorAll("input")) radio.checked = false;
        show();
      }
      return true;
    }
    if (key === "s" || key === "p") { const found = does(key === "s" ? "skip" : "last"); found?.click(); return found !== null; }
    if (!question) return false;
    if (["1", "2", "3"].includes(key)) { answer(within, question, question.querySelectorAll("input")[Number(key) - 1]?.value); return true; }
    const value = LETTERS[question.dataset.question]?.[key];
    if (value) { answer(within, question, value); return true; }
    return false;
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const target = event.target instanceof Element ? event.target : null;
    if (event.key === "b" && !typing(target)) { const begin = does("begin"); if (begin) { event.preventDefault(); begin.click(); return; } }
    const within = form();
    if (!within || typing(target)) return;
    if (event.key === "Enter" && target?.closest("a[href], button, summary")) return;
    if (sent) { if (event.key.length === 1 || event.key === "Enter" || event.key === "Backspace") { held.push(event.key); event.preventDefault(); } return; }
    if (press(event.key)) event.preventDefault();
  });
  document.addEventListener("change", (event) => { if (event.target instanceof Element && event.target.closest("form[data-pulse]")) { gone = null; show(); } });

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.elt?.matches?.("form[data-pulse]")) { if (sent) event.preventDefault(); else { sent = true; held = []; } }
  });
  document.addEventListener("htmx:afterRequest", (event) => { if (event.detail.elt?.matches?.("form[data-pulse]")) sent = false; });
  document.addEventListener("htmx:load", (event) => {
    const found = event.detail.elt instanceof Element ? event.detail.elt : null;
    if (!found || !found.matches("#pulse")) return;
    sent = false;
    gone = null;
    show();
    const reason = found.querySelector("#id_reason");
    if (reason) {
      reason.focus();
      const typed = held.filter((key) => key.length === 1).join("");
      if (typed) reason.value += typed;
      held = [];
      return;
    }
    const keys = held;
    held = [];
    const name = found.querySelector("h1")?.textContent;
    document.title = name ? `Pulse: ${name}` : document.title;
    window.scrollTo(0, 0);
    for (const key of keys) press(key);
  });
  show();
  document.querySelector("#id_reason")?.focus();
})();
