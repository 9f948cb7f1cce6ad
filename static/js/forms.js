// data-submits sends its form when it changes. A filter that says nothing stays out of the address.
(() => {
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-submits]")) event.target.form.requestSubmit();
  });
  document.addEventListener("htmx:configRequest", (event) => {
    const { verb, formData } = event.detail;
    if (verb !== "get" || !formData) return;
    [...formData.entries()].forEach(([name, value]) => { if (value === "") formData.delete(name); });
  });
})();
