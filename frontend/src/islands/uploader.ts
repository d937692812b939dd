/**
 * The drop zone: many files or whole folders, each sent in parts that go on after a break or a reload.
 *
 * data-config: {endpoint, drafts, words: {waiting, done, pause, resume, cancel, broken}}
 */
import htmx from "htmx.org";
import { type DetailedError, Upload } from "tus-js-client";

import { dropped, type Found } from "../dropped";
import { csrfToken } from "../partial";

type Words = Record<"waiting" | "done" | "pause" | "resume" | "cancel" | "broken", string>;
type Config = { endpoint: string; drafts: string; words: Words };

const CHUNK = 8 * 1024 * 1024;
const AT_ONCE = 2;
const RETRIES = [0, 1000, 3000, 5000, 10000, 30000];

/** Take files from the zone and from its input. */
export function mount(zone: HTMLElement): void {
  const config = JSON.parse(zone.dataset["config"] ?? "{}") as Config;
  const list = zone.querySelector<HTMLElement>("[data-rows]");
  const input = zone.querySelector<HTMLInputElement>('input[type="file"]');
  if (!list || !input) return;
  const queue = new Queue(config, list);
  input.addEventListener("change", () => {
    queue.add([...(input.files ?? [])].map((file) => ({ file, path: file.webkitRelativePath || file.name })));
    input.value = "";
  });
  for (const name of ["dragenter", "dragover", "dragleave", "drop"]) {
    zone.addEventListener(name, (event) => {
      event.preventDefault();
      zone.classList.toggle("dragging", name === "dragenter" || name === "dragover");
    });
  }
  zone.addEventListener("drop", (event) => {
    if (event.dataTransfer) void dropped(event.dataTransfer).then((found) => { queue.add(found); });
  });
}

/** A few uploads at once, the rest in their order. */
class Queue {
  private readonly waiting: Row[] = [];
  private running = 0;

  constructor(private readonly config: Config, private readonly list: HTMLElement) {}

  add(found: Found[]): void {
    for (const item of found) this.waiting.push(new Row(item, this.config, this.list, () => { this.ended(); }));
    this.next();
  }

  private ended(): void {
    this.running -= 1;
    void htmx.ajax("get", this.config.drafts, { target: "#drafts", swap: "outerHTML" });
    this.next();
  }

  private next(): void {
    while (this.running < AT_ONCE) {
      const row = this.waiting.shift();
      if (!row) return;
      this.running += 1;
      row.start();
    }
  }
}

/** One file: its name, how far it is, and the buttons to pause, go on and cancel. */
class Row {
  private readonly item = document.createElement("li");
  private readonly bar = document.createElement("progress");
  private readonly state = document.createElement("span");
  private readonly pause = document.createElement("button");
  private readonly upload: Upload;
  private over = false;

  constructor(found: Found, private readonly config: Config, list: HTMLElement, private readonly ended: () => void) {
    this.draw(found.path, list);
    this.upload = new Upload(found.file, {
      endpoint: config.endpoint,
      chunkSize: CHUNK,
      retryDelays: RETRIES,
      removeFingerprintOnSuccess: true,
      headers: { "X-CSRF-Token": csrfToken() },
      metadata: { filename: found.file.name, path: found.path },
      onProgress: (sent, total) => { this.bar.value = total ? sent / total : 0; },
      onSuccess: () => { this.end(config.words.done, true); },
      onError: (error) => { this.end(sentenceOf(error) || config.words.broken, false); },
    });
  }

  start(): void {
    this.state.textContent = "";
    void this.upload.findPreviousUploads().then((previous) => {
      const last = previous[0];
      if (last) this.upload.resumeFromPreviousUpload(last);
      this.upload.start();
    });
  }

  private draw(name: string, list: HTMLElement): void {
    const title = document.createElement("span");
    title.textContent = name;
    title.className = "d-block text-break text-start";
    this.bar.className = "progress my-1";
    this.bar.max = 1;
    this.bar.value = 0;
    this.bar.setAttribute("aria-label", name);
    this.state.textContent = this.config.words.waiting;
    this.state.className = "me-2";
    button(this.pause, this.config.words.pause, () => { this.toggle(); });
    const cancel = button(document.createElement("button"), this.config.words.cancel, () => { this.cancel(); });
    this.item.className = "mb-2";
    this.item.append(title, this.bar, this.state, this.pause, cancel);
    list.append(this.item);
  }

  private toggle(): void {
    const paused = this.pause.dataset["paused"] !== undefined;
    if (paused) {
      delete this.pause.dataset["paused"];
      this.upload.start();
    } else {
      this.pause.dataset["paused"] = "";
      void this.upload.abort();
    }
    this.pause.textContent = paused ? this.config.words.pause : this.config.words.resume;
  }

  private cancel(): void {
    void this.upload.abort(true).catch(() => undefined);
    this.item.remove();
    this.finish();
  }

  private end(words: string, whole: boolean): void {
    this.state.textContent = words;
    this.state.classList.toggle("text-danger", !whole);
    if (whole) this.bar.value = 1;
    for (const button of this.item.querySelectorAll("button")) button.remove();
    this.finish();
  }

  private finish(): void {
    if (this.over) return;
    this.over = true;
    this.ended();
  }
}

function button(element: HTMLButtonElement, text: string, act: () => void): HTMLButtonElement {
  element.type = "button";
  element.className = "btn btn-sm me-1";
  element.textContent = text;
  element.addEventListener("click", act);
  return element;
}

/** The server's own sentence about a refusal, if it sent one. */
export function sentenceOf(error: Error | DetailedError): string {
  const body = "originalResponse" in error ? error.originalResponse?.getBody() : undefined;
  try {
    const answer = JSON.parse(body ?? "") as { message?: string };
    return answer.message ?? "";
  } catch {
    return "";
  }
}
