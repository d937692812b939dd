/**
 * Pages of a document, drawn by pdf.js as they come into view; on narrow screens the server's page images stay.
 *
 * data-config: {pdf, words: {page, of, smaller, larger}}; the `.viewer` inside holds the page images of the server.
 */
import type { PDFDocumentProxy } from "pdfjs-dist";
import workerUrl from "pdfjs-dist/build/pdf.worker.min.mjs?url";

type Config = { pdf: string; words: Record<"page" | "of" | "smaller" | "larger", string> };

const NARROW = "(max-width: 767px)";
const STEP = 1.25;

/** Replace the images by sharp pages, with zoom and page keys. */
export function mount(element: HTMLElement): void {
  const viewer = element.querySelector<HTMLElement>(".viewer");
  const hasImages = viewer?.querySelector("img") !== null;
  if (!viewer || (hasImages && matchMedia(NARROW).matches)) return;
  const config = JSON.parse(element.dataset["config"] ?? "{}") as Config;
  void open(config.pdf).then((document_) => new Viewer(document_, viewer, element, config).show());
}

async function open(url: string): Promise<PDFDocumentProxy> {
  const pdf = await import("pdfjs-dist");
  pdf.GlobalWorkerOptions.workerSrc = workerUrl;
  return pdf.getDocument({ url, useWasm: false, enableXfa: false }).promise;
}

class Viewer {
  private zoom = 1;
  private readonly where = document.createElement("span");

  constructor(
    private readonly pages: PDFDocumentProxy,
    private readonly viewer: HTMLElement,
    private readonly element: HTMLElement,
    private readonly config: Config,
  ) {}

  async show(): Promise<void> {
    this.tools();
    this.keys();
    await this.layOut();
  }

  private tools(): void {
    const bar = document.createElement("div");
    bar.className = "viewer-tools";
    bar.append(
      this.tool("−", this.config.words.smaller, () => { this.zoomBy(1 / STEP); }),
      this.tool("+", this.config.words.larger, () => { this.zoomBy(STEP); }),
      this.where,
    );
    this.where.className = "num";
    this.element.prepend(bar);
  }

  private tool(sign: string, name: string, act: () => void): HTMLButtonElement {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn";
    button.textContent = sign;
    button.setAttribute("aria-label", name);
    button.addEventListener("click", act);
    return button;
  }

  private keys(): void {
    this.viewer.addEventListener("keydown", (event) => {
      if (event.key === "+" || event.key === "=") this.zoomBy(STEP);
      else if (event.key === "-") this.zoomBy(1 / STEP);
      else if (event.key === "ArrowRight" || event.key === "ArrowLeft") this.turn(event.key === "ArrowRight" ? 1 : -1);
    });
    this.viewer.addEventListener("scroll", () => { this.say(); });
  }

  private turn(by: number): void {
    const pages = this.canvases();
    pages[Math.min(Math.max(this.current() + by, 0), pages.length - 1)]?.scrollIntoView({ block: "nearest" });
  }

  private zoomBy(factor: number): void {
    this.zoom = Math.min(Math.max(this.zoom * factor, 0.5), 4);
    void this.layOut();
  }

  /** Lay out an empty canvas per page; each is drawn when it comes into view. */
  private async layOut(): Promise<void> {
    const first = (await this.pages.getPage(1)).getViewport({ scale: 1 });
    const width = (this.viewer.clientWidth - 16) * this.zoom;
    const seen = new IntersectionObserver(
      (entries) => {
        for (const entry of entries.filter((each) => each.isIntersecting)) {
          seen.unobserve(entry.target);
          void this.draw(entry.target as HTMLCanvasElement, width);
        }
      },
      { root: this.viewer, rootMargin: "200%" },
    );
    const canvases = Array.from({ length: this.pages.numPages }, (_, index) => blank(index + 1, width, first));
    this.viewer.replaceChildren(...canvases);
    for (const canvas of canvases) seen.observe(canvas);
    this.say();
  }

  private async draw(canvas: HTMLCanvasElement, width: number): Promise<void> {
    const page = await this.pages.getPage(Number(canvas.dataset["page"]));
    const scale = (width / page.getViewport({ scale: 1 }).width) * window.devicePixelRatio;
    const viewport = page.getViewport({ scale });
    canvas.width = viewport.width;
    canvas.height = viewport.height;
    canvas.style.width = `${String(width)}px`;
    await page.render({ canvas, viewport }).promise;
  }

  private canvases(): HTMLCanvasElement[] {
    return [...this.viewer.querySelectorAll("canvas")];
  }

  private current(): number {
    const top = this.viewer.scrollTop + this.viewer.clientHeight / 3;
    const index = this.canvases().findIndex((canvas) => canvas.offsetTop - this.viewer.offsetTop + canvas.offsetHeight > top);
    return Math.max(index, 0);
  }

  private say(): void {
    this.where.textContent = `${String(this.current() + 1)} / ${String(this.pages.numPages)}`;
  }
}

function blank(number: number, width: number, like: { width: number; height: number }): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.dataset["page"] = String(number);
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", String(number));
  canvas.width = width;
  canvas.height = (width * like.height) / like.width;
  canvas.style.width = `${String(width)}px`;
  return canvas;
}
