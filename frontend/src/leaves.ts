/** The pages of a document one below the other; only those near the view are drawn, the others are empty frames. */
import type { PDFDocumentProxy, RenderTask } from "pdfjs-dist";

const MARGIN = "150%";
const GUTTER = 18; // padding of the viewer and edges of a leaf, in pixels
const MOST_PIXELS = 16_000_000; // of one canvas; phones refuse larger ones

export class Leaves {
  private readonly near = new Set<Element>();
  private readonly drawing = new Map<Element, RenderTask>();
  private watch: IntersectionObserver | undefined;

  constructor(
    private readonly viewer: HTMLElement,
    private readonly pages: PDFDocumentProxy,
    private readonly nameOf: (page: number) => string,
  ) {}

  /** Lay out a frame per page at a zoom (1 fits the width); the page one reads stays in view. */
  async layOut(zoom: number): Promise<void> {
    const first = (await this.pages.getPage(1)).getViewport({ scale: 1 });
    const place = this.current();
    const width = Math.max((this.viewer.clientWidth - GUTTER) * zoom, 1);
    this.watch?.disconnect();
    this.drawing.forEach((task) => { task.cancel(); });
    this.drawing.clear();
    this.near.clear();
    const leaves = Array.from({ length: this.pages.numPages }, (_, index) => leaf(index + 1, this.nameOf(index + 1), width, first));
    this.viewer.replaceChildren(...leaves);
    this.watch = new IntersectionObserver((entries) => { this.turned(entries); }, {
      root: this.viewer,
      rootMargin: MARGIN,
    });
    for (const each of leaves) this.watch.observe(each);
    if (place > 1) this.goTo(place);
  }

  /** Bring a page into view; numbers beyond the ends mean the ends. */
  goTo(page: number): void {
    const leaves = this.all();
    const wanted = leaves[Math.min(Math.max(page, 1), leaves.length) - 1];
    if (wanted) this.viewer.scrollTop = wanted.offsetTop - (leaves[0]?.offsetTop ?? 0);
  }

  /** Return the number of the page at the upper third of the view. */
  current(): number {
    const leaves = this.all();
    const line = this.viewer.scrollTop + this.viewer.clientHeight / 3 + (leaves[0]?.offsetTop ?? 0);
    const index = leaves.findIndex((each) => each.offsetTop + each.offsetHeight > line);
    return index < 0 ? Math.max(leaves.length, 1) : index + 1;
  }

  private all(): HTMLElement[] {
    return [...this.viewer.querySelectorAll<HTMLElement>(".leaf")];
  }

  private turned(entries: IntersectionObserverEntry[]): void {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) void this.draw(target as HTMLElement);
      else this.clear(target);
    }
  }

  private clear(target: Element): void {
    this.near.delete(target);
    this.drawing.get(target)?.cancel();
    this.drawing.delete(target);
    target.replaceChildren();
  }

  private async draw(target: HTMLElement): Promise<void> {
    this.near.add(target);
    const page = await this.pages.getPage(Number(target.dataset["page"]));
    if (!this.near.has(target)) return; // scrolled past before the page was read: it would stay drawn out of sight
    const natural = page.getViewport({ scale: 1 });
    const width = target.clientWidth;
    if (width === 0 || this.drawing.has(target)) return;
    target.style.aspectRatio = `${String(natural.width)} / ${String(natural.height)}`;
    const sharp = (width / natural.width) * window.devicePixelRatio;
    const scale = Math.min(sharp, Math.sqrt(MOST_PIXELS / (natural.width * natural.height)));
    const viewport = page.getViewport({ scale });
    const canvas = document.createElement("canvas");
    canvas.width = viewport.width;
    canvas.height = viewport.height;
    const task = page.render({ canvas, viewport });
    this.drawing.set(target, task);
    target.replaceChildren(canvas);
    await task.promise.catch(() => undefined); // cancelled: it left the view
  }
}

function leaf(number: number, name: string, width: number, like: { width: number; height: number }): HTMLElement {
  const frame = document.createElement("div");
  frame.className = "leaf";
  frame.dataset["page"] = String(number);
  frame.setAttribute("role", "img");
  frame.setAttribute("aria-label", name);
  frame.style.width = `${String(width)}px`;
  frame.style.aspectRatio = `${String(like.width)} / ${String(like.height)}`;
  return frame;
}
