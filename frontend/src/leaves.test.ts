import type { PDFDocumentProxy } from "pdfjs-dist";
import { beforeEach, expect, test, vi } from "vitest";

import { Leaves } from "./leaves";

let watched: Element[];
let turn: (entries: { target: Element; isIntersecting: boolean }[]) => void;
const cancel = vi.fn();
const render = vi.fn(() => ({ promise: Promise.resolve(), cancel }));

class Watch {
  constructor(callback: typeof turn) { turn = callback; }
  observe(element: Element): void { watched.push(element); }
  disconnect(): void { watched = []; }
}

vi.stubGlobal("IntersectionObserver", Watch);

function pages(count: number): PDFDocumentProxy {
  const size = ({ scale }: { scale: number }): object => ({ width: 400 * scale, height: 300 * scale });
  return { numPages: count, getPage: () => Promise.resolve({ getViewport: size, render }) } as unknown as PDFDocumentProxy;
}

async function laidOut(count: number): Promise<{ viewer: HTMLElement; leaves: Leaves }> {
  const viewer = document.createElement("div");
  Object.defineProperty(viewer, "clientWidth", { value: 818 });
  const leaves = new Leaves(viewer, pages(count), (page) => `第 ${String(page)} 页`);
  await leaves.layOut(1);
  for (const leaf of viewer.children) Object.defineProperty(leaf, "clientWidth", { value: 800 });
  return { viewer, leaves };
}

beforeEach(() => {
  watched = [];
  render.mockClear();
  cancel.mockClear();
});

test("every page has a frame of its size and a name, before any is drawn", async () => {
  const { viewer } = await laidOut(3);
  expect([...viewer.children].map((leaf) => leaf.getAttribute("aria-label"))).toEqual(["第 1 页", "第 2 页", "第 3 页"]);
  expect((viewer.firstElementChild as HTMLElement).style.width).toBe("800px");
  expect(watched).toHaveLength(3);
  expect(render).not.toHaveBeenCalled();
});

test("a page is drawn when it comes near, sharply, and let go when it leaves", async () => {
  const { viewer } = await laidOut(2);
  const target = viewer.children[1] as HTMLElement;
  turn([{ target, isIntersecting: true }]);
  await vi.waitFor(() => { expect(target.querySelector("canvas")?.width).toBe(800); });
  turn([{ target, isIntersecting: false }]);
  expect(cancel).toHaveBeenCalled();
  expect(target.querySelector("canvas")).toBeNull();
});

test("a page that one scrolls past is not drawn at all", async () => {
  const { viewer } = await laidOut(2);
  const [passed, wanted] = [...viewer.children] as [HTMLElement, HTMLElement];
  turn([{ target: passed, isIntersecting: true }]);
  turn([{ target: passed, isIntersecting: false }, { target: wanted, isIntersecting: true }]);
  await vi.waitFor(() => { expect(wanted.querySelector("canvas")).not.toBeNull(); });
  expect(passed.querySelector("canvas")).toBeNull();
  expect(render).toHaveBeenCalledTimes(1);
});

test("another zoom lays the pages out anew", async () => {
  const { viewer, leaves } = await laidOut(1);
  await leaves.layOut(2);
  expect((viewer.firstElementChild as HTMLElement).style.width).toBe("1600px");
});

test("numbers beyond the ends mean the ends", async () => {
  const { viewer, leaves } = await laidOut(2);
  Object.defineProperty(viewer.children[1], "offsetTop", { value: 640 });
  leaves.goTo(9);
  expect(viewer.scrollTop).toBe(640);
  leaves.goTo(-1);
  expect(viewer.scrollTop).toBe(0);
});
