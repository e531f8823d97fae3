// Small conveniences of every page. All of them listen on the document, so that a header drawn later works too.
const theme = document.querySelector('meta[name="amigo-theme"]')?.content;
if (theme) document.documentElement.dataset.theme = theme; // a live page cannot set it in its <html>

const inside = (event, selector) => event.target instanceof Element ? event.target.closest(selector) : null;

function filterList(input) {
  const list = document.getElementById(input.dataset.filters);
  const wanted = input.value.trim().toLowerCase().replaceAll("ё", "е");
  let found = 0;
  for (const item of list.children) {
    item.hidden = !item.textContent.toLowerCase().replaceAll("ё", "е").includes(wanted);
    found += item.hidden ? 0 : 1;
  }
  const empty = list.parentElement.querySelector("[data-empty]");
  if (empty) empty.hidden = found > 0;
}

document.addEventListener("click", (event) => {
  const opener = inside(event, "[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens)?.showModal();
  if (inside(event, "[data-closes]") || event.target instanceof HTMLDialogElement) event.target.closest("dialog")?.close();
  for (const fold of document.querySelectorAll("details[data-folds][open]")) {
    const menu = fold.parentElement.querySelector(":scope > .header__menu");
    if (!fold.contains(event.target) && !(menu && fold.matches(".header__toggle") && menu.contains(event.target))) fold.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const fold of document.querySelectorAll("details[data-folds][open]")) {
    fold.open = false;
    fold.querySelector("summary").focus();
  }
});

document.addEventListener("input", (event) => {
  if (inside(event, "[data-filters]")) filterList(event.target);
});

document.addEventListener("click", (event) => {
  if (inside(event, "[data-prints]")) window.print();
});

// A form that ends the session takes its own tab along; the others are led to the door (components/guard/leaving.py).
document.addEventListener("submit", (event) => {
  if (!event.defaultPrevented && event.target.method === "post") document.documentElement.dataset.leaving = "";
});
