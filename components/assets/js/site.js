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

// What has to be waited for counts down, quietly: nothing is read out until it is over.
function countDown(line) {
  const until = Date.now() + Number(line.dataset.waits) * 1000;
  const timer = setInterval(() => {
    const left = Math.ceil((until - Date.now()) / 1000);
    line.textContent = left > 0 ? line.dataset.words.replace("{seconds}", String(left)) : line.dataset.over;
    if (left <= 0) clearInterval(timer);
  }, 500);
}
document.querySelectorAll("[data-waits]").forEach(countDown);

// A form is sent once: a second press would spend a code, a link or a captcha that the first has spent already, and show
// the refusal. After ten seconds, and when one comes back to the page, it may be sent anew.
const SENT_FOR = 10_000;
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || form.matches("[data-live]")) return;
  if (Date.now() - Number(form.dataset.sent ?? 0) < SENT_FOR) event.preventDefault();
  else form.dataset.sent = String(Date.now());
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// A form that ends the session takes its own tab along; the others are led to the door (components/guard/leaving.py).
document.addEventListener("submit", (event) => {
  if (!event.defaultPrevented && event.target.method === "post") document.documentElement.dataset.leaving = "";
});

// Another language shows the page as it is now: what was chosen since it was drawn stands in its address.
document.addEventListener("click", (event) => {
  const link = inside(event, "a[hreflang]");
  if (link && window.location.search) link.search = window.location.search; // the answer to a form has none of its own
});

// A link that was clicked wins over drawing the same page anew (components/guard/moved.py, tracker.js): the next page asks
// the server anyway. A download leaves the page where it is, so the mark does not stay.
const GOING_FOR = 5_000;
window.addEventListener("beforeunload", () => {
  document.documentElement.dataset.going = "";
  setTimeout(() => delete document.documentElement.dataset.going, GOING_FOR);
});
