// A message that was not sent yet survives a page that is loaded anew: after a long tunnel, a restart, a wrong click.
// It waits in this tab only, under a name of its talk and its writer; signing out empties the store.
const KEPT = "textarea[data-kept]";
const store = (() => {
  try { return window.sessionStorage; } catch { return null; }
})();
const nameOf = (field) => `kept:${field.dataset.kept}`;

window.addEventListener("pagehide", () => {
  for (const field of document.querySelectorAll(KEPT)) {
    if (!field.value) store?.removeItem(nameOf(field));
    else try { store?.setItem(nameOf(field), field.value); } catch { /* a full store: nothing to keep */ }
  }
});

// Vue draws the field some time after the page
const drawn = new MutationObserver(() => {
  for (const field of document.querySelectorAll(KEPT)) {
    drawn.disconnect();
    const text = store?.getItem(nameOf(field));
    if (!text || field.value) continue;
    field.value = text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
});
drawn.observe(document.documentElement, { childList: true, subtree: true });
