/**
 * Pages of a document, drawn sharply by pdf.js as they come into view. On a phone, and wherever the document cannot be
 * opened, the server's page images stay.
 *
 * data-config: {pdf: address, leaf: what the address of a page (#…) begins with, words: {page, leaf, smaller, larger}}
 * Inside stands a `.viewer` (focusable, labelled) that holds the server's page images, if there are any.
 * Keys: ← → turn pages, Home and End go to the ends, + and − zoom, 0 fits the width again.
 */
import type { PDFDocumentProxy } from "pdfjs-dist";
import workerUrl from "pdfjs-dist/build/pdf.worker.min.mjs?url";

import { Leaves } from "../leaves";

type Config = { pdf: string; leaf: string; words: Record<"page" | "leaf" | "smaller" | "larger", string> };

const NARROW = "(max-width: 767px)";
const STEP = 1.25;
const ZOOM = { least: 0.5, most: 4 };
const SETTLED = 200; // milliseconds without a further change of width

/** Replace the images by sharp pages, with zoom and page keys. */
export function mount(element: HTMLElement): void {
  const viewer = element.querySelector<HTMLElement>(".viewer");
  if (!viewer || (viewer.querySelector("img") && matchMedia(NARROW).matches)) return;
  const config = JSON.parse(element.dataset["config"] ?? "{}") as Config;
  open(config.pdf)
    .then(async (pages) => {
      await new Previewer(pages, viewer, element, config.words).show(pageIn(location.hash, config.leaf));
    })
    .catch(() => undefined); // the page images and the download are still there
}

/** Return the page that an address names, if it is one of this document. */
export function pageIn(hash: string, leaf: string): number | null {
  const page = hash.startsWith(`#${leaf}`) ? Number(hash.slice(leaf.length + 1)) : NaN;
  return Number.isInteger(page) && page > 0 ? page : null;
}

async function open(url: string): Promise<PDFDocumentProxy> {
  const pdf = await import("pdfjs-dist");
  pdf.GlobalWorkerOptions.workerSrc = workerUrl;
  const data = (folder: string): string => new URL(`${__PDF_DATA__}${folder}/`, location.href).href;
  return pdf.getDocument({
    url,
    cMapUrl: data("cmaps"),
    standardFontDataUrl: data("standard_fonts"),
    iccUrl: data("iccs"),
    wasmUrl: data("wasm"),
    useWasm: false, // our policy forbids it; the decoders come as plain scripts
    enableXfa: false,
  }).promise;
}

class Previewer {
  private zoom = 1;
  private readonly leaves: Leaves;
  private readonly jump = document.createElement("select");
  private readonly fit: HTMLButtonElement;

  constructor(
    private readonly pages: PDFDocumentProxy,
    private readonly viewer: HTMLElement,
    private readonly element: HTMLElement,
    private readonly words: Config["words"],
  ) {
    this.leaves = new Leaves(viewer, pages, (page) => words.leaf.replace("{page}", String(page)));
    this.fit = tool("100%", "", () => { this.setZoom(1); });
  }

  /** Show the pages; whoever comes for one of them finds it in view. */
  async show(page: number | null): Promise<void> {
    await this.leaves.layOut(this.zoom);
    this.tools();
    if (page) {
      this.element.scrollIntoView({ block: "start" });
      this.leaves.goTo(page);
    }
    this.viewer.addEventListener("keydown", (event) => { this.key(event); });
    this.viewer.addEventListener("scroll", () => { this.say(); }, { passive: true });
    this.watchWidth();
    this.say();
  }

  private tools(): void {
    const bar = document.createElement("div");
    bar.className = "viewer-tools";
    this.jump.className = "form-select num";
    this.jump.setAttribute("aria-label", this.words.page);
    for (let page = 1; page <= this.pages.numPages; page += 1) {
      this.jump.add(new Option(`${String(page)} / ${String(this.pages.numPages)}`, String(page)));
    }
    this.jump.addEventListener("change", () => { this.leaves.goTo(Number(this.jump.value)); });
    bar.append(
      this.jump,
      tool("−", this.words.smaller, () => { this.setZoom(this.zoom / STEP); }),
      this.fit,
      tool("+", this.words.larger, () => { this.setZoom(this.zoom * STEP); }),
    );
    this.element.prepend(bar);
  }

  private key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const deeds: Record<string, () => void> = {
      ArrowLeft: () => { this.leaves.goTo(this.leaves.current() - 1); },
      ArrowRight: () => { this.leaves.goTo(this.leaves.current() + 1); },
      Home: () => { this.leaves.goTo(1); },
      End: () => { this.leaves.goTo(this.pages.numPages); },
      "+": () => { this.setZoom(this.zoom * STEP); },
      "=": () => { this.setZoom(this.zoom * STEP); },
      "-": () => { this.setZoom(this.zoom / STEP); },
      "0": () => { this.setZoom(1); },
    };
    const deed = deeds[event.key];
    if (!deed) return;
    event.preventDefault();
    deed();
  }

  private setZoom(zoom: number): void {
    this.zoom = Math.min(Math.max(zoom, ZOOM.least), ZOOM.most);
    this.fit.textContent = `${String(Math.round(this.zoom * 100))}%`;
    void this.leaves.layOut(this.zoom);
  }

  private watchWidth(): void {
    let width = this.viewer.clientWidth;
    let timer = 0;
    new ResizeObserver(() => {
      if (this.viewer.clientWidth === width) return;
      width = this.viewer.clientWidth;
      window.clearTimeout(timer);
      timer = window.setTimeout(() => void this.leaves.layOut(this.zoom), SETTLED);
    }).observe(this.viewer);
  }

  private say(): void {
    this.jump.value = String(this.leaves.current());
  }
}

function tool(sign: string, name: string, act: () => void): HTMLButtonElement {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn num";
  button.textContent = sign;
  if (name) button.setAttribute("aria-label", name);
  button.addEventListener("click", act);
  return button;
}
