const MAX_HEIGHT = 160;
const typed = [];
let recalled = 0;

/** Let a text box be as high as its text. */
export function grow(input) {
  input.style.height = "auto";
  input.style.height = `${Math.min(input.scrollHeight, MAX_HEIGHT)}px`;
}

function recall(input, step) {
  recalled = Math.max(0, Math.min(typed.length, recalled + step));
  input.value = typed[recalled] ?? "";
  grow(input);
}

/** A text box that sends on Enter and brings back what was sent with the arrow keys. */
export function composer(form, input, send) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (input.value.trim()) recalled = typed.push(input.value.trim());
    void send(input);
  });
  input.addEventListener("input", () => grow(input));
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const recallable = !input.value.includes("\n") && (input.value === "" || typed.includes(input.value));
    if (event.key === "Enter" && !event.shiftKey) form.requestSubmit();
    else if (step && recallable) recall(input, step);
    else return;
    event.preventDefault();
  });
}
