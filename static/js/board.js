// The board: left and right go to the next column; a card dropped on a column asks the server for that move.
(() => {
  const cards = (pile) => [...pile.querySelectorAll("[data-row]")];
  document.addEventListener("keydown", (event) => {
    const way = { ArrowLeft: "previousElementSibling", ArrowRight: "nextElementSibling" }[event.key];
    const card = event.target.closest(".pile [data-row]");
    if (!way || !card || document.querySelector("dialog[open]")) return;
    let pile = card.closest(".pile")[way];
    while (pile && !cards(pile).length) pile = pile[way];
    const place = cards(card.closest(".pile")).indexOf(card);
    if (pile) { event.preventDefault(); (cards(pile)[place] || cards(pile).at(-1)).querySelector("a").focus(); }
  });
  const there = (event) => event.target.closest?.("[data-column]");
  document.addEventListener("dragstart", (event) => event.dataTransfer.setData("text/plain", event.target.closest?.("[data-moves]")?.dataset.moves || ""));
  document.addEventListener("dragover", (event) => { if (there(event)) event.preventDefault(); });
  document.addEventListener("drop", (event) => {
    const moves = event.dataTransfer.getData("text/plain");
    if (there(event) && moves.startsWith("/board/")) { event.preventDefault(); window.htmx.ajax("GET", `${moves}?to=${there(event).dataset.column}`, { target: "#dialog", swap: "innerHTML" }); }
  });
})();
