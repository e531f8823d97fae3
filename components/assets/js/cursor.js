// The page may move the cursor after a button: to a field that is wrong, to the next step. The answer takes a moment;
// who went on typing elsewhere meanwhile keeps the cursor where it is.
const FIELDS = "input, textarea, select, [contenteditable]";
let hasMovedOn = false;

document.addEventListener("click", (event) => {
  if (event.target.closest?.("button, [role=button]")) hasMovedOn = false;
}, true);
document.addEventListener("keydown", (event) => { if (event.key === "Enter") hasMovedOn = false; }, true);
document.addEventListener("focusin", (event) => { if (event.target.matches?.(FIELDS)) hasMovedOn = true; });
document.addEventListener("input", () => { hasMovedOn = true; });

window.amigoCursor = {
  move(selector) {
    // Vue draws what has just come before the next frame
    requestAnimationFrame(() => { if (!hasMovedOn) document.querySelector(selector)?.focus(); });
  },
};
