/**
 * Suggestions under the search box, chosen by mouse or arrow keys.
 *
 * data-config: {suggest}; answers are {"suggestions": [text, ...]}. A half-typed Chinese word never sends the form.
 */
type Config = { suggest: string };

const PAUSE = 150;
const LIST_ID = "suggestions";

/** Attach to the form around the search box. */
export function mount(form: HTMLElement): void {
  const input = form.querySelector<HTMLInputElement>("input");
  const config = JSON.parse(form.dataset["config"] ?? "{}") as Config;
  if (input) new Suggestions(form as HTMLFormElement, input, config.suggest);
}

class Suggestions {
  private readonly list = document.createElement("ul");
  private timer = 0;
  private chosen = -1;
  private composing = false;

  constructor(
    private readonly form: HTMLFormElement,
    private readonly input: HTMLInputElement,
    private readonly url: string,
  ) {
    this.list.id = LIST_ID;
    this.list.className = "suggestions";
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", input.getAttribute("aria-label") ?? "");
    this.list.hidden = true;
    for (const [name, value] of Object.entries({
      role: "combobox",
      "aria-expanded": "false",
      "aria-controls": LIST_ID,
      "aria-autocomplete": "list",
    })) {
      input.setAttribute(name, value);
    }
    form.append(this.list);
    input.addEventListener("input", () => { this.later(); });
    input.addEventListener("keydown", (event) => { this.key(event); });
    input.addEventListener("compositionstart", () => { this.composing = true; });
    // Safari says Enter once more, after the word is complete
    input.addEventListener("compositionend", () => { window.setTimeout(() => { this.composing = false; }); });
    input.addEventListener("blur", () => { window.setTimeout(() => { this.show([]); }, PAUSE); });
  }

  private later(): void {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.ask(), PAUSE);
  }

  private async ask(): Promise<void> {
    const text = this.input.value.trim();
    if (!text) {
      this.show([]);
      return;
    }
    const texts = await this.suggestions(text);
    if (text === this.input.value.trim() && document.activeElement === this.input) this.show(texts);
  }

  /** Suggestions are a help: without a line, or after too many questions, there are none. */
  private async suggestions(text: string): Promise<string[]> {
    try {
      const headers = { Accept: "application/json" };
      const answer = await fetch(`${this.url}?q=${encodeURIComponent(text)}`, { headers });
      return answer.ok ? ((await answer.json()) as { suggestions: string[] }).suggestions : [];
    } catch {
      return [];
    }
  }

  private show(texts: string[]): void {
    this.chosen = -1;
    this.list.replaceChildren(...texts.map((text, index) => this.option(text, index)));
    this.list.hidden = texts.length === 0;
    this.input.setAttribute("aria-expanded", String(texts.length > 0));
    this.input.removeAttribute("aria-activedescendant");
  }

  private option(text: string, index: number): HTMLLIElement {
    const option = document.createElement("li");
    option.id = `${LIST_ID}-${String(index)}`;
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", "false");
    option.textContent = text;
    option.addEventListener("mousedown", (event) => { if (event.button === 0) this.take(text); });
    return option;
  }

  private key(event: KeyboardEvent): void {
    if (event.isComposing || this.composing) {
      if (event.key === "Enter") event.preventDefault();
      return;
    }
    if (this.list.hidden) return;
    if (event.key === "Escape") this.show([]);
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") this.move(event.key === "ArrowDown" ? 1 : -1);
    else if (event.key === "Enter" && this.chosen >= 0) this.take(this.options()[this.chosen]?.textContent ?? "");
    else return;
    event.preventDefault();
  }

  private move(by: number): void {
    const options = this.options();
    const from = this.chosen < 0 && by < 0 ? 0 : this.chosen; // up from the box leads to the last one
    this.chosen = (from + by + options.length) % options.length;
    options.forEach((option, index) => { option.setAttribute("aria-selected", String(index === this.chosen)); });
    this.input.setAttribute("aria-activedescendant", options[this.chosen]?.id ?? "");
  }

  private options(): HTMLElement[] {
    return [...this.list.querySelectorAll<HTMLElement>('[role="option"]')];
  }

  private take(text: string): void {
    this.input.value = text;
    this.form.requestSubmit();
  }
}
