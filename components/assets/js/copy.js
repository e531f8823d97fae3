// A button with data-copies puts that text into the clipboard and says so for a moment.
document.addEventListener("click", async (event) => {
  const button = event.target instanceof Element ? event.target.closest("[data-copies]") : null;
  if (!button || "words" in button.dataset) return;
  try {
    await navigator.clipboard.writeText(button.dataset.copies);
  } catch {
    return; // no clipboard without TLS: the number stands beside the button
  }
  const words = [...button.childNodes];
  button.dataset.words = "";
  button.textContent = button.dataset.done;
  setTimeout(() => {
    button.replaceChildren(...words);
    delete button.dataset.words;
  }, 2000);
});
