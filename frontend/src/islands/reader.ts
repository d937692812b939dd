/**
 * The words of a plain text file. Old Chinese programs wrote GBK; whatever is not UTF-8 is read as that.
 *
 * data-config: {text: address}; inside stands the `pre` that takes the words.
 */
type Config = { text: string };

const MOST = 200_000; // bytes; whoever needs more downloads the file

/** Show the beginning of the file. */
export function mount(element: HTMLElement): void {
  const config = JSON.parse(element.dataset["config"] ?? "{}") as Config;
  const place = element.querySelector("pre");
  if (!place) return;
  void fetch(config.text)
    .then(async (answer) => {
      if (answer.ok) place.textContent = decoded(await answer.arrayBuffer());
    })
    .catch(() => undefined); // the download is still there
}

/** Return the words in these bytes. */
export function decoded(bytes: ArrayBuffer): string {
  const shown = bytes.slice(0, MOST);
  const more = bytes.byteLength > MOST;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(shown, { stream: more }) + (more ? "\n…" : "");
  } catch {
    return new TextDecoder("gb18030").decode(shown) + (more ? "\n…" : "");
  }
}
