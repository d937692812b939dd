/** htmx: parts of pages, with the token that proves they come from our page. */
import htmx from "htmx.org";

import { sentenceOf, toast } from "./toast";

/** The token of this page. */
export function csrfToken(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? "";
}

/** Configure htmx for the strict policy of our pages and tell `loaded` of every part that came in. */
export function startHtmx(loaded: (root: ParentNode) => void): void {
  htmx.config.allowEval = false;
  htmx.config.includeIndicatorStyles = false;
  htmx.config.selfRequestsOnly = true;
  htmx.config.historyCacheSize = 0; // nothing of a page stays in browser storage
  htmx.config.refreshOnHistoryMiss = true; // going back asks the server, so that a part is never taken for a page
  document.addEventListener("htmx:configRequest", (event) => {
    const detail = (event as CustomEvent<{ headers: Record<string, string> }>).detail;
    detail.headers["X-CSRF-Token"] = csrfToken();
  });
  document.addEventListener("htmx:load", (event) => {
    loaded((event as CustomEvent<{ elt: HTMLElement }>).detail.elt.parentElement ?? document);
  });
  sayFailures();
}

/** Keep what a person ticked or chose in a part with `data-keep` when it is fetched anew (the fields need an id). */
export function keepChoices(root: Document): void {
  let kept = new Map<string, Field>();
  root.addEventListener("htmx:beforeSwap", (event) => {
    const swap = (event as CustomEvent<Swap>).detail;
    if (swap.xhr.status === 204 && swap.requestConfig.elt.getAttribute("hx-swap") === "delete") swap.shouldSwap = true;
    const fields = swap.target.matches("[data-keep]") ? [...swap.target.querySelectorAll<Field>("input[id], select[id]")] : [];
    kept = new Map(fields.filter(changed).map((field) => [field.id, field]));
  });
  root.addEventListener("htmx:afterSettle", () => {
    for (const [id, old] of kept) {
      const field = root.getElementById(id) as Field | null;
      if (!field || field.disabled) continue;
      if (field instanceof HTMLInputElement && old instanceof HTMLInputElement) field.checked = old.checked;
      else field.value = old.value;
    }
    kept = new Map();
  });
}

/** Say how many a list holds when it came in anew (`data-say`): only what stood on the page before is read aloud. */
export function sayCounts(root: Document): void {
  root.addEventListener("htmx:afterSettle", (event) => {
    const list = (event as CustomEvent<Partial<Swap>>).detail.target;
    const words = list?.matches(".renews") ? list.querySelector("[data-say]")?.textContent.trim() : "";
    const place = root.querySelector("#said");
    if (words && place) place.textContent = words;
  });
}

/** Show a form again with what is to be corrected in it (422), in parts with `data-corrects`, and go to the first field. */
export function showCorrections(root: Document): void {
  root.addEventListener("htmx:beforeSwap", (event) => {
    const swap = (event as CustomEvent<Swap>).detail;
    if (swap.xhr.status !== 422 || !swap.target.matches("[data-corrects]")) return;
    swap.shouldSwap = true;
    swap.isError = false;
  });
  root.addEventListener("htmx:afterSettle", () => {
    root.querySelector<HTMLElement>("[data-corrects] [aria-invalid='true']")?.focus();
  });
}

type Field = HTMLInputElement | HTMLSelectElement;
type Swap = { target: Element; xhr: XMLHttpRequest; requestConfig: { elt: Element }; shouldSwap: boolean; isError: boolean };

function changed(field: Field): boolean {
  if (field instanceof HTMLInputElement) return field.checked !== field.defaultChecked;
  return [...field.options].some((option) => option.selected !== option.defaultSelected);
}

/** Say what went wrong with a part; what polls by itself tries again and stays quiet. */
function sayFailures(): void {
  document.addEventListener("htmx:responseError", (event) => {
    const { xhr, elt } = (event as CustomEvent<{ xhr: XMLHttpRequest; elt: Element }>).detail;
    if (!polls(elt)) toast(sentenceOf(xhr.responseText) || broken(), "danger");
  });
  document.addEventListener("htmx:sendError", (event) => {
    if (!polls((event as CustomEvent<{ elt: Element }>).detail.elt)) toast(broken(), "danger");
  });
}

function polls(element: Element): boolean {
  return element.getAttribute("hx-trigger")?.includes("every ") ?? false;
}

function broken(): string {
  return document.querySelector<HTMLElement>("#toasts")?.dataset["broken"] ?? "";
}
