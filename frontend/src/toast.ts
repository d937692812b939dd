/** Short messages at the edge of the page. */

const SECONDS = 8;

/** Show a message; an alarm stays until it is closed, since people are interrupted all day. */
export function toast(text: string, tone: "info" | "success" | "danger" = "info"): void {
  const place = document.querySelector<HTMLElement>("#toasts");
  if (!place || !text) return;
  const box = document.createElement("div");
  box.className = `alert alert-${tone}`;
  const say = document.createElement("span");
  say.className = "say";
  say.textContent = text;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "btn-close";
  close.setAttribute("aria-label", place.dataset["close"] ?? "");
  close.addEventListener("click", () => { box.remove(); });
  box.append(say, close);
  place.append(box);
  if (tone !== "danger") window.setTimeout(() => { box.remove(); }, SECONDS * 1000);
}

/** Return the server's own sentence about a refusal, if this is one. */
export function sentenceOf(body: string | undefined): string {
  try {
    const answer = JSON.parse(body ?? "") as { message?: unknown } | null;
    return typeof answer?.message === "string" ? answer.message : "";
  } catch {
    return "";
  }
}
