// The map of an office: fetched only when somebody asks for it. Leaflet comes from us, its pictures from the address of the
// settings; the drawn scheme and the written directions say the same without it.
const loaded = (element) => new Promise((done, failed) => {
  element.onload = done;
  element.onerror = failed;
  document.head.append(element);
});

function loadStyle(address) {
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = address;
  return loaded(link);
}

function loadScript(address) {
  const script = document.createElement("script");
  script.src = address;
  return loaded(script);
}

let library;
const leaflet = ({ style, script }) => (library ??= Promise.all([loadStyle(style), loadScript(script)]));

function draw(place) {
  const at = [Number(place.dataset.latitude), Number(place.dataset.longitude)];
  const map = L.map(place, { scrollWheelZoom: false, zoomControl: false }).setView(at, 16);
  L.control.zoom({ zoomInTitle: place.dataset.nearer, zoomOutTitle: place.dataset.farther }).addTo(map);
  map.attributionControl.setPrefix(false);
  L.tileLayer(place.dataset.tiles, { maxZoom: 19, attribution: place.dataset.attribution }).addTo(map);
  L.marker(at, { icon: L.divIcon({ className: "map__mark", iconSize: [24, 24] }), alt: place.dataset.address, keyboard: false }).addTo(map);
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-map]");
  if (!button) return;
  const place = document.getElementById(button.dataset.map);
  button.disabled = true;
  try {
    await leaflet(button.dataset);
    place.hidden = false;
    draw(place);
    button.closest("[data-map-offer]").hidden = true;
    place.focus();
  } catch {
    library = undefined;
    button.disabled = false;
    document.getElementById(`${button.dataset.map}-failed`).hidden = false;
  }
});
