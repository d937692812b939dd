/** The frame around every page: menus that close, deeds that ask once, the search that a key opens. */

/** Close an open menu by Escape or by a click elsewhere. */
export function closeMenus(root: Document): void {
  const close = (except: Node | null): void => {
    for (const menu of root.querySelectorAll<HTMLDetailsElement>("details.menu[open]")) {
      if (!except || !menu.contains(except)) menu.open = false;
    }
  };
  root.addEventListener("click", (event) => {
    close(event.target as Node);
  });
  root.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close(null);
  });
}

/** Let every form with `data-confirm` ask once, naming what will be lost. */
export function confirmForms(root: Document): void {
  root.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    const question = form.dataset["confirm"];
    if (question && !window.confirm(question)) event.preventDefault();
  });
}

/** Focus the search box by "/" (outside of fields) or Ctrl-K (anywhere). */
export function focusSearch(root: Document): void {
  root.addEventListener("keydown", (event) => {
    const typing = (event.target as Element).matches("input, textarea, select, [contenteditable]");
    const wanted = (event.key === "/" && !typing) || (event.key === "k" && (event.ctrlKey || event.metaKey));
    if (!wanted) return;
    event.preventDefault();
    root.querySelector<HTMLInputElement>("#search-box")?.focus();
  });
}
