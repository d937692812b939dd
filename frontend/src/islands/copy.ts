/** A button that copies what stands in a field; a plain-HTTP network has no clipboard, there the browser's old way works. */

import { toast } from "../toast";

export function mount(button: HTMLElement): void {
  const field = document.getElementById(button.dataset["from"] ?? "");
  if (!(field instanceof HTMLInputElement)) return;
  button.hidden = false; // without scripts it would do nothing
  button.addEventListener("click", () => {
    void copy(field).then((done) => {
      if (done) toast(button.dataset["done"] ?? "", "success");
    });
  });
}

/** Copy a field; when that is not allowed it is left selected, ready for the keyboard. */
async function copy(field: HTMLInputElement): Promise<boolean> {
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- plain HTTP knows nothing newer
    return document.execCommand("copy");
  }
}
