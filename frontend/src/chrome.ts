/** The frame around every page: menus that close, deeds that ask once, the search that a key opens. */

/** Close an open menu by Escape or by a click elsewhere. */
export function closeMenus(root: Document): void {
  const close = (except: Node | null): void => {
    for (const menu of root.querySelectorAll<HTMLDetailsElement>("details.menu[open]")) {
      if (except && menu.contains(except)) continue;
      menu.open = false;
      if (!except) menu.querySelector("summary")?.focus();
    }
  };
  root.addEventListener("click", (event) => {
    close(event.target as Node);
  });
  root.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close(null);
  });
}

/** Let every form with `data-confirm` ask once, naming what will be lost; the answer repeats the button's own word. */
export function confirmForms(root: Document): void {
  root.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    const question = form.dataset["confirm"];
    const dialog = root.querySelector<HTMLDialogElement>("#ask");
    if (!question || !dialog || form.dataset["confirmed"] !== undefined) return;
    event.preventDefault();
    event.stopPropagation(); // htmx must not send it either
    ask(dialog, question, event.submitter, () => {
      form.dataset["confirmed"] = "";
      form.requestSubmit(event.submitter);
      delete form.dataset["confirmed"];
    });
  }, true);
}

function ask(dialog: HTMLDialogElement, question: string, deed: HTMLElement | null, agreed: () => void): void {
  const text = dialog.querySelector("p");
  const yes = dialog.querySelector<HTMLButtonElement>('button[value="yes"]');
  if (text) text.textContent = question;
  if (yes && deed?.textContent.trim()) yes.textContent = deed.textContent.trim();
  dialog.returnValue = "no"; // what Escape means
  dialog.addEventListener("close", () => { if (dialog.returnValue === "yes") agreed(); }, { once: true });
  dialog.showModal();
}

/** Focus the search box by "/" (outside of fields) or Ctrl-K (anywhere). */
export function focusSearch(root: Document): void {
  root.addEventListener("keydown", (event) => {
    const typing = (event.target as Element).matches("input, textarea, select, [contenteditable]");
    const plain = event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey;
    const wanted = plain || (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey));
    const box = root.querySelector<HTMLInputElement>("#search-box");
    if (!wanted || !box || event.isComposing) return;
    event.preventDefault();
    box.focus();
    box.select();
  });
}

/** Let tables that are wider than the page be scrolled by keyboard. */
export function scrollByKeyboard(root: ParentNode): void {
  for (const area of root.querySelectorAll<HTMLElement>(".table-responsive")) area.tabIndex = 0;
}

/** Let a box with `data-all` tick and clear all boxes of that name in its form, and say whether all of them are ticked. */
export function tickAll(root: Document): void {
  root.addEventListener("change", (event) => {
    const all = event.target as HTMLInputElement;
    if (all.dataset["all"]) for (const box of boxesOf(all)) box.checked = all.checked;
    sayAll(root);
  });
  root.addEventListener("htmx:afterSettle", () => { sayAll(root); });
  sayAll(root);
}

function boxesOf(all: HTMLInputElement): HTMLInputElement[] {
  const name = all.dataset["all"] ?? "";
  const fields = [...all.form?.elements ?? []]; // also those that stand elsewhere and say that they are part of it
  return fields.filter((field): field is HTMLInputElement => field.matches(`input[name="${name}"]:enabled`));
}

function sayAll(root: Document): void {
  for (const all of root.querySelectorAll<HTMLInputElement>("input[data-all]")) {
    const ticked = boxesOf(all).filter((box) => box.checked).length;
    all.checked = ticked > 0 && ticked === boxesOf(all).length;
    all.indeterminate = ticked > 0 && !all.checked;
  }
}

/** Bring into view where one is: the first field to be corrected, and the tab of the page in a row of tabs that scrolls. */
export function showPlace(root: ParentNode): void {
  root.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  const tabs = root.querySelector<HTMLElement>(".tabs");
  const current = tabs?.querySelector<HTMLElement>('[aria-current="page"]');
  if (tabs && current) tabs.scrollLeft = current.offsetLeft - tabs.offsetLeft - (tabs.clientWidth - current.offsetWidth) / 2;
}
