// The page is drawn anew when the application has moved on.
const box = document.querySelector("[data-tracker]");
const EVERY = 15000;
async function look() {
  if (document.visibilityState !== "visible") return;
  try {
    const answer = await fetch(box.dataset.trackerUrl, { cache: "no-store" });
    const isCodeAsked = answer.status === 403;
    const hasMovedOn = answer.ok && (await answer.json()).state !== box.dataset.tracker;
    if ((isCodeAsked || hasMovedOn) && !("going" in document.documentElement.dataset)) window.location.reload();
  } catch {
    // No network: the next look will tell.
  }
}
if (box) {
  setInterval(look, EVERY);
  document.addEventListener("visibilitychange", look);
}
