"""Write the table of settings in docs/configuration.md from the one place that defines them."""

from pathlib import Path

from tongyan.config import SETTINGS, Setting

PAGE = Path(__file__).resolve().parents[1] / "docs" / "configuration.md"
BEGIN, END = "<!-- settings: written by ./dev docs -->", "<!-- end of settings -->"


def table() -> str:
    """Return the table as Markdown."""
    head = ["| 环境变量 | 默认值 | 含义 |", "|---|---|---|"]
    return "\n".join([*head, *(_row(setting) for setting in SETTINGS)])


def _row(setting: Setting) -> str:
    default = "空" if setting.default in ("", [], None) else f"`{str(setting.default).lower()}`"
    return f"| `TONGYAN_{setting.name}` | {default} | {setting.meaning.replace('|', chr(92) + '|')} |"


def page(text: str) -> str:
    """Return the page with the table of today."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{table()}\n\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text()))
