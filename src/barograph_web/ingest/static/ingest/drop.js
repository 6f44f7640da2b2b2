// Files dropped on the form are chosen like those from the dialog; what was chosen is shown.
"use strict";
for (const form of document.querySelectorAll("form[data-drop]")) {
  const input = form.querySelector("input[type=file]");
  const chosen = form.querySelector(".chosen");
  const show = () => {
    chosen.textContent = Array.from(input.files, (file) => file.name).join(", ");
  };
  input.addEventListener("change", show);
  for (const name of ["dragenter", "dragover"]) {
    form.addEventListener(name, (event) => {
      event.preventDefault();
      form.classList.add("over");
    });
  }
  for (const name of ["dragleave", "drop"]) {
    form.addEventListener(name, () => form.classList.remove("over"));
  }
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer.files.length) {
      input.files = event.dataTransfer.files;
      show();
    }
  });
}
