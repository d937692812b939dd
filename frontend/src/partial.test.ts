import { beforeEach, expect, test, vi } from "vitest";

vi.mock("htmx.org", () => ({ default: {} }));

import { keepChoices, sayCounts, showCorrections } from "./partial";

type Detail = { target: Element; xhr: { status: number }; requestConfig: { elt: Element }; shouldSwap: boolean; isError?: boolean };

const PART = `<div id="drafts" data-keep>
  <input id="one" type="checkbox" checked><input id="two" type="checkbox"><input id="new" type="checkbox" checked>
  <select id="audience"><option value="group" selected>集团</option><option value="school">本校</option></select>
</div>`;

const PLAIN = { target: document.body, xhr: { status: 200 }, requestConfig: { elt: document.body } };

/** Take a part from markup of the test itself. */
function part(markup: string): HTMLElement {
  return new DOMParser().parseFromString(markup, "text/html").body.firstElementChild as HTMLElement;
}

function say(name: string, detail: Partial<Detail>): Detail {
  const whole = { ...PLAIN, shouldSwap: false, ...detail };
  document.dispatchEvent(new CustomEvent(name, { detail: whole }));
  return whole;
}

function field(id: string): HTMLInputElement {
  return document.getElementById(id) as HTMLInputElement;
}

keepChoices(document);
sayCounts(document);
showCorrections(document);

beforeEach(() => { document.body.replaceChildren(part(PART)); });

function renew(markup: string): void {
  const old = document.getElementById("drafts") as HTMLElement;
  say("htmx:beforeSwap", { target: old });
  old.replaceWith(part(markup));
  say("htmx:afterSettle", {});
}

test("what a person ticked and chose outlives the renewal of the part", () => {
  field("one").checked = false;
  field("two").checked = true;
  field("audience").value = "school";
  renew(PART);
  expect([field("one").checked, field("two").checked, field("new").checked]).toEqual([false, true, true]);
  expect(field("audience").value).toBe("school");
});

test("what nobody touched follows the server", () => {
  renew(PART.replace('id="one" type="checkbox" checked', 'id="one" type="checkbox"'));
  expect(field("one").checked).toBe(false);
});

test("a part that does not ask for it is simply replaced", () => {
  field("one").checked = false;
  document.getElementById("drafts")?.removeAttribute("data-keep");
  renew(PART);
  expect(field("one").checked).toBe(true);
});

test("an answer without content removes what asked to be deleted, and nothing else", () => {
  const gone = part('<button hx-swap="delete"></button>');
  expect(say("htmx:beforeSwap", { requestConfig: { elt: gone }, xhr: { status: 204 } }).shouldSwap).toBe(true);
  expect(say("htmx:beforeSwap", { xhr: { status: 204 } }).shouldSwap).toBe(false);
});

test("how many a list holds is said when it came in anew, not when a part renews itself", () => {
  const said = part('<p id="said" role="status"></p>');
  document.body.append(said);
  say("htmx:afterSettle", { target: part('<div id="jobs"><p data-say>没有停下的任务</p></div>') });
  expect(said.textContent).toBe("");
  say("htmx:afterSettle", { target: part('<div class="renews"><span data-say> 共 3 份资源 </span></div>') });
  expect(said.textContent).toBe("共 3 份资源");
});

test("a refused form comes back where it can be corrected, and its first field has the focus", () => {
  const form = part('<div data-corrects><input id="reason" aria-invalid="true"></div>');
  document.body.append(form);
  const refused = { target: form, xhr: { status: 422 }, isError: true };
  expect(say("htmx:beforeSwap", refused)).toMatchObject({ shouldSwap: true, isError: false });
  expect(say("htmx:beforeSwap", { ...refused, target: part("<div></div>") }).shouldSwap).toBe(false);
  say("htmx:afterSettle", {});
  expect(document.activeElement?.id).toBe("reason");
});
