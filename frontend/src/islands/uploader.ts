/**
 * The drop zone: many files or whole folders, each sent in parts that go on after a break or a reload.
 *
 * data-config: see `Config`. Inside stand the file field with its label behind it, a list
 * [data-rows] for what is under way, and a line [data-sent] for how many have arrived.
 */
import htmx from "htmx.org";

import { dropped } from "../dropped";
import { type Config, Queue } from "../sending";

/** Take files from the zone and from its fields. */
export function mount(zone: HTMLElement): void {
  const config = JSON.parse(zone.dataset["config"] ?? "{}") as Config;
  const list = zone.querySelector<HTMLElement>("[data-rows]");
  const sent = zone.querySelector<HTMLElement>("[data-sent]");
  const input = zone.querySelector<HTMLInputElement>('input[type="file"]');
  if (!list || !sent || !input) return;
  const queue = new Queue(config, list, (count) => {
    sent.textContent = config.words.sent.replace("{count}", String(count));
    void htmx.ajax("get", config.drafts, { target: config.target, swap: "outerHTML" });
  });
  for (const field of [input, folderField(input, config.words.folder)]) take(field, queue);
  takeDrops(zone, queue);
  document.addEventListener("htmx:afterSettle", () => { hideOwn(queue); });
}

/** A second field that takes a whole folder, for those who do not drag. */
function folderField(input: HTMLInputElement, text: string): HTMLInputElement {
  const folder = document.createElement("input");
  folder.type = "file";
  folder.id = `${input.id}-folder`;
  folder.webkitdirectory = true;
  const label = document.createElement("label");
  label.className = "btn";
  label.htmlFor = folder.id;
  label.textContent = text;
  for (const field of [input, folder]) field.className = "visually-hidden";
  input.parentElement?.append(folder, label);
  return folder;
}

function take(field: HTMLInputElement, queue: Queue): void {
  field.addEventListener("change", () => {
    queue.add([...(field.files ?? [])].map((file) => ({ file, path: file.webkitRelativePath || file.name })));
    field.value = "";
  });
}

function takeDrops(zone: HTMLElement, queue: Queue): void {
  for (const kind of ["dragenter", "dragover", "dragleave", "drop"]) {
    zone.addEventListener(kind, (event) => {
      event.preventDefault();
      zone.classList.toggle("dragging", kind === "dragenter" || kind === "dragover");
    });
  }
  zone.addEventListener("drop", (event) => {
    if (event.dataTransfer) void dropped(event.dataTransfer).then((found) => { queue.add(found); });
  });
}

/** What is under way above must not be called broken off below. */
function hideOwn(queue: Queue): void {
  for (const address of queue.addresses()) {
    const id = new URL(address, location.href).pathname.split("/").pop() ?? "";
    document.querySelector(`[data-upload="${CSS.escape(id)}"]`)?.remove();
  }
  const box = document.querySelector("[data-broken-off]");
  if (box && !box.querySelector("[data-upload]")) box.remove();
}
