// Comfort of the application form and of the waiting list: what is typed survives a closed tab, the phone is grouped while it is typed.
const form = document.querySelector("form[data-draft]");
const done = document.querySelector("[data-draft-done]");
const store = (() => {
  try { return window.sessionStorage; } catch { return null; }
})();
const SKIPPED = new Set(["package", "token", "price_seen", "website", "promo", "captcha"]);
const kept = (field) => field.name && !SKIPPED.has(field.name) && !["submit", "hidden", "checkbox"].includes(field.type);

function save() {
  const typed = [...form.elements].filter((field) => kept(field) && field.value);
  const draft = Object.fromEntries(typed.map((field) => [field.name, field.value]));
  try { store?.setItem(form.dataset.draft, JSON.stringify(draft)); } catch { /* a full or closed store: nothing to keep */ }
}

function restore() {
  let draft = {};
  try { draft = JSON.parse(store?.getItem(form.dataset.draft) ?? "{}"); } catch { /* not ours */ }
  for (const field of form.elements) if (kept(field) && !field.value && typeof draft[field.name] === "string") field.value = draft[field.name];
}

// +375 29 123-45-67; anything that is not a number of ours is left as it was typed.
function grouped(text) {
  if (!/^[\d\s()+-]*$/.test(text)) return text;
  let digits = text.replace(/\D/g, "");
  if (digits.startsWith("80") && digits.length > 2) digits = `375${digits.slice(2)}`;
  if (!digits.startsWith("375") || digits.length > 12) return text;
  const parts = [digits.slice(3, 5), digits.slice(5, 8), digits.slice(8, 10), digits.slice(10, 12)];
  return `+375 ${parts[0]}${parts[1] ? ` ${parts[1]}` : ""}${parts[2] ? `-${parts[2]}` : ""}${parts[3] ? `-${parts[3]}` : ""}`.trimEnd();
}

if (done) store?.removeItem(done.dataset.draftDone);
if (form) {
  restore();
  form.addEventListener("input", (event) => {
    const field = event.target;
    if (field.matches("[data-phone]") && event.inputType !== "deleteContentBackward" && field.selectionEnd === field.value.length) {
      field.value = grouped(field.value);
    }
    save();
  });
  document.getElementById("problems")?.focus();
  let sent = false;
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented || event.submitter?.hasAttribute("data-live-button")) return;
    if (sent) event.preventDefault();
    sent = true;
  });
  window.addEventListener("pageshow", () => { sent = false; });
}
