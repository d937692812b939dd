// @vitest-environment jsdom
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { mount } from "./mention";

const PEOPLE = [
  { written: "张伟（一小）", name: "张伟", schools: "一小" },
  { written: "张伟（二小）", name: "张伟", schools: "二小" },
];
let field: HTMLTextAreaElement;
let asked: string[];

beforeEach(() => {
  vi.useFakeTimers();
  document.body.innerHTML = '<div><textarea id="text"></textarea></div>';
  const box = document.querySelector("div") as HTMLElement;
  box.dataset["config"] = JSON.stringify({ people: "/people", words: { people: "可以提到的人" } });
  asked = [];
  vi.stubGlobal("fetch", (url: string) => {
    asked.push(decodeURIComponent(url));
    return Promise.resolve(new Response(JSON.stringify({ people: PEOPLE })));
  });
  mount(box);
  field = document.querySelector("textarea") as HTMLTextAreaElement;
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function type(text: string): Promise<void> {
  field.value = text;
  field.setSelectionRange(text.length, text.length);
  field.dispatchEvent(new Event("input"));
  await vi.advanceTimersByTimeAsync(300);
}

function options(): string[] {
  return [...document.querySelectorAll('[role="option"]')].map((option) => option.textContent);
}

function press(key: string): void {
  field.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
}

test("people are offered after the sign, namesakes with their schools", async () => {
  await type("请 @张");
  expect(asked).toEqual(["/people?q=张"]);
  expect(options()).toEqual(["张伟 · 一小", "张伟 · 二小"]);
});

test("keys choose, and the name takes the place of what was typed", async () => {
  await type("请 @张");
  press("ArrowDown");
  press("Enter");
  expect(field.value).toBe("请 @张伟（二小） ");
  expect(options()).toEqual([]);
});

test("up from the first leads to the last, Escape leaves the text alone", async () => {
  await type("@张");
  press("ArrowUp");
  expect(field.getAttribute("aria-activedescendant")).toBe("text-people-1");
  press("Escape");
  expect(options()).toEqual([]);
  expect(field.value).toBe("@张");
});

test("a click takes a person", async () => {
  await type("@张");
  document.querySelector('[role="option"]')?.dispatchEvent(new MouseEvent("mousedown", { cancelable: true }));
  expect(field.value).toBe("@张伟（一小） ");
});

test("without the sign nobody is asked for, without a line nobody is offered", async () => {
  await type("张");
  expect(asked).toEqual([]);
  vi.stubGlobal("fetch", () => Promise.reject(new Error("offline")));
  await type("@张");
  expect(options()).toEqual([]);
});
