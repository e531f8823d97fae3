// A form with a passkey: the server asks, the key of the device signs, the answer goes back with the form.
const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

const listed = (keys) => (keys ?? []).map((key) => ({ ...key, id: bytes(key.id) }));

async function created(options) {
  const publicKey = {
    ...options,
    challenge: bytes(options.challenge),
    user: { ...options.user, id: bytes(options.user.id) },
    excludeCredentials: listed(options.excludeCredentials),
  };
  const { id, rawId, type, response } = await navigator.credentials.create({ publicKey });
  const { clientDataJSON, attestationObject } = response;
  const signed = { clientDataJSON: text(clientDataJSON), attestationObject: text(attestationObject) };
  return { id, rawId: text(rawId), type, clientExtensionResults: {}, response: signed };
}

async function shown(options) {
  const publicKey = { ...options, challenge: bytes(options.challenge), allowCredentials: listed(options.allowCredentials) };
  const { id, rawId, type, response } = await navigator.credentials.get({ publicKey });
  const signed = Object.fromEntries(
    ["clientDataJSON", "authenticatorData", "signature", "userHandle"]
      .filter((name) => response[name])
      .map((name) => [name, text(response[name])]),
  );
  return { id, rawId: text(rawId), type, clientExtensionResults: {}, response: signed };
}

function tell(form, words) {
  const line = form.querySelector("[data-passkey-problem]");
  line.querySelector("span").textContent = words;
  line.hidden = false;
}

async function ask(form) {
  const answer = await fetch(form.dataset.question, { method: "POST", cache: "no-store" });
  const options = await answer.json();
  if (options.confirm) return form.submit(); // the server answers by asking for the password first
  if (!answer.ok) return tell(form, options.problem);
  const signed = form.dataset.passkey === "create" ? await created(options) : await shown(options);
  form.elements.credential.value = JSON.stringify(signed);
  document.documentElement.dataset.leaving = "";
  return form.submit();
}

// Before the other listeners: this form is not sent yet.
document.addEventListener(
  "submit",
  async (event) => {
    const form = event.target;
    if (!form.matches("form[data-passkey]") || !event.submitter?.hasAttribute("data-passkey-button")) return;
    event.preventDefault();
    form.querySelector("[data-passkey-problem]").hidden = true;
    event.submitter.disabled = true;
    try {
      await ask(form);
    } catch (error) {
      tell(form, form.querySelector(error.name === "InvalidStateError" ? "[data-passkey-known]" : "[data-passkey-cancelled]").textContent);
    } finally {
      event.submitter.disabled = false;
    }
  },
  { capture: true },
);

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const isElsewhere = window.location.origin !== form.dataset.origin;
  const canAsk = Boolean(window.PublicKeyCredential) && !isElsewhere;
  form.querySelector("[data-passkey-button]").disabled = !canAsk;
  if (isElsewhere) form.querySelector("[data-passkey-elsewhere]").hidden = false;
  else if (!canAsk) form.querySelector("[data-passkey-none]").hidden = false;
}
