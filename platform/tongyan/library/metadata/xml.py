"""Building XML: elements of one namespace, and only text that XML can hold."""

import re
from xml.etree.ElementTree import Element, SubElement

# what XML 1.0 has no way to write: ElementTree would write it nonetheless, and no reader would take it
UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def clean(text: str) -> str:
    """Return the text without what XML cannot hold."""
    return UNWRITABLE.sub("", text)


class Maker:
    """Makes elements of one namespace."""

    def __init__(self, namespace: str) -> None:
        self._namespace = namespace

    def root(self, name: str) -> Element:
        """Return a new element that stands for itself."""
        return Element(f"{{{self._namespace}}}{name}")

    def group(self, parent: Element, name: str) -> Element:
        """Add an element that holds others."""
        return SubElement(parent, f"{{{self._namespace}}}{name}")

    def text(self, parent: Element, name: str, text: str | None, **attributes: str) -> None:
        """Add an element with a text; nothing at all without one."""
        written = clean(text or "")
        if written.strip():
            SubElement(parent, f"{{{self._namespace}}}{name}", attributes).text = written
