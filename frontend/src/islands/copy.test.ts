import { beforeEach, expect, test, vi } from "vitest";

import { mount } from "./copy";

let button: HTMLButtonElement;
let field: HTMLInputElement;

beforeEach(() => {
  document.body.innerHTML = '<div id="toasts"></div><input id="token" value="ty_secret"><button data-from="token" data-done="已复制" hidden>';
  button = document.querySelector("button") as HTMLButtonElement;
  field = document.querySelector("input") as HTMLInputElement;
});

function oldWay(works: boolean): () => boolean {
  const command = vi.fn(() => works);
  vi.stubGlobal("navigator", {});
  Object.defineProperty(document, "execCommand", { value: command, configurable: true });
  return command;
}

function click(): Promise<void> {
  mount(button);
  button.click();
  return new Promise((resolve) => setTimeout(resolve));
}

test("the button copies the field and says so", async () => {
  const writeText = vi.fn(() => Promise.resolve());
  vi.stubGlobal("navigator", { clipboard: { writeText } });
  await click();
  expect(writeText).toHaveBeenCalledWith("ty_secret");
  expect(document.querySelector("#toasts")?.textContent).toContain("已复制");
  expect(button.hidden).toBe(false);
});

test("without a clipboard the browser's own command copies what is selected", async () => {
  const command = oldWay(true);
  await click();
  expect(command).toHaveBeenCalledWith("copy");
  expect(field.selectionEnd).toBe("ty_secret".length);
  expect(document.querySelector("#toasts")?.textContent).toContain("已复制");
});

test("what could not be copied is not said to be", async () => {
  oldWay(false);
  await click();
  expect(document.querySelector("#toasts")?.textContent).toBe("");
});

test("a button without its field stays hidden", () => {
  button.dataset["from"] = "elsewhere";
  mount(button);
  expect(button.hidden).toBe(true);
});
