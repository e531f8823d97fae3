// The cabinet: what counts down.
function leftTo(instant) {
  const seconds = Math.max(0, Math.floor((instant - Date.now()) / 1000));
  const [days, hours, minutes] = [Math.floor(seconds / 86400), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60];
  const two = (number) => String(number).padStart(2, "0");
  return `${days ? `${days} д ` : ""}${two(hours)}:${two(minutes)}:${two(seconds % 60)}`;
}

function tick() {
  for (const place of document.querySelectorAll("[data-counts-to]")) {
    place.textContent = place.dataset.words.replace("{time}", leftTo(new Date(place.dataset.countsTo)));
  }
}
tick();
setInterval(tick, 1000);
