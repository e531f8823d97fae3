// The key of a recovery letter stands behind the # of the address, which no browser sends anywhere. It goes into the
// form here and reaches us by POST only.
const box = document.querySelector("[data-recovery-confirm]");
const form = box.querySelector("form");
const key = form?.elements.token;
if (key && !key.value) key.value = window.location.hash.slice(1);
if (key && !key.value) {
  form.hidden = true;
  box.querySelector("[data-no-link]").hidden = false;
}
