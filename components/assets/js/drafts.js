// Whose time ran out in the middle of a sentence finds it again after signing in: in this tab, the same person, the same
// page, for half an hour. Only fields of several lines: a short one may hold the number of a paper, and is typed soon.
(() => {
  const KEPT = "amigo:unsent";
  const LIFE = 30 * 60 * 1000;
  const LOOK = 300;
  const person = document.querySelector("[data-person]")?.dataset.person;
  const nameOf = (field) => field.getAttribute("aria-label") || field.name;
  const fields = () => [...document.querySelectorAll("textarea")].filter(nameOf);

  function read() {
    try { return JSON.parse(sessionStorage.getItem(KEPT)); } catch { return null; }
  }

  function write(draft) {
    try {
      if (draft?.texts.length) sessionStorage.setItem(KEPT, JSON.stringify(draft));
      else sessionStorage.removeItem(KEPT);
    } catch { /* a full or closed store: nothing to keep */ }
  }

  // Called by components/guard/leaving.py right before the tab is led to the door.
  window.amigoKeepText = () => {
    const typed = fields().filter((field) => field.value.trim() && field.value !== field.defaultValue);
    const texts = typed.map((field) => ({ name: nameOf(field), text: field.value }));
    if (person) write({ person, path: location.pathname, until: Date.now() + LIFE, texts });
  };

  // A live field belongs to the server: it takes the text once the page is connected.
  const isReady = () => !window.socket || (window.socket.connected && window.did_handshake);

  function giveBack(draft) {
    for (const field of isReady() ? fields() : []) {
      const kept = draft.texts.find(({ name }) => name === nameOf(field));
      if (!kept) continue;
      draft.texts = draft.texts.filter((one) => one !== kept);
      write(draft);
      if (field.value.trim()) continue;
      field.value = kept.text;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }

  const draft = person ? read() : null;
  if (draft && (draft.person !== person || draft.until < Date.now())) write(null);
  else if (draft?.path === location.pathname) {
    const timer = setInterval(() => {
      giveBack(draft);
      if (!draft.texts.length || draft.until < Date.now()) clearInterval(timer);
    }, LOOK);
  }
})();
