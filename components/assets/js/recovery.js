// «Забыли пароль» opens the form in a dialog. Without this file the link leads to the page with the same form.
document.addEventListener("click", async (event) => {
  const link = event.target instanceof Element ? event.target.closest("[data-recovery]") : null;
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  try {
    document.getElementById("recovery")?.remove();
    const answer = await fetch("/my/recovery/form", { cache: "no-store" });
    if (!answer.ok) throw new Error(answer.statusText);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const dialog = document.adoptNode(page.querySelector("dialog"));
    document.body.append(dialog);
    const typed = document.getElementById("login")?.value;
    if (typed) dialog.querySelector("[name=number]").value = typed;
    dialog.showModal();
  } catch {
    window.location.assign(link.href);
  }
});
