// Adds the weights up while they are typed. The server checks the sum again.
"use strict";
for (const form of document.querySelectorAll("form[data-sums]")) {
  const total = form.querySelector("[data-total]");
  const hint = form.querySelector("[data-hint]");
  const box = total.closest(".sum");
  const sum = (inside) => {
    let points = 0;
    for (const input of inside.querySelectorAll("input[data-weight]")) {
      points += Number.parseFloat(input.value) || 0;
    }
    return Math.round(points * 100) / 100;
  };
  const show = () => {
    const points = sum(form);
    total.value = String(points);
    box.classList.toggle("off", points !== 100);
    hint.textContent = points === 100 ? "" : points < 100 ? `${Math.round((100 - points) * 100) / 100} to give` : `${Math.round((points - 100) * 100) / 100} too many`;
    for (const group of form.querySelectorAll("[data-group]")) {
      const part = group.querySelector("[data-part]");
      if (part) {
        part.value = String(sum(group));
      }
    }
  };
  form.addEventListener("input", show);
  show();
}
