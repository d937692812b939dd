import { beforeEach, expect, test } from "vitest";

import { mount } from "./reveal";

let input: HTMLInputElement;

beforeEach(() => {
  input = document.createElement("input");
  input.type = "password";
  document.body.replaceChildren(input);
});

test("the button shows what was typed and hides it again", () => {
  mount(input);
  const button = document.querySelector("button");
  button?.click();
  expect([input.type, button?.getAttribute("aria-pressed")]).toEqual(["text", "true"]);
  button?.click();
  expect([input.type, button?.getAttribute("aria-pressed")]).toEqual(["password", "false"]);
});

test("whoever is typing already goes on typing", () => {
  input.focus();
  mount(input);
  expect(document.activeElement).toBe(input);
});
