/** htmx: parts of pages, with the token that proves they come from our page. */
import htmx from "htmx.org";

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
  document.addEventListener("htmx:configRequest", (event) => {
    const detail = (event as CustomEvent<{ headers: Record<string, string> }>).detail;
    detail.headers["X-CSRF-Token"] = csrfToken();
  });
  document.addEventListener("htmx:load", (event) => {
    loaded((event as CustomEvent<{ elt: HTMLElement }>).detail.elt.parentElement ?? document);
  });
}
