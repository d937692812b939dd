// @vitest-environment jsdom
import { beforeEach, expect, test } from "vitest";

import { mount } from "./correction";

let details: HTMLDetailsElement;

beforeEach(() => {
  document.body.innerHTML = `
    <section id="file-a"><div class="viewer-tools"><select><option>1</option><option selected>3</option></select></div></section>
    <details><form>
      <select><option value="">all</option><option value="a">a</option></select><input type="number">
    </form></details>`;
  details = document.querySelector("details") as HTMLDetailsElement;
  mount(document.querySelector("form") as HTMLElement);
});

function choose(value: string): void {
  const select = document.querySelector<HTMLSelectElement>("form select") as HTMLSelectElement;
  select.value = value;
  select.dispatchEvent(new Event("change"));
}

function page(): string {
  return document.querySelector<HTMLInputElement>("input")?.value ?? "";
}

test("the page is the one that is looked at in the chosen file", () => {
  choose("a");
  expect(page()).toBe("3");
  choose("");
  expect(page()).toBe("");
});

test("what stands there already stays when the form is opened", () => {
  choose("a");
  (document.querySelector("input") as HTMLInputElement).value = "2";
  details.dispatchEvent(new Event("toggle"));
  expect(page()).toBe("2");
});
