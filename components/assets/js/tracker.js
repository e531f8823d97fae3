// The page follows its application by itself: what changed is drawn in place, without a reload.
const EVERY = 5000;
const box = () => document.querySelector("[data-tracker]");

// Who is choosing a time keeps his choice and his place, as long as both are still there.
async function redraw() {
  // Not the address of this document: what a form answers stands at the form's.
  const answer = await fetch(box().dataset.trackerUrl.replace(/\/state$/, ""), { cache: "no-store" });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-tracker-page]");
  const page = document.querySelector("[data-tracker-page]");
  if (!fresh || !page) return;
  const [chosen, focused] = [page.querySelector("[name=slot]:checked")?.value, document.activeElement];
  const open = [...page.querySelectorAll("details")].map((details) => details.open);
  page.replaceChildren(...fresh.childNodes);
  [...page.querySelectorAll("details")].forEach((details, index) => { details.open ||= Boolean(open[index]); });
  for (const slot of page.querySelectorAll("[name=slot]")) {
    if (slot.value === chosen) slot.checked = true;
    if (focused?.name === "slot" && focused.value === slot.value) slot.focus();
  }
}

async function look() {
  const shown = box();
  if (!shown || document.visibilityState !== "visible" || "going" in document.documentElement.dataset) return;
  try {
    const answer = await fetch(shown.dataset.trackerUrl, { cache: "no-store" });
    const hasMovedOn = answer.ok && (await answer.json()).state !== shown.dataset.tracker;
    if (answer.status === 403 || hasMovedOn) await redraw();
  } catch {
    // No network: the next look will tell.
  }
}

document.getElementById("problems")?.focus();
if (box()) {
  setInterval(look, EVERY);
  document.addEventListener("visibilitychange", look);
}
