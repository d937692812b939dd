/**
 * The bell, live: the server tells every open page of a person when a notice comes and when a session ends.
 *
 * data-config: {bell: address of this part, over: what to say when the session is over}
 */
import { io } from "socket.io-client";

import { csrfToken } from "../partial";
import { toast } from "../toast";

type Config = { bell: string; over: string };

/** Listen, and ask again whenever something may have changed. */
export function mount(bell: HTMLElement): void {
  const config = JSON.parse(bell.dataset["config"] ?? "{}") as Config;
  // WebSocket first: it needs no session of its own at the proxy; some school firewalls let only polling through
  const socket = io({ auth: { csrf_token: csrfToken() }, transports: ["websocket", "polling"], tryAllTransports: true });
  const look = async (): Promise<void> => {
    if (await refresh(bell, config.bell)) return;
    socket.disconnect();
    toast(config.over, "danger");
  };
  for (const event of ["connect", "account:notices_changed", "account:sessions_changed"]) {
    socket.on(event, () => void look()); // "connect": what came before nobody told us
  }
  socket.on("disconnect", (reason) => {
    if (reason === "io server disconnect") void look();
  });
}

/** Draw the bell anew; false when nobody is signed in any more. A broken line changes nothing. */
export async function refresh(bell: HTMLElement, address: string): Promise<boolean> {
  const answer = await fetch(address, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (answer?.headers.has("HX-Redirect")) return false;
  const text = answer?.ok ? await answer.text() : "";
  const fresh = new DOMParser().parseFromString(text, "text/html").querySelector("a");
  if (fresh) {
    bell.setAttribute("aria-label", fresh.getAttribute("aria-label") ?? "");
    bell.replaceChildren(...fresh.childNodes);
  }
  return true;
}
