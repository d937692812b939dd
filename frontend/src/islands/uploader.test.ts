import { expect, test, vi } from "vitest";

vi.mock("htmx.org", () => ({ default: {} }));

import { sentenceOf } from "./uploader";

test("the server's sentence about a refused file is shown", () => {
  const refused = Object.assign(new Error("413"), {
    originalResponse: { getBody: () => '{"ok": false, "message": "文件太大"}' },
  });
  expect(sentenceOf(refused as unknown as Error)).toBe("文件太大");
});

test("a broken line has no sentence of the server", () => {
  expect(sentenceOf(new Error("network"))).toBe("");
});
