// New letters of the demo appear by themselves; the rest of the page stays where it is.
const EVERY = 2000;
async function look() {
  if (document.visibilityState !== "visible") return;
  try {
    const answer = await fetch(window.location.pathname, { cache: "no-store" });
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-mailbox]");
    const shown = document.querySelector("[data-mailbox]");
    if (answer.ok && fresh && fresh.dataset.mailbox !== shown.dataset.mailbox) shown.replaceWith(fresh);
  } catch {
    // No network: the next look will tell.
  }
}
setInterval(look, EVERY);
