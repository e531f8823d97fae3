// The form of paying: the button names the sum, a quick sum fills the field. Without this the form works all the same.
const NBSP = "\u00a0";

function wordsOf(text) {
  const plain = text.replace(/[\s\u00a0\u202f]/g, "").replace(",", ".");
  if (!/^\d{1,9}(\.\d{1,2})?$/.test(plain) || Number(plain) < 1) return "";
  const [whole, part = ""] = plain.split(".");
  const english = document.documentElement.lang === "en";
  const rubles = whole.replace(/^0+(?=\d)/, "").replace(/\B(?=(\d{3})+$)/g, english ? "," : NBSP);
  return `${rubles}${english ? "." : ","}${part.padEnd(2, "0")}${NBSP}${english ? "BYN" : "р."}`;
}

function nameSum() {
  for (const button of document.querySelectorAll("[data-names-sum]")) {
    const sum = wordsOf(document.getElementById(button.dataset.namesSum).value);
    button.textContent = sum ? button.dataset.words.replace("{sum}", sum) : button.dataset.otherwise;
  }
}

document.addEventListener("input", nameSum);
document.addEventListener("click", (event) => {
  const quick = event.target instanceof Element ? event.target.closest("[data-fills]") : null;
  const field = quick && document.getElementById(quick.dataset.fills);
  if (!field) return;
  event.preventDefault();
  field.value = quick.dataset.value;
  field.focus();
  nameSum();
});

window.addEventListener("pageshow", nameSum);
nameSum();
