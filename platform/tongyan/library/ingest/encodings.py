"""Chinese text in whatever encoding it was written (runs in the child process)."""

SHORT = 64  # bytes


def decode(content: bytes) -> str | None:
    """Return text in UTF-8, UTF-16 with its mark, or GB18030; None when it is none of them."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _try(content, "utf-16")
    if b"\x00" in content:
        return None
    text, chinese = _try(content, "utf-8-sig"), _try(content, "gb18030")
    if text is not None and chinese is not None and len(content) <= SHORT and _looks_wrong(text):
        return chinese
    return chinese if text is None else text


def _try(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return None


def _looks_wrong(text: str) -> bool:
    """A few Chinese characters in GBK (联通, 霜叶) are valid UTF-8 too, but only as letters of far-away scripts."""
    return not text.isascii() and all(char < "\u0800" for char in text)
