/**
 * Suggestions under the search box, chosen by mouse or arrow keys.
 *
 * data-config: {suggest}; answers are {"suggestions": [{text, kind, url}, ...]}: each leads to its address. The empty box
 * offers what one opened last. A half-typed Chinese word never sends the form.
 */
type Config = { suggest: string };
type Suggestion = { text: string; kind: string; url: string };

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
    form: HTMLFormElement,
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
    input.addEventListener("focus", () => { if (!input.value.trim()) this.later(); });
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
    const found = await this.suggestions(text);
    if (text === this.input.value.trim() && document.activeElement === this.input) this.show(found);
  }

  /** Suggestions are a help: without a line, or after too many questions, there are none. */
  private async suggestions(text: string): Promise<Suggestion[]> {
    try {
      const headers = { Accept: "application/json" };
      const answer = await fetch(`${this.url}?q=${encodeURIComponent(text)}`, { headers });
      return answer.ok ? ((await answer.json()) as { suggestions: Suggestion[] }).suggestions : [];
    } catch {
      return [];
    }
  }

  private show(found: Suggestion[]): void {
    this.chosen = -1;
    this.list.replaceChildren(...found.map((suggestion, index) => this.option(suggestion, index)));
    this.list.hidden = found.length === 0;
    this.input.setAttribute("aria-expanded", String(found.length > 0));
    this.input.removeAttribute("aria-activedescendant");
  }

  private option(suggestion: Suggestion, index: number): HTMLLIElement {
    const option = document.createElement("li");
    option.id = `${LIST_ID}-${String(index)}`;
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", "false");
    const link = document.createElement("a");
    link.href = suggestion.url;
    link.tabIndex = -1;
    const kind = document.createElement("span");
    kind.className = "kind";
    kind.textContent = suggestion.kind;
    link.append(suggestion.text, kind);
    option.append(link);
    option.addEventListener("mousedown", (event) => { event.preventDefault(); }); // the list stays until the click
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
    else if (event.key === "Enter" && this.chosen >= 0) this.options()[this.chosen]?.querySelector("a")?.click();
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
}
