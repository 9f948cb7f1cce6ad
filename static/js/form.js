/* A public form: all of it works without this file but the proof of work.
   Tells the page around a frame how high it is; leads to what needs another look; sends once. */
const me = document.currentScript;
const form = document.querySelector("form[data-form]");
const framed = window.parent !== window;
const tell = (what) => framed && window.parent.postMessage({ ecluse: what }, "*");

if (framed) {
  const stage = document.querySelector(".stage");
  new ResizeObserver(() => tell({ height: Math.ceil(stage.getBoundingClientRect().height) })).observe(stage);
  const done = document.querySelector("[data-go]");
  if (done) tell({ go: done.dataset.go });
}

const summary = document.getElementById("errors");
if (summary) {
  summary.focus({ preventScroll: framed });
  tell({ top: true });
}

if (form) {
  const button = form.querySelector(".form__send");
  const proof = form.querySelector('[name="_proof"]');
  let solved = null;
  const solve = () => {
    solved = solved || new Promise((resolve, reject) => {
      const query = new URLSearchParams({ token: form.querySelector('[name="_token"]').value });
      fetch(`${form.dataset.challenge}?${query}`).then((answer) => answer.json()).then((challenge) => {
        const worker = new Worker(me.dataset.worker);
        worker.onmessage = (event) => { worker.terminate(); resolve(event.data); };
        worker.onerror = reject;
        worker.postMessage(challenge);
      }).catch(reject);
    });
    return solved;
  };
  if (proof) form.addEventListener("focusin", () => solve().catch(() => { solved = null; }), { once: true });

  form.addEventListener("submit", (event) => {
    if (button.getAttribute("aria-disabled") === "true") { event.preventDefault(); return; }
    button.setAttribute("aria-disabled", "true");
    if (!proof || proof.value) return;
    event.preventDefault();
    solve().then((solution) => { proof.value = solution; }).catch(() => {}).finally(() => form.submit());
  });
  // Back from the page that follows: the button works again.
  addEventListener("pageshow", () => button.removeAttribute("aria-disabled"));
}
