import { beforeEach, expect, test, vi } from "vitest";

import { mount } from "./search-box";

let form: HTMLFormElement;
let input: HTMLInputElement;
let sent: string[];

function key(name: string, more: KeyboardEventInit = {}): KeyboardEvent {
  const event = new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true, ...more });
  input.dispatchEvent(event);
  return event;
}

async function type(text: string): Promise<void> {
  input.value = text;
  input.dispatchEvent(new Event("input"));
  await vi.advanceTimersByTimeAsync(200);
}

function options(): string[] {
  return [...form.querySelectorAll('[role="option"] a')].map((link) => link.firstChild?.textContent ?? "");
}

function answers(texts: string[], status = 200): void {
  const suggestions = texts.map((text) => ({ text, kind: "资源", url: `/search?q=${text}` }));
  vi.stubGlobal("fetch", vi.fn(() => Promise.resolve(Response.json({ suggestions }, { status }))));
}

beforeEach(() => {
  vi.useFakeTimers();
  document.body.innerHTML = '<form><input name="q" aria-label="搜索"></form>';
  form = document.querySelector("form") as HTMLFormElement;
  input = document.querySelector("input") as HTMLInputElement;
  form.dataset["config"] = '{"suggest": "/search/suggest"}';
  sent = [];
  form.addEventListener("click", (event) => {
    event.preventDefault();
    const link = (event.target as Element).closest("a");
    if (link) sent.push(decodeURIComponent(link.search.slice(3)));
  });
  mount(form);
  input.focus();
  answers(["圆的面积", "圆的周长"]);
});

test("titles are suggested and told to screen readers", async () => {
  await type("圆");

  expect(fetch).toHaveBeenCalledWith("/search/suggest?q=%E5%9C%86", expect.anything());
  expect(options()).toEqual(["圆的面积", "圆的周长"]);
  expect(input.getAttribute("aria-expanded")).toBe("true");
  expect(form.querySelector('[role="listbox"]')?.getAttribute("aria-label")).toBe("搜索");
});

test("arrows choose, Enter takes, Escape closes", async () => {
  await type("圆");
  key("ArrowUp");
  expect(input.getAttribute("aria-activedescendant")).toBe("suggestions-1");
  key("ArrowDown");
  expect(key("Enter").defaultPrevented).toBe(true);
  expect(sent).toEqual(["圆的面积"]);

  await type("圆的");
  key("Escape");
  expect(input.getAttribute("aria-expanded")).toBe("false");
  expect(key("Enter").defaultPrevented).toBe(false);
});

test("a click follows the link, and the list stays until then", async () => {
  await type("圆");
  const link = form.querySelector<HTMLAnchorElement>('[role="option"] a');
  const down = new MouseEvent("mousedown", { bubbles: true, cancelable: true });
  link?.dispatchEvent(down);
  expect(down.defaultPrevented).toBe(true);
  link?.click();

  expect(sent).toEqual(["圆的面积"]);
});

test("Enter that ends a word of the input method never sends the form", async () => {
  expect(key("Enter", { isComposing: true }).defaultPrevented).toBe(true);
  input.dispatchEvent(new Event("compositionstart"));
  input.dispatchEvent(new Event("compositionend"));
  expect(key("Enter").defaultPrevented).toBe(true);
  await vi.advanceTimersByTimeAsync(10);
  expect(key("Enter").defaultPrevented).toBe(false);
  expect(sent).toEqual([]);
});

test("without an answer there are no suggestions", async () => {
  await type("圆");
  answers(["x"], 429);
  await type("圆的");
  expect(options()).toEqual([]);

  vi.stubGlobal("fetch", vi.fn(() => Promise.reject(new TypeError("no line"))));
  await type("圆");
  expect(options()).toEqual([]);
});

test("the empty box offers what one opened last", async () => {
  answers(["荷叶圆圆"]);
  input.blur();
  input.focus();
  await vi.advanceTimersByTimeAsync(200);

  expect(fetch).toHaveBeenCalledWith("/search/suggest?q=", expect.anything());
  expect(options()).toEqual(["荷叶圆圆"]);
});

test("an answer that comes when one has left, or typed on, is not shown", async () => {
  await type("圆");
  input.blur();
  await vi.advanceTimersByTimeAsync(200);
  expect(options()).toEqual([]);
  await type("圆的");
  expect(options()).toEqual([]);
});
