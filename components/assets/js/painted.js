// Painted blocks become live when the socket is up. The server keeps the last word: it gets the state of the form
// and answers with the HTML of the blocks. Without a socket the forms send themselves as they always could.
const KEPT = new Set(["open"]);

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

window.amigoPainted = {
  replace({ blocks, address }) {
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
    if (!window.socket?.connected || !window.did_handshake || typeof window.emitEvent !== "function") return false;
    const state = new URLSearchParams();
    const wanted = form.dataset.liveFields?.split(" ");
    for (const [name, value] of new FormData(form)) {
      if (typeof value === "string" && (!wanted || wanted.includes(name))) state.append(name, value);
    }
    window.emitEvent(`form-${form.dataset.live}`, state.toString(), button);
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
  if (!window.amigoPainted.report(form) && event.target.type !== "text") form.requestSubmit();
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("form[data-live]")) return;
  const button = event.submitter;
  if (button?.hasAttribute("data-live-button") && window.amigoPainted.report(form, button.value)) event.preventDefault();
});
