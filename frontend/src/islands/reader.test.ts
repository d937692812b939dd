import { expect, test } from "vitest";

import { decoded } from "./reader";

const bytes = (...values: number[]): ArrayBuffer => new Uint8Array(values).buffer;

test("text in UTF-8 is read as it is", () => {
  expect(decoded(new TextEncoder().encode("山行").buffer)).toBe("山行");
});

test("text of old Chinese programs is read as GBK", () => {
  expect(decoded(bytes(0xc9, 0xbd, 0xd0, 0xd0))).toBe("山行");
});

test("a long file is cut between two characters", () => {
  const long = new TextEncoder().encode("山".repeat(100_000)).buffer;
  expect(decoded(long)).toBe(`${"山".repeat(66_666)}\n…`);
});
