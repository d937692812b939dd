import { beforeEach, expect, test, vi } from "vitest";

type Options = { onProgress: (sent: number, total: number) => void; onSuccess: () => void; onError: (error: Error) => void };

class FakeUpload {
  static all: FakeUpload[] = [];
  url: string | null = null;
  starts = 0;
  stops: boolean[] = [];

  constructor(readonly file: File, readonly options: Options) {
    FakeUpload.all.push(this);
  }

  findPreviousUploads(): Promise<unknown[]> {
    return Promise.resolve([]);
  }

  start(): void {
    this.starts += 1;
    this.url = `/uploads/${String(FakeUpload.all.indexOf(this))}`;
  }

  abort(terminate = false): Promise<void> {
    this.stops.push(terminate);
    return Promise.resolve();
  }
}

vi.mock("htmx.org", () => ({ default: {} }));
vi.mock("tus-js-client", () => ({ Upload: FakeUpload }));

const { Queue } = await import("./sending");

const words = {
  waiting: "等待", sending: "正在传", paused: "已暂停", pause: "暂停", resume: "继续", cancel: "取消", close: "知道了",
  folder: "选择文件夹", sent: "已传完 {count} 个", broken: "网络断了",
};
const settle = (): Promise<void> => new Promise((done) => { window.setTimeout(done, 0); });
let list: HTMLElement;
let arrived: number[];
let queue: InstanceType<typeof Queue>;

beforeEach(() => {
  FakeUpload.all = [];
  list = document.createElement("ul");
  document.body.replaceChildren(list);
  arrived = [];
  const config = { endpoint: "/uploads", drafts: "/drafts", target: "#drafts", meta: { resource: "7" }, words };
  queue = new Queue(config, list, (count) => { arrived.push(count); });
});

async function add(...names: string[]): Promise<void> {
  queue.add(names.map((path) => ({ file: new File(["x"], path.split("/").pop() ?? ""), path })));
  await settle();
}

const started = (): number[] => FakeUpload.all.map((upload) => upload.starts);
const upload = (index: number): FakeUpload => FakeUpload.all[index] as FakeUpload;
const row = (index: number): HTMLElement => list.children[index] as HTMLElement;
const press = async (index: number, text: string): Promise<void> => {
  [...row(index).querySelectorAll("button")].find((button) => button.textContent === text)?.click();
  await settle();
};

test("two files are sent at once, the next one when one of them has come through", async () => {
  await add("甲.pptx", "乙.pptx", "丙.pptx");
  expect(started()).toEqual([1, 1, 0]);
  upload(0).options.onSuccess();
  await settle();
  expect(started()).toEqual([1, 1, 1]);
  expect(arrived).toEqual([1]);
  expect(list.children).toHaveLength(2);
});

test("a paused file makes room for the next one, and goes on when told so", async () => {
  await add("甲.pptx", "乙.pptx", "丙.pptx");
  await press(0, "暂停");
  expect(row(0).textContent).toContain("已暂停");
  expect(started()).toEqual([1, 1, 1]);
  upload(1).options.onSuccess();
  await settle();
  await press(0, "继续");
  expect(started()).toEqual([2, 1, 1]);
});

test("giving up a file that has not begun leaves the others their place", async () => {
  await add("甲.pptx", "乙.pptx", "丙.pptx", "丁.pptx");
  await press(2, "取消");
  upload(0).options.onSuccess();
  await settle();
  expect(started()).toEqual([1, 1, 0, 1]);
  expect(upload(2).stops).toEqual([false]);
});

test("giving up a file that is under way takes it back from the server", async () => {
  await add("甲.pptx");
  await press(0, "取消");
  expect(upload(0).stops).toEqual([true]);
  expect(list.hidden).toBe(true);
});

test("a refused file says why in the server's words, the others go on", async () => {
  await add("甲.exe", "乙.pptx", "丙.pptx");
  upload(0).options.onError(Object.assign(new Error("422"), {
    originalResponse: { getBody: () => '{"ok": false, "message": "没有收下"}' },
  }));
  await settle();
  expect(row(0).textContent).toContain("没有收下");
  expect(started()).toEqual([1, 1, 1]);
  await press(0, "知道了");
  expect(list.children).toHaveLength(2);
});

test("a broken line keeps what was sent and is tried again as soon as there is one", async () => {
  await add("甲.pptx");
  upload(0).options.onError(new Error("network"));
  expect(row(0).textContent).toContain("网络断了");
  window.dispatchEvent(new Event("online"));
  await settle();
  expect(started()).toEqual([2]);
});

test("what is under way is known by its address", async () => {
  await add("三上/甲.pptx", "乙.pptx", "丙.pptx");
  expect(queue.addresses()).toEqual(["/uploads/0", "/uploads/1"]);
  upload(0).options.onProgress(1, 2);
  expect(row(0).querySelector("progress")?.value).toBe(0.5);
});
