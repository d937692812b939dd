"""What is looked at on every page: names and contrasts (axe-core), width, and the size of what fingers must hit."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = Path(__file__).resolve().parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
OF_COLOUR = ["color-contrast", "link-in-text-block"]  # what the second theme can change
WIDTHS = (1920, 1366, 768, 360)
TOUCH = 40

RUN_AXE = """async (runOnly) => {
  const found = await axe.run(document, { runOnly, resultTypes: ["violations"] });
  const line = (rule, node) => `${rule.id}: ${node.target} ${node.html.slice(0, 120)}`;
  return found.violations.flatMap((rule) => rule.nodes.map((node) => line(rule, node)));
}"""

# Links within a sentence may be as high as its lines; what is hidden, or covered by its label, is not aimed at.
SMALL = """(least) => {
  const seen = (it) => it.getClientRects().length > 0 && getComputedStyle(it).visibility !== "hidden"
    && !it.closest(".visually-hidden, .skip");
  const within = (it) => it.matches("a") && getComputedStyle(it).display === "inline"
    && it.parentElement.textContent.trim() !== it.textContent.trim();
  const field = "a[href], button, summary, select, textarea, input:not([type=hidden]), [role=button], [role=tab]";
  return [...document.querySelectorAll(field)].filter((it) => seen(it) && !within(it)).flatMap((it) => {
    const { width, height } = (it.closest("label") ?? it).getBoundingClientRect();
    const small = width < least - 0.5 || height < least - 0.5;
    return small ? [`${Math.round(width)}x${Math.round(height)}: ${it.outerHTML.slice(0, 140)}`] : [];
  });
}"""
WIDER = """() => {
  const room = document.documentElement.clientWidth, taken = document.documentElement.scrollWidth;
  if (taken <= room) return [];
  const everything = [...document.querySelectorAll("main *, header *, nav *")];
  const out = everything.filter((it) => it.getBoundingClientRect().right > room + 1).slice(0, 2);
  return [`${taken} in ${room}: ${out.map((it) => it.outerHTML.slice(0, 120))}`];
}"""


def violations(page: Page) -> list[str]:
    """Return what axe-core finds, in both themes."""
    page.evaluate(AXE.read_text())
    return [*in_theme(page, "light", "tag", RULES), *in_theme(page, "dark", "rule", OF_COLOUR)]


def in_theme(page: Page, theme: str, kind: str, rules: list[str]) -> list[str]:
    """Return what breaks these rules in a theme."""
    page.evaluate("(theme) => { document.documentElement.dataset.bsTheme = theme; }", theme)
    return [f"{theme}: {found}" for found in page.evaluate(RUN_AXE, {"type": kind, "values": rules})]


def overflows(page: Page) -> list[str]:
    """Return at which widths the page must be scrolled sideways."""
    found: list[Any] = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 768})
        found += [f"{width} px: {text}" for text in page.evaluate(WIDER)]
    return found


def too_small(page: Page) -> list[str]:
    """Return what fingers would miss at the present width."""
    return [f"too small: {text}" for text in page.evaluate(SMALL, TOUCH)]
