// The state of the connection in words: what is tapped without one would be lost, so the person must see it.
const line = document.querySelector("[data-net]");
const words = line?.querySelector("[data-net-words]");
let told = null;

function look() {
  const on = navigator.onLine && Boolean(window.socket?.connected);
  if (on === told) return;
  told = on;
  line.classList.toggle("net--off", !on);
  words.textContent = on ? line.dataset.netOn : line.dataset.netOff;
}

if (line) {
  window.addEventListener("load", () => setTimeout(look, 1500));
  for (const change of ["online", "offline"]) window.addEventListener(change, look);
  setInterval(look, 2000);
}
