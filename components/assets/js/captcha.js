// «Другой код» without losing what is typed elsewhere in the form. Without this file the link loads the page anew.
document.addEventListener("click", async (event) => {
  const link = event.target instanceof Element ? event.target.closest("[data-captcha-refresh]") : null;
  if (!link) return;
  event.preventDefault();
  const box = link.closest("[data-captcha]");
  try {
    const answer = await fetch(`/captcha/new?purpose=${encodeURIComponent(box.dataset.captcha)}`, { cache: "no-store" });
    if (!answer.ok) throw new Error(answer.statusText);
    const { token } = await answer.json();
    box.querySelector("[data-captcha-picture]").src = `/captcha/${token}.png`;
    box.querySelector("[data-captcha-sound]").src = `/captcha/${token}.wav`;
    box.querySelector("[data-captcha-token]").value = token;
    const field = box.querySelector("[data-captcha-answer]");
    field.value = "";
    field.focus();
  } catch {
    window.location.assign(link.href);
  }
});
