/** A button beside a password field that shows what was typed. */

const LABELS = { zh: ["显示密码", "隐藏密码"], en: ["Show password", "Hide password"] } as const;

export function mount(element: HTMLElement): void {
  if (!(element instanceof HTMLInputElement)) return;
  const input = element;
  const typing = document.activeElement === input; // the field moves, and would lose the focus on the way
  const group = document.createElement("div");
  group.className = "input-group";
  input.replaceWith(group);
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn";
  button.setAttribute("aria-controls", input.id);
  button.addEventListener("click", () => {
    show(input, button, input.type === "password");
  });
  input.form?.addEventListener("submit", () => {
    show(input, button, false);
  });
  group.append(input, button);
  if (typing) input.focus();
  show(input, button, false);
}

function show(input: HTMLInputElement, button: HTMLButtonElement, visible: boolean): void {
  const [reveal, hide] = document.documentElement.lang.startsWith("en") ? LABELS.en : LABELS.zh;
  input.type = visible ? "text" : "password";
  button.textContent = visible ? hide : reveal;
  button.setAttribute("aria-pressed", String(visible));
}
