// Messages at the foot of the page leave by themselves (data-seconds), unless somebody is reading them.
(() => {
  const watch = (toast) => {
    if (toast.dataset.watched) return;
    toast.dataset.watched = "1";
    let left = Number(toast.dataset.seconds || 6);
    const tick = setInterval(() => {
      if (!toast.isConnected) clearInterval(tick);
      else if (!toast.matches(":hover, :focus-within") && (left -= 1) <= 0) { clearInterval(tick); toast.remove(); }
    }, 1000);
  };
  const scan = () => document.querySelectorAll(".toast").forEach(watch);
  document.addEventListener("click", (event) => { event.target.closest(".toast__close")?.closest(".toast").remove(); });
  document.addEventListener("DOMContentLoaded", scan);
  document.addEventListener("htmx:load", scan);
  // A request that failed says so; the page stays as it was.
  const failed = document.querySelector("template#toast-failed");
  const warn = () => { if (failed) { document.getElementById("toasts")?.append(failed.content.cloneNode(true)); scan(); } };
  document.addEventListener("htmx:sendError", warn);
  document.addEventListener("htmx:responseError", (event) => { if (event.detail.xhr.status >= 500) warn(); });
})();
