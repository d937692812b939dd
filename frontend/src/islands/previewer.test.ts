import { expect, test } from "vitest";

import { pageIn } from "./previewer";

test("an address names a page of one document", () => {
  expect(pageIn("#leaf-7f-12", "leaf-7f-")).toBe(12);
  for (const other of ["", "#", "#leaf-8f-12", "#leaf-7f-", "#leaf-7f-0", "#leaf-7f-x", "#leaf-7f-1.5"]) {
    expect(pageIn(other, "leaf-7f-")).toBeNull();
  }
});
