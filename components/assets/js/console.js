// The operator's console by keyboard: arrows walk along the rows, Enter opens, / searches, ? tells all this.
const rows = () => [...document.querySelectorAll("[data-row]")];
// On a narrow screen the sections do not fit: the one that is open must be in view.
const tab = document.querySelector(".console__tab[aria-current]");
function showTab() {
  const strip = tab?.closest("nav");
  if (strip) strip.scrollLeft = tab.offsetLeft - (strip.clientWidth - tab.offsetWidth) / 2;
}
showTab();
window.addEventListener("resize", showTab);

const isTyping = (target) => target instanceof Element && target.closest("input, textarea, select, [contenteditable]");

// Who steers by voice, or often hits a key by chance, turns the single letters off (WCAG 2.1.4).
const KEYS = "amigo:keys";
const keysBox = document.querySelector("[data-shortcuts]");
const areKeysOff = () => { try { return localStorage.getItem(KEYS) === "off"; } catch { return false; } };
if (keysBox) {
  keysBox.checked = !areKeysOff();
  keysBox.addEventListener("change", () => {
    try { localStorage.setItem(KEYS, keysBox.checked ? "on" : "off"); } catch { /* a closed store: they stay on */ }
  });
}

let lastRow = null; // a list that was drawn anew gives the focus back to the same row

function walk(step) {
  const all = rows();
  const at = all.indexOf(document.activeElement);
  const next = at < 0 ? (step > 0 ? all[0] : all.at(-1)) : all[at + step];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open], .q-dialog")) return;
  const down = event.key === "ArrowDown", up = event.key === "ArrowUp";
  if (isTyping(event.target)) {
    if (down && event.target.closest("[data-search]") && rows().length) { event.preventDefault(); walk(1); }
    return;
  }
  if ((down || up) && rows().length) { event.preventDefault(); walk(down ? 1 : -1); }
  if (areKeysOff()) return;
  if (event.key === "/") {
    const field = document.querySelector("[data-search] input, input[data-search]");
    if (field) { event.preventDefault(); field.focus(); }
  }
  if (event.key === "g") location.assign("/operator/");
  if (event.key === "?") document.getElementById("shortcuts")?.showModal();
});

document.addEventListener("focusin", (event) => { lastRow = event.target.closest?.("[data-row]")?.dataset.row ?? null; });

new MutationObserver(() => {
  if (lastRow && document.activeElement === document.body) {
    document.querySelector(`[data-row="${CSS.escape(lastRow)}"]`)?.focus({ preventScroll: true });
  }
}).observe(document.getElementById("content"), { childList: true, subtree: true });
