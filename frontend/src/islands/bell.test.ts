import { afterEach, expect, test, vi } from "vitest";

import { refresh } from "./bell";

vi.mock("htmx.org", () => ({ default: {} }));

const BELL = '<a href="/notices" aria-label="3 unread"><svg></svg><span class="count">3</span></a>';

function bell(): HTMLElement {
  document.body.innerHTML = '<a href="/notices" aria-label="none"><svg></svg></a>';
  return document.querySelector("a") as HTMLElement;
}

afterEach(() => {
  vi.unstubAllGlobals();
});

test("the bell takes count and label from the server", async () => {
  vi.stubGlobal("fetch", () => Promise.resolve(new Response(BELL)));
  const element = bell();
  expect(await refresh(element, "/bell")).toBe(true);
  expect(element.getAttribute("aria-label")).toBe("3 unread");
  expect(element.querySelector(".count")?.textContent).toBe("3");
});

test("a session that is over is told", async () => {
  vi.stubGlobal("fetch", () => Promise.resolve(new Response(null, { status: 204, headers: { "HX-Redirect": "/in" } })));
  expect(await refresh(bell(), "/bell")).toBe(false);
});

test.each([
  ["a broken line", () => Promise.reject(new Error("offline"))],
  ["a server in trouble", () => Promise.resolve(new Response(BELL, { status: 503 }))],
])("%s changes nothing", async (_, answer) => {
  vi.stubGlobal("fetch", answer);
  const element = bell();
  expect(await refresh(element, "/bell")).toBe(true);
  expect(element.getAttribute("aria-label")).toBe("none");
});
