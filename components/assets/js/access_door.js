// The key of an invitation stands behind the # of the address, which no browser sends anywhere. It is kept in this tab,
// so that signing in on the way loses nothing, and reaches us by POST only.
const KEPT = "amigo-invitation";
const form = document.querySelector("[data-access-door]");
const key = window.location.hash.slice(1) || sessionStorage.getItem(KEPT);
if (key) {
  sessionStorage.setItem(KEPT, key);
  window.history.replaceState(null, "", window.location.pathname);
  form.elements.token.value = key;
  form.requestSubmit();
} else {
  form.hidden = true;
  for (const part of document.querySelectorAll("[data-no-link]")) part.hidden = false;
}
