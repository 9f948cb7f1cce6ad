// The builder: questions are dragged into order, texts copied, the preview drawn anew after each change.
(() => {
  let dragged = null;
  const row = (event) => event.target.closest?.("[data-sortable] > [data-id]");
  document.addEventListener("dragstart", (event) => {
    if (!event.target.closest?.("[draggable=true]") || !row(event)) return;
    dragged = row(event);
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setDragImage(dragged, 12, 12);
    dragged.dataset.dragged = "";
  });
  document.addEventListener("dragover", (event) => {
    if (!dragged) return;
    event.preventDefault();
    const over = row(event);
    if (!over || over === dragged || over.parentElement !== dragged.parentElement) return;
    const box = over.getBoundingClientRect();
    over.parentElement.insertBefore(dragged, event.clientY < box.top + box.height / 2 ? over : over.nextSibling);
  });
  document.addEventListener("drop", (event) => { if (dragged) event.preventDefault(); });
  document.addEventListener("dragend", () => {
    if (!dragged) return;
    delete dragged.dataset.dragged;
    const order = document.getElementById("order");
    order.elements.order.value = [...dragged.parentElement.children].map((item) => item.dataset.id).join();
    order.requestSubmit();
    dragged = null;
  });
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copies]");
    if (!button) return;
    const field = document.getElementById(button.dataset.copies);
    field.select();
    try { await navigator.clipboard.writeText(field.value); } catch { document.execCommand("copy"); }
    button.querySelector("span").textContent = button.dataset.done;
  });
  document.addEventListener("form-changed", () => document.querySelector("[data-preview]")?.contentWindow.location.reload());
})();
