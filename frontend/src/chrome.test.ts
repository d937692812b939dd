import { beforeEach, expect, test, vi } from "vitest";

import { closeMenus, confirmForms, focusSearch, showPlace, tickAll } from "./chrome";

const press = (key: string, extra: KeyboardEventInit = {}, on: EventTarget = document.body): void => {
  on.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...extra }));
};

beforeEach(() => {
  document.body.replaceChildren();
});

function add(tag: string, attributes: Record<string, string> = {}): HTMLElement {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  document.body.append(element);
  return element;
}

test("where there is no search, its keys are the browser's own", () => {
  focusSearch(document);
  const slash = new KeyboardEvent("keydown", { key: "/", bubbles: true, cancelable: true });
  document.body.dispatchEvent(slash);
  expect(slash.defaultPrevented).toBe(false);
});

test("a slash or Ctrl-K opens the search, a slash in a field does not", () => {
  focusSearch(document);
  const field = add("textarea");
  const box = add("input", { id: "search-box" });
  press("/", {}, field);
  expect(document.activeElement).not.toBe(box);
  press("/");
  expect(document.activeElement).toBe(box);
  field.focus();
  press("k", { ctrlKey: true }, field);
  expect(document.activeElement).toBe(box);
});

test("Escape and a click elsewhere close a menu", () => {
  closeMenus(document);
  const menu = add("details", { class: "menu", open: "" }) as HTMLDetailsElement;
  press("Escape");
  expect(menu.open).toBe(false);
  menu.open = true;
  menu.click();
  expect(menu.open).toBe(true);
  add("p").click();
  expect(menu.open).toBe(false);
});

test("a deed that loses something asks first, and only goes on when told so", () => {
  confirmForms(document);
  const form = add("form", { "data-confirm": "移除？" }) as HTMLFormElement;
  const deed = document.createElement("button");
  deed.textContent = "移除这个文件";
  form.append(deed);
  const dialog = add("dialog", { id: "ask" }) as HTMLDialogElement;
  dialog.append(document.createElement("p"), Object.assign(document.createElement("button"), { value: "yes" }));
  dialog.showModal = vi.fn();
  const sent = vi.fn();
  form.requestSubmit = sent;
  const submit = (): boolean =>
    form.dispatchEvent(new SubmitEvent("submit", { bubbles: true, cancelable: true, submitter: deed }));
  const answer = (value: string): void => {
    dialog.returnValue = value;
    dialog.dispatchEvent(new Event("close"));
  };

  expect(submit()).toBe(false);
  expect(dialog.querySelector("p")?.textContent).toBe("移除？");
  expect(dialog.querySelector("button")?.textContent).toBe("移除这个文件");
  answer("no");
  expect(sent).not.toHaveBeenCalled();
  submit();
  answer("yes");
  expect(sent).toHaveBeenCalledExactlyOnceWith(deed);
});

test("one box ticks and clears all that can be ticked", () => {
  tickAll(document);
  const form = add("form");
  const box = (attributes: Record<string, string>): HTMLInputElement => {
    const input = add("input", { type: "checkbox", ...attributes }) as HTMLInputElement;
    form.append(input);
    return input;
  };
  const all = box({ "data-all": "resource" });
  const boxes = [box({ name: "resource" }), box({ name: "resource", disabled: "" }), box({ name: "other" })];
  all.click();
  expect(boxes.map((each) => each.checked)).toEqual([true, false, false]);
  all.click();
  expect(boxes.map((each) => each.checked)).toEqual([false, false, false]);
});

test("the box for all reaches boxes that only say that they are part of its form", () => {
  tickAll(document);
  add("form", { id: "picked" });
  const all = add("input", { type: "checkbox", "data-all": "resource", form: "picked" });
  const elsewhere = add("input", { type: "checkbox", name: "resource", form: "picked" }) as HTMLInputElement;
  all.click();
  expect(elsewhere.checked).toBe(true);
});

test("the box for all says whether all are ticked, also when the part is fetched anew", () => {
  const form = add("form");
  const boxes = ["", "", ""].map(() => add("input", { type: "checkbox", name: "resource", checked: "" }) as HTMLInputElement);
  const all = add("input", { type: "checkbox", "data-all": "resource" }) as HTMLInputElement;
  form.append(all, ...boxes);
  tickAll(document);
  expect([all.checked, all.indeterminate]).toEqual([true, false]);
  boxes[0]?.click();
  expect([all.checked, all.indeterminate]).toEqual([false, true]);
  for (const box of boxes) box.checked = false;
  document.dispatchEvent(new Event("htmx:afterSettle"));
  expect([all.checked, all.indeterminate]).toEqual([false, false]);
});

test("the first field to be corrected has the focus, and a row of tabs shows the one that is open", () => {
  add("input");
  const wrong = add("input", { "aria-invalid": "true" });
  const tabs = add("nav", { class: "tabs" });
  const open = document.createElement("a");
  open.setAttribute("aria-current", "page");
  tabs.append(open);
  Object.defineProperty(tabs, "clientWidth", { value: 300 });
  Object.defineProperty(open, "offsetLeft", { value: 600 });
  Object.defineProperty(open, "offsetWidth", { value: 100 });
  showPlace(document);
  expect(document.activeElement).toBe(wrong);
  expect(tabs.scrollLeft).toBe(500);
});
