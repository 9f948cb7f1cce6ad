// Relative dates stay true while the page is open. The server wrote them first; the exact date is in the title.
(() => {
  const words = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "auto" });
  const units = [["year", 31536000], ["month", 2592000], ["week", 604800], ["day", 86400], ["hour", 3600], ["minute", 60]];
  const refresh = () => document.querySelectorAll("time[data-ago]").forEach((time) => {
    const seconds = (new Date(time.dateTime) - Date.now()) / 1000;
    const unit = units.find(([, size]) => Math.abs(seconds) >= size);
    if (unit) time.textContent = words.format(Math.trunc(seconds / unit[1]), unit[0]);
  });
  setInterval(refresh, 60000);
})();
