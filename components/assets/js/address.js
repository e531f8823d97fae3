// Town, street and house offer what fits while they are typed: comboboxes of the ARIA pattern over fields that work
// without any of this. The page asks the same questions one after another when there are no scripts.
const PAUSE = 150; // ms between the last key and the question

class Picker {
  constructor(form, input) {
    this.form = form;
    this.input = input;
    this.chosen = -1;
    this.list = document.createElement("ul");
    this.list.id = `${input.id}-list`;
    this.list.className = "suggest";
    this.list.hidden = true;
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", form.dataset.list);
    this.told = document.createElement("p");
    this.told.className = "visually-hidden";
    this.told.setAttribute("role", "status");
    input.closest(".field").classList.add("field--suggests");
    input.after(this.list, this.told);
    for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-expanded", "false"], ["aria-controls", this.list.id]]) {
      input.setAttribute(name, value);
    }
    input.addEventListener("input", () => this.ask(PAUSE));
    input.addEventListener("focus", () => { if (!input.value) this.ask(0); });
    input.addEventListener("blur", () => this.close());
    input.addEventListener("keydown", (event) => this.key(event));
    this.list.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
    this.list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.take(option);
    });
  }

  get options() { return [...this.list.children]; }

  ask(pause) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.read(), pause);
  }

  async read() {
    this.asked?.abort();
    this.asked = new AbortController();
    const query = new URLSearchParams({ part: this.input.dataset.part, text: this.input.value });
    for (const other of this.form.querySelectorAll("[data-part]")) if (other !== this.input) query.set(other.dataset.part, other.value);
    try {
      const answer = await fetch(`${this.form.dataset.suggest}?${query}`, { signal: this.asked.signal });
      if (answer.ok) this.show((await answer.json()).found);
    } catch { /* a newer question, or no line: the field is still a field */ }
  }

  show(found) {
    if (document.activeElement !== this.input) return;
    this.list.replaceChildren(...found.map((words, place) => {
      const option = document.createElement("li");
      option.id = `${this.list.id}-${place}`;
      option.className = "suggest__option";
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.textContent = words;
      return option;
    }));
    const { found: some, none } = this.form.dataset;
    this.told.textContent = found.length ? some.replace("{count}", String(found.length)) : this.input.value ? none : "";
    this.open(found.length > 0);
  }

  open(is) {
    this.list.hidden = !is;
    this.input.setAttribute("aria-expanded", String(is));
    this.point(-1);
  }

  close() {
    clearTimeout(this.timer);
    this.asked?.abort();
    this.told.textContent = "";
    this.open(false);
  }

  point(place) {
    this.chosen = place;
    this.options.forEach((option, at) => option.setAttribute("aria-selected", String(at === place)));
    const option = this.options[place];
    if (option) this.input.setAttribute("aria-activedescendant", option.id);
    else this.input.removeAttribute("aria-activedescendant");
    option?.scrollIntoView({ block: "nearest" });
  }

  take(option) {
    this.input.value = option.textContent;
    // What stood below belonged to another town or street.
    const fields = [...this.form.querySelectorAll("[data-part]")];
    for (const below of fields.slice(fields.indexOf(this.input) + 1)) below.value = "";
    this.close();
  }

  key(event) {
    const count = this.options.length;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (this.list.hidden) this.ask(0);
      else this.point(event.key === "ArrowDown" ? (this.chosen + 1) % count : (this.chosen <= 0 ? count : this.chosen) - 1);
    } else if (event.key === "Enter" && !this.list.hidden && this.chosen >= 0) {
      event.preventDefault();
      this.take(this.options[this.chosen]);
    } else if (event.key === "Escape" && !this.list.hidden) {
      event.preventDefault();
      this.close();
    }
  }
}

for (const form of document.querySelectorAll("form[data-address]")) {
  for (const input of form.querySelectorAll("[data-part]")) new Picker(form, input);
  // The constructor keeps its package in the address of the page; it changes after this form was drawn.
  form.addEventListener("submit", () => {
    const kept = form.elements.namedItem("package");
    if (kept && location.search.length > 1) kept.value = location.search.slice(1);
  });
}
