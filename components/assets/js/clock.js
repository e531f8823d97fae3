// What a rehearsal tells appears while it goes on; the form above stays as it is.
const EVERY = 700;
async function look() {
  const shown = document.getElementById("clock");
  if (shown.dataset.clock !== "running") return;
  try {
    const answer = await fetch(window.location.href, { cache: "no-store" });
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("clock");
    if (answer.ok && fresh && !shown.querySelector("dialog[open]")) shown.replaceWith(fresh);
  } catch {
    // No network: the next look will tell.
  }
  setTimeout(look, EVERY);
}
setTimeout(look, EVERY);
