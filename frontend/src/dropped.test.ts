import { expect, test } from "vitest";

import { dropped } from "./dropped";

const file = (name: string): File => new File(["x"], name);

function fileEntry(path: string): FileSystemEntry {
  const entry = { isFile: true, fullPath: `/${path}`, file: (found: (it: File) => void) => { found(file(path)); } };
  return entry as unknown as FileSystemEntry;
}

function folderEntry(path: string, batches: FileSystemEntry[][]): FileSystemEntry {
  const rest = [...batches];
  const reader = { readEntries: (found: (it: FileSystemEntry[]) => void) => { found(rest.shift() ?? []); } };
  return { isFile: false, fullPath: `/${path}`, createReader: () => reader } as unknown as FileSystemEntry;
}

function drop(entries: (FileSystemEntry | null)[], files: File[] = []): DataTransfer {
  return { items: entries.map((entry) => ({ webkitGetAsEntry: () => entry })), files } as unknown as DataTransfer;
}

test("files of folders keep their paths, however many answers a folder takes", async () => {
  const unit = folderEntry("三上/第二单元", [[fileEntry("三上/第二单元/山行.pptx")], [fileEntry("三上/第二单元/赠刘景文.pptx")]]);
  const found = await dropped(drop([folderEntry("三上", [[unit]]), fileEntry("封面.png")]));
  expect(found.map((item) => item.path)).toEqual(["三上/第二单元/山行.pptx", "三上/第二单元/赠刘景文.pptx", "封面.png"]);
});

test("a drop without entries gives its plain files", async () => {
  expect((await dropped(drop([null], [file("山行.pptx")]))).map((item) => item.path)).toEqual(["山行.pptx"]);
});
