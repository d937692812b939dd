import { beforeEach, expect, test, vi } from "vitest";

import { fits, mount, send } from "./tree";

const ajax = vi.hoisted(() => vi.fn());
vi.mock("htmx.org", () => ({ default: { ajax } }));

const twig = (id: string, inside = "", moves = ""): string => `
  <li class="twig" data-item="${id}" data-move="/move/${id}" data-height="1">
    <div class="line"><button class="grip" id="grip-${id}" type="button"></button>
      <form><button name="to" value="up" type="button" ${moves}></button><input></form></div>${inside}</li>`;

let tree: HTMLElement;

beforeEach(() => {
  window.matchMedia = vi.fn().mockReturnValue({ matches: true });
  const page = `<p id="said"></p><div id="tree" data-config='{"url":"/tree","depth":2,"words":{"no":"no way"}}'>
    <ol data-parent="">${twig("a", `<ol data-parent="a">${twig("b")}</ol>`)}${twig("c", "", "disabled")}</ol></div>`;
  document.body.replaceChildren(...new DOMParser().parseFromString(page, "text/html").body.children);
  tree = document.querySelector<HTMLElement>("#tree") ?? document.body;
  ajax.mockClear();
});

const item = (id: string): HTMLElement => tree.querySelector<HTMLElement>(`[data-item="${id}"]`) ?? tree;
const list = (id: string): HTMLElement => tree.querySelector<HTMLElement>(`ol[data-parent="${id}"]`) ?? tree;

function press(id: string, key: string, more: KeyboardEventInit = { altKey: true }): KeyboardEvent {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more });
  item(id).querySelector(".grip")?.dispatchEvent(event);
  return event;
}

test("Alt and an arrow press the button that works without scripts", () => {
  mount(tree);
  const pressed = vi.fn();
  item("b").querySelector('[value="up"]')?.addEventListener("click", pressed);
  expect(press("b", "ArrowUp").defaultPrevented).toBe(true);
  expect(pressed).toHaveBeenCalledOnce();
});

test("where there is no way, that is said", () => {
  mount(tree);
  press("c", "ArrowUp");
  expect(document.querySelector("#said")?.textContent).toBe("no way");
});

test("other keys, and those in a field, are left alone", () => {
  mount(tree);
  expect(press("b", "ArrowUp", {}).defaultPrevented).toBe(false);
  expect(press("b", "ArrowUp", { altKey: true, ctrlKey: true }).defaultPrevented).toBe(false);
  const typed = new KeyboardEvent("keydown", { key: "ArrowUp", altKey: true, bubbles: true, cancelable: true });
  item("b").querySelector("input")?.dispatchEvent(typed);
  expect(typed.defaultPrevented).toBe(false);
});

test("an item is dropped only where its levels have room", () => {
  const dragged = item("c");
  expect(fits({ to: list("a"), dragged }, 2)).toBe(true);
  dragged.dataset["height"] = "2";
  expect(fits({ to: list("a"), dragged }, 2)).toBe(false);
  expect(fits({ to: list(""), dragged }, 2)).toBe(true);
});

test("a drop tells the server below which item, after which", () => {
  list("a").append(item("c"));
  send(tree, { item: item("c"), from: list(""), to: list("a"), oldIndex: 1, newIndex: 1 });
  expect(ajax).toHaveBeenCalledWith("post", "/move/c", { source: tree, target: tree, values: { parent: "a", after: "b" } });
});

test("what was put back where it was is no move", () => {
  send(tree, { item: item("a"), from: list(""), to: list(""), oldIndex: 0, newIndex: 0 });
  expect(ajax).not.toHaveBeenCalled();
});

test("after a refusal the tree is fetched anew, but not for ever", () => {
  mount(tree);
  const refuse = (verb: string): boolean =>
    tree.dispatchEvent(new CustomEvent("htmx:responseError", { detail: { requestConfig: { verb } } }));
  refuse("post");
  expect(ajax).toHaveBeenCalledWith("get", "/tree", { source: tree, target: tree });
  refuse("get");
  expect(ajax).toHaveBeenCalledOnce();
});

test("the focus stays with the item that was moved", () => {
  mount(tree);
  const button = item("b").querySelector<HTMLElement>('[value="up"]');
  button?.focus();
  tree.dispatchEvent(new CustomEvent("htmx:beforeRequest"));
  button?.blur();
  tree.dispatchEvent(new CustomEvent("htmx:afterSettle"));
  expect(document.activeElement?.id).toBe("grip-b");
});

test("a form that adds a heading is empty again, once it was taken", () => {
  mount(tree);
  const form = document.createElement("form");
  form.dataset["clears"] = "";
  const field = document.createElement("input");
  form.append(field);
  document.body.append(form);
  field.value = "第一课";
  const answer = (successful: boolean): boolean =>
    document.body.dispatchEvent(new CustomEvent("htmx:afterRequest", { detail: { elt: form, successful } }));
  answer(false);
  expect(field.value).toBe("第一课");
  answer(true);
  expect(field.value).toBe("");
});

test("a key that is pressed while an answer is under way waits for it", async () => {
  mount(tree);
  const pressed = vi.fn();
  item("b").querySelector('[value="up"]')?.addEventListener("click", pressed);
  tree.dispatchEvent(new CustomEvent("htmx:beforeRequest"));
  press("b", "ArrowUp");
  expect(pressed).not.toHaveBeenCalled();
  tree.dispatchEvent(new CustomEvent("htmx:afterSettle"));
  await vi.waitFor(() => { expect(pressed).toHaveBeenCalledOnce(); });
});
