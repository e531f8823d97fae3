// What holds for the moment only («Открыто до 20:00») is asked for anew when somebody comes back to an old page.
const OLD = 60_000;
let drawnAt = Date.now();

async function renew() {
  if (document.visibilityState !== "visible" || Date.now() - drawnAt < OLD) return;
  try {
    const answer = await fetch(window.location.pathname);
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelectorAll("[data-now]");
    const shown = document.querySelectorAll("[data-now]");
    if (fresh.length !== shown.length) return;
    shown.forEach((spot, index) => spot.replaceChildren(...fresh[index].childNodes));
    drawnAt = Date.now();
  } catch {
    // No network: the next return will tell.
  }
}

document.addEventListener("visibilitychange", renew);
window.addEventListener("pageshow", renew);
