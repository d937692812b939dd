/**
 * People who may be meant, offered while one types "@姓" in a text; chosen by mouse or arrow keys.
 *
 * data-config: {people: address, words: {people}}; answers are {"people": [{written, name, schools}, ...]}. Without this,
 * the name typed in full does the same.
 */
type Person = { written: string; name: string; schools: string };
type Config = { people: string; words: { people: string } };

const PAUSE = 200;
const TYPED = /@([^\s@]{1,16})$/;

/** Attach to the box around a textarea. */
export function mount(box: HTMLElement): void {
  const field = box.querySelector("textarea");
  const config = JSON.parse(box.dataset["config"] ?? "{}") as Config;
  if (field) new Mentions(box, field, config);
}

class Mentions {
  private readonly list = document.createElement("ul");
  private timer = 0;
  private chosen = 0;
  private people: Person[] = [];

  constructor(
    box: HTMLElement,
    private readonly field: HTMLTextAreaElement,
    private readonly config: Config,
  ) {
    this.list.id = `${field.id}-people`;
    this.list.className = "suggestions";
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", config.words.people);
    this.list.hidden = true;
    field.setAttribute("aria-controls", this.list.id);
    field.setAttribute("aria-autocomplete", "list");
    box.append(this.list);
    field.addEventListener("input", () => { this.later(); });
    field.addEventListener("keydown", (event) => { this.key(event); });
    field.addEventListener("blur", () => { window.setTimeout(() => { this.show([]); }, PAUSE); });
  }

  private typed(): string {
    return TYPED.exec(this.field.value.slice(0, this.field.selectionStart))?.[1] ?? "";
  }

  private later(): void {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.ask(), PAUSE);
  }

  private async ask(): Promise<void> {
    const text = this.typed();
    const people = text ? await this.found(text) : [];
    if (text === this.typed()) this.show(people);
  }

  /** It is a help: without a line there is nobody to choose from. */
  private async found(text: string): Promise<Person[]> {
    try {
      const headers = { Accept: "application/json" };
      const answer = await fetch(`${this.config.people}?q=${encodeURIComponent(text)}`, { headers });
      return answer.ok ? ((await answer.json()) as { people: Person[] }).people : [];
    } catch {
      return [];
    }
  }

  private show(people: Person[]): void {
    this.people = people;
    this.list.replaceChildren(...people.map((person, index) => this.option(person, index)));
    this.list.hidden = people.length === 0;
    this.choose(0);
  }

  private option(person: Person, index: number): HTMLLIElement {
    const option = document.createElement("li");
    option.id = `${this.list.id}-${String(index)}`;
    option.setAttribute("role", "option");
    option.textContent = person.schools ? `${person.name} · ${person.schools}` : person.name;
    option.addEventListener("mousedown", (event) => {
      event.preventDefault(); // the text keeps the focus
      this.take(person);
    });
    return option;
  }

  private choose(index: number): void {
    this.chosen = index;
    [...this.list.children].forEach((option, at) => { option.setAttribute("aria-selected", String(at === index)); });
    if (this.list.hidden) this.field.removeAttribute("aria-activedescendant");
    else this.field.setAttribute("aria-activedescendant", this.list.children[index]?.id ?? "");
  }

  private key(event: KeyboardEvent): void {
    if (event.isComposing || this.list.hidden) return;
    const count = this.people.length;
    const person = this.people[this.chosen];
    if (event.key === "Escape") this.show([]);
    else if (event.key === "ArrowDown") this.choose((this.chosen + 1) % count);
    else if (event.key === "ArrowUp") this.choose((this.chosen + count - 1) % count);
    else if ((event.key === "Enter" || event.key === "Tab") && person) this.take(person);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  private take(person: Person): void {
    const end = this.field.selectionStart;
    this.field.setRangeText(`${person.written} `, end - this.typed().length, end, "end");
    this.show([]);
  }
}
