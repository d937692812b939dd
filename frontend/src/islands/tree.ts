/**
 * The tree of a course package: drag a handle, or hold Alt and press an arrow. The server is the truth: every move is one
 * request whose answer is the tree; what it refuses is fetched anew.
 *
 * data-config: {url: where the tree comes from, depth: how many levels there may be, words: {no}}
 * Inside stand nested `ol.twigs[data-parent]` of `li.twig[data-item][data-move][data-height]`, each with a `.grip` and a
 * form whose buttons "to" move it one step. The whole inside is replaced after each deed.
 */
import htmx from "htmx.org";
import Sortable, { type MoveEvent, type SortableEvent } from "sortablejs";

type Config = { url: string; depth: number; words: { no: string } };

type Step = { item: string; way: string };

const STEPS: Record<string, string> = { ArrowUp: "up", ArrowDown: "down", ArrowRight: "in", ArrowLeft: "out" };

export function mount(tree: HTMLElement): void {
  const config = JSON.parse(tree.dataset["config"] ?? "{}") as Config;
  let held = "";
  let busy = false;
  let waiting: Step[] = [];
  const go = (step: Step): void => {
    if (busy) waiting.push(step); // the answer under way brings other buttons
    else if (!press(tree, step)) say(config.words.no);
  };
  makeSortable(tree, config);
  tree.addEventListener("keydown", (event) => {
    const step = stepOf(event);
    if (step) go(step);
  });
  tree.addEventListener("htmx:beforeRequest", () => {
    busy = true;
    held = twigOf(document.activeElement)?.dataset["item"] ?? "";
  });
  tree.addEventListener("htmx:afterSettle", () => {
    busy = false;
    makeSortable(tree, config);
    if (document.activeElement === document.body) focusOn(tree, held);
    window.setTimeout(() => { // after the page has said what became of the step before
      const next = waiting.shift();
      if (next) go(next);
    });
  });
  for (const wrong of ["htmx:responseError", "htmx:sendError"]) {
    tree.addEventListener(wrong, (event) => {
      busy = false;
      waiting = [];
      const detail = (event as CustomEvent<{ requestConfig: { verb: string } }>).detail;
      if (detail.requestConfig.verb !== "get") void htmx.ajax("get", config.url, { source: tree, target: tree });
    });
  }
  clearAfterAdding();
}

/** Return the step that a key asks for. */
function stepOf(event: KeyboardEvent): Step | null {
  const way = STEPS[event.key];
  const item = twigOf(event.target as Element)?.dataset["item"];
  if (!way || !item || !event.altKey || event.ctrlKey || event.metaKey || isField(event.target as Element)) return null;
  event.preventDefault(); // Alt and ← would lead back in the history
  return { item, way };
}

/** Move an item one step, by the same button that works without scripts; false when it cannot go there. */
function press(tree: HTMLElement, { item, way }: Step): boolean {
  const button = tree.querySelector<HTMLButtonElement>(`[data-item="${item}"] > .line button[name="to"][value="${way}"]`);
  if (button?.disabled !== false) return false;
  button.click(); // htmx learns from the click which button it was
  return true;
}

function isField(element: Element): boolean {
  return element.matches("input, textarea, select");
}

function twigOf(element: Element | null): HTMLElement | null {
  return element?.closest<HTMLElement>(".twig") ?? null;
}

function say(words: string): void {
  const place = document.querySelector("#said");
  if (place) place.textContent = words;
}

function focusOn(tree: HTMLElement, item: string): void {
  const again = item ? tree.querySelector<HTMLElement>(`[data-item="${item}"] > .line > .grip`) : null;
  (again ?? tree.querySelector<HTMLElement>(".undo button"))?.focus();
}

function makeSortable(tree: HTMLElement, config: Config): void {
  for (const list of tree.querySelectorAll<HTMLElement>("ol[data-parent]")) {
    if (Sortable.get(list)) continue;
    Sortable.create(list, {
      group: "twigs",
      handle: ".grip",
      draggable: ".twig",
      ghostClass: "dragging-here",
      animation: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 150,
      fallbackOnBody: true,
      forceFallback: true, // the same on a touch screen as with a mouse
      swapThreshold: 0.65,
      emptyInsertThreshold: 12,
      onMove: (move) => fits(move, config.depth),
      onEnd: (drop) => { send(tree, drop); },
    });
  }
}

/** Say whether what is dragged has room for all its levels there. */
export function fits(move: Pick<MoveEvent, "to" | "dragged">, depth: number): boolean {
  let above = 0;
  for (let twig = twigOf(move.to); twig; twig = twigOf(twig.parentElement)) above += 1;
  return above + Number(move.dragged.dataset["height"] ?? 1) <= depth;
}

/** Tell the server where an item was dropped: below which one, after which. */
export function send(tree: HTMLElement, drop: Pick<SortableEvent, "item" | "from" | "to" | "oldIndex" | "newIndex">): void {
  if (drop.from === drop.to && drop.oldIndex === drop.newIndex) return;
  const before = drop.item.previousElementSibling as HTMLElement | null;
  const values = { parent: drop.to.dataset["parent"] ?? "", after: before?.dataset["item"] ?? "" };
  void htmx.ajax("post", drop.item.dataset["move"] ?? "", { source: tree, target: tree, values });
}

/** Empty the field of a heading that was added, and untick what was. */
function clearAfterAdding(): void {
  document.body.addEventListener("htmx:afterRequest", (event) => {
    const { elt, successful } = (event as CustomEvent<{ elt: Element; successful: boolean }>).detail;
    if (successful && elt instanceof HTMLFormElement && elt.matches("[data-clears]")) elt.reset();
  });
}
