import { beforeEach, expect, test, vi } from "vitest";

import { closeMenus, confirmForms, focusSearch } from "./chrome";

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
  const form = add("form", { "data-confirm": "移除？" });
  const ask = vi.spyOn(window, "confirm").mockReturnValueOnce(false).mockReturnValueOnce(true);
  const submit = (): boolean => form.dispatchEvent(new SubmitEvent("submit", { bubbles: true, cancelable: true }));
  expect(submit()).toBe(false);
  expect(submit()).toBe(true);
  expect(ask).toHaveBeenCalledTimes(2);
});
