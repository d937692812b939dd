/** Files on their way: a few at once, the rest in their order; each can be paused, goes on after a break, or is given up. */
import { type DetailedError, Upload } from "tus-js-client";

import type { Found } from "./dropped";
import { csrfToken } from "./partial";
import { sentenceOf } from "./toast";

export type Words = Record<
  "waiting" | "sending" | "paused" | "pause" | "resume" | "cancel" | "close" | "folder" | "sent" | "broken", string
>;
/** Where files go, what goes along with each, and where what arrived is shown (`target`), fetched anew from `drafts`. */
export type Config = {
  endpoint: string;
  drafts: string;
  target: string;
  meta: Record<string, string>;
  words: Words;
};

const CHUNK = 8 * 1024 * 1024;
const AT_ONCE = 2;
const RETRIES = [0, 1000, 3000, 5000, 10000, 30000];
const PATIENCE = 30_000; // then the line is tried again, as long as the page is open

/** The files of one page; `arrived` is told how many have come through so far. */
export class Queue {
  private readonly rows = new Set<Row>();
  private sent = 0;

  constructor(
    private readonly config: Config,
    private readonly list: HTMLElement,
    private readonly arrived: (count: number) => void,
  ) {
    window.addEventListener("online", () => { for (const row of this.rows) row.mend(); });
  }

  add(found: Found[]): void {
    for (const item of found) {
      const row = new Row(item, this.config, { changed: () => { this.next(); }, over: (whole) => { this.over(row, whole); } });
      this.rows.add(row);
      this.list.append(row.item);
    }
    this.next();
  }

  /** The addresses of what is being sent right now. */
  addresses(): string[] {
    return [...this.rows].map((row) => row.address).filter((address) => address !== "");
  }

  private over(row: Row, whole: boolean): void {
    this.rows.delete(row);
    if (whole) {
      this.sent += 1;
      row.item.remove();
      this.arrived(this.sent);
    }
    this.next();
  }

  private next(): void {
    this.list.hidden = this.list.childElementCount === 0;
    let free = AT_ONCE - [...this.rows].filter((row) => row.state === "sending").length;
    for (const row of this.rows) {
      if (free > 0 && row.state === "waiting") {
        free -= 1;
        row.start();
      }
    }
  }
}

type Listener = { changed: () => void; over: (whole: boolean) => void };

/** One file: its name, how far it is, and what can be done about it. */
class Row {
  readonly item = document.createElement("li");
  state: "waiting" | "sending" | "paused" | "broken" | "over" = "waiting";
  private readonly bar = document.createElement("progress");
  private readonly say = document.createElement("span");
  private readonly pause: HTMLButtonElement;
  private readonly upload: Upload;

  constructor(private readonly found: Found, private readonly config: Config, private readonly tell: Listener) {
    this.pause = button(config.words.pause, found.path, () => { this.toggle(); });
    this.draw();
    this.upload = new Upload(found.file, {
      endpoint: config.endpoint,
      chunkSize: CHUNK,
      retryDelays: RETRIES,
      removeFingerprintOnSuccess: true,
      headers: { "X-CSRF-Token": csrfToken() },
      metadata: { ...config.meta, filename: found.file.name, path: found.path },
      onProgress: (sent, total) => { this.bar.value = total ? sent / total : 0; },
      onSuccess: () => { this.end(true); },
      onError: (error) => { this.fail(refusal(error)); },
    });
  }

  get address(): string {
    return this.upload.url ?? "";
  }

  start(): void {
    this.become("sending");
    void this.upload.findPreviousUploads().then((previous) => {
      if (this.state !== "sending") return; // paused or given up meanwhile
      const last = previous[0];
      if (last && !this.upload.url) this.upload.resumeFromPreviousUpload(last);
      this.upload.start();
    });
  }

  /** Go on where the line broke. */
  mend(): void {
    if (this.state !== "broken") return;
    this.become("waiting");
    this.tell.changed();
  }

  private toggle(): void {
    const running = this.state === "sending" || this.state === "waiting";
    if (running) void this.upload.abort();
    this.become(running ? "paused" : "waiting");
    this.tell.changed();
  }

  private cancel(): void {
    if (this.state !== "over") void this.upload.abort(this.address !== "").catch(() => undefined);
    this.item.remove();
    this.end(false);
  }

  private fail(sentence: string): void {
    if (!sentence) {
      this.become("broken");
      window.setTimeout(() => { this.mend(); }, PATIENCE);
      this.tell.changed();
      return;
    }
    this.bar.remove();
    this.pause.remove();
    this.item.querySelector(".buttons")?.replaceChildren(
      button(this.config.words.close, this.found.path, () => { this.item.remove(); this.tell.changed(); }),
    );
    this.say.className = "say text-danger";
    this.say.setAttribute("role", "alert");
    this.end(false);
    this.say.textContent = sentence;
  }

  private end(whole: boolean): void {
    this.state = "over";
    this.tell.over(whole);
  }

  private become(state: "waiting" | "sending" | "paused" | "broken"): void {
    this.state = state;
    this.say.textContent = this.config.words[state];
    name(this.pause, this.config.words[state === "paused" || state === "broken" ? "resume" : "pause"], this.found.path);
  }

  private draw(): void {
    const file = document.createElement("span");
    file.className = "file";
    file.textContent = this.found.path;
    this.bar.className = "progress";
    this.bar.max = 1;
    this.bar.value = 0;
    this.bar.setAttribute("aria-label", this.found.path);
    this.say.className = "say";
    this.say.textContent = this.config.words.waiting;
    const buttons = document.createElement("div");
    buttons.className = "buttons";
    buttons.append(this.pause, button(this.config.words.cancel, this.found.path, () => { this.cancel(); }));
    this.item.className = "sending";
    this.item.append(file, this.bar, this.say, buttons);
  }
}

function button(text: string, about: string, act: () => void): HTMLButtonElement {
  const element = document.createElement("button");
  element.type = "button";
  element.className = "btn";
  element.addEventListener("click", act);
  name(element, text, about);
  return element;
}

function name(element: HTMLButtonElement, text: string, about: string): void {
  element.textContent = text;
  element.setAttribute("aria-label", `${text} ${about}`);
}

/** The server's own sentence about a refusal, if it sent one. */
function refusal(error: Error | DetailedError): string {
  return sentenceOf("originalResponse" in error ? error.originalResponse?.getBody() : undefined);
}
