// Painted blocks become live when the socket is up. The server keeps the last word: it gets the state of the form
// and answers with the HTML of the blocks. Without a socket the forms send themselves as they always could.
const KEPT = new Set(["open"]);
const asked = new Map(); // questions by form: over a slow line an answer to an older one must not take back what was chosen since

function syncAttributes(old, fresh) {
  for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name) && !KEPT.has(name)) old.removeAttribute(name);
  for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value && !KEPT.has(name)) old.setAttribute(name, value);
  if (old instanceof HTMLInputElement) {
    old.checked = fresh.hasAttribute("checked");
    if (old !== document.activeElement && ["text", "search", "hidden"].includes(old.type)) old.value = fresh.getAttribute("value") ?? "";
  }
  if (old instanceof HTMLOptionElement) old.selected = fresh.hasAttribute("selected");
}

// Changes only what differs, so that the focus and what a screen reader has read stay where they are.
function morph(old, fresh) {
  if (old.nodeType !== fresh.nodeType || old.nodeName !== fresh.nodeName) return old.replaceWith(fresh.cloneNode(true));
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.nodeValue !== fresh.nodeValue) old.nodeValue = fresh.nodeValue;
    return undefined;
  }
  syncAttributes(old, fresh);
  const [mine, theirs] = [[...old.childNodes], [...fresh.childNodes]];
  theirs.forEach((node, index) => (index < mine.length ? morph(mine[index], node) : old.append(node.cloneNode(true))));
  mine.slice(theirs.length).forEach((node) => node.remove());
  return undefined;
}

let offline = null; // a form whose state waits for the network

// A link that takes the state of a form along does so at once: who clicks it does not wait for the answer.
function follow(form) {
  for (const link of document.querySelectorAll(`a[data-takes="${CSS.escape(form.dataset.live)}"]`)) link.search = new URLSearchParams(new FormData(form));
}

window.amigoPainted = {
  replace({ blocks, address, form, answer }) {
    if (answer && answer < asked.get(form)) return;
    for (const [name, html] of Object.entries(blocks)) {
      const block = document.querySelector(`[data-painted="${CSS.escape(name)}"]`);
      if (!block) continue;
      const fresh = block.cloneNode(false);
      fresh.innerHTML = html;
      morph(block, fresh);
    }
    if (address) history.replaceState(history.state, "", address);
    document.dispatchEvent(new CustomEvent("amigo:painted", { detail: Object.keys(blocks) }));
  },
  // Returns false when there is no live connection; then the form should be sent as a form.
  report(form, button = "") {
    if (!window.socket?.connected || typeof window.emitEvent !== "function") return false;
    const state = new URLSearchParams();
    const wanted = form.dataset.liveFields?.split(" ");
    for (const [name, value] of new FormData(form)) {
      if (typeof value === "string" && (!wanted || wanted.includes(name))) state.append(name, value);
    }
    const name = form.dataset.live;
    asked.set(name, (asked.get(name) ?? 0) + 1);
    window.emitEvent(`form-${name}`, state.toString(), button, asked.get(name));
    return true;
  },
  // Past the submit handlers: the server answers with a page of its own.
  send(name) {
    document.querySelector(`form[data-live="${CSS.escape(name)}"]`)?.submit();
  },
};

document.addEventListener("change", (event) => {
  const form = event.target instanceof Element ? event.target.closest("form[data-live]") : null;
  if (!form || form.hasAttribute("data-live-buttons-only")) return;
  follow(form);
  if (window.amigoPainted.report(form) || event.target.type === "text") return;
  if (navigator.onLine) form.requestSubmit();
  else offline = form; // the browser would show its own page instead of ours
});
window.addEventListener("online", () => {
  offline?.requestSubmit();
  offline = null;
});

// Another town gets what was chosen since the page was drawn.
document.addEventListener("click", (event) => {
  const link = event.target instanceof Element ? event.target.closest("a.regions__link") : null;
  if (link && document.querySelector("a[data-takes]")) link.search = window.location.search;
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("form[data-live]")) return;
  const button = event.submitter;
  if (button?.hasAttribute("data-live-button") && window.amigoPainted.report(form, button.value)) event.preventDefault();
});
