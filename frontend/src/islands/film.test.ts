import { beforeEach, expect, test, vi } from "vitest";

import { mount } from "./film";

function page(narrow = false): { film: HTMLVideoElement; light: HTMLButtonElement; full: HTMLButtonElement } {
  window.matchMedia = vi.fn().mockReturnValue({ matches: narrow });
  document.body.innerHTML = `<div id="film"><div role="group" hidden>
    <button type="button" data-src="/light">a</button><button type="button" data-src="/full" data-full>b</button></div>
    <video src="/light"></video></div>`;
  const [light, full] = [...document.querySelectorAll("button")];
  const film = document.querySelector("video");
  if (!light || !full || !film) throw new Error("the page is incomplete");
  mount(document.getElementById("film") ?? document.body);
  return { film, light, full };
}

beforeEach(() => { localStorage.clear(); });

test("a phone begins with the light copy, a large screen with the full film", () => {
  expect(page(true).film.getAttribute("src")).toBe("/light");
  const { film, full } = page(false);
  expect(film.getAttribute("src")).toBe("/full");
  expect(full.getAttribute("aria-pressed")).toBe("true");
  expect(full.parentElement?.hidden).toBe(false);
});

test("what was chosen is kept for the next film", () => {
  page(false).light.click();

  const { film, light, full } = page(false);

  expect(film.getAttribute("src")).toBe("/light");
  expect([light, full].map((button) => button.getAttribute("aria-pressed"))).toEqual(["true", "false"]);
});

test("a change goes on where one was, and plays on", () => {
  const { film, light } = page(false);
  const played = vi.fn().mockResolvedValue(undefined);
  film.play = played;
  film.currentTime = 61;
  Object.defineProperty(film, "paused", { value: false });

  light.click();
  film.currentTime = 0;
  film.dispatchEvent(new Event("loadedmetadata"));

  expect(film.currentTime).toBe(61);
  expect(played).toHaveBeenCalledOnce();
});
