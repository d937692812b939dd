"""What an archive would bring: drafts with their files, what is said about them, and the trees of course packages.

Three forms are understood: ours (folders or cartridge, by our own manifest), a Common Cartridge of another program (by
the manifest of the standard), and any folders at all (one draft for each file, by its path).
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from urllib.parse import unquote
from uuid import UUID
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import fromstring

from tongyan.kernel.errors import Invalid, TooLarge
from tongyan.kernel.sheets import read_rows
from tongyan.library.exchange.bundles import MAX_ENTRIES, Bundle
from tongyan.library.exchange.cartridge import IMS_MANIFEST
from tongyan.library.exchange.folders import LIST
from tongyan.library.exchange.packing import FORMAT, MANIFEST
from tongyan.library.exchange.sheets import COLUMNS, FILES
from tongyan.library.ingest.archives import CARTRIDGE
from tongyan.library.ingest.formats import MACRO_NAMES, REFUSED_NAMES
from tongyan.library.names import clean_path, extension

MAX_DEPTH = 12  # of a tree
MAX_ITEMS = 5_000
JUNK = ("__macosx/", ".ds_store", "thumbs.db", "desktop.ini", "~$")


@dataclass(frozen=True, slots=True)
class File:
    """A file to be brought: the entry that holds it, and the path it is to have."""

    entry: str
    path: str


@dataclass(slots=True)
class Draft:
    """A draft to be made; what is known beside the paths of its files is `said` by us, or stands in `cells`."""

    key: str
    files: list[File] = field(default_factory=list)
    title: str = ""
    said: dict[str, Any] = field(default_factory=dict)
    place: tuple[str, ...] = ()
    cells: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Item:
    """A place in a tree to be planted; `key` names the draft that stands there."""

    title: str
    note: str = ""
    key: str | None = None
    below: list["Item"] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Tree:
    """A course package to be made: the draft that holds it, and what stands in it."""

    key: str
    items: list[Item]


@dataclass(slots=True)
class Plan:
    """All that an archive would bring, and the entries that are left out, each with the code of the reason."""

    form: str  # "ours", "cartridge" or "folders"
    drafts: list[Draft] = field(default_factory=list)
    trees: list[Tree] = field(default_factory=list)
    left_out: list[tuple[str, str]] = field(default_factory=list)


def plan_of(bundle: Bundle) -> Plan:
    """Return what an archive would bring. Raises Invalid for a manifest that cannot be read, and for SCORM."""
    entries = bundle.entries
    if IMS_MANIFEST in entries and CARTRIDGE not in bundle.read(IMS_MANIFEST):
        raise Invalid("transfer.scorm")
    ours = _ours(bundle) if MANIFEST in entries else None
    if ours is not None:
        plan = _plan_of_ours(ours)
    elif IMS_MANIFEST in entries:
        plan = _plan_of_cartridge(bundle)
    else:
        plan = _plan_of_folders(bundle)
    items = sum(1 for tree in plan.trees for _ in all_items(tree.items))
    if len(plan.drafts) > MAX_ENTRIES or items > MAX_ITEMS:
        raise Invalid("transfer.too_many_entries", limit=MAX_ENTRIES)
    _sort_out(plan, bundle)
    return plan


def _sort_out(plan: Plan, bundle: Bundle) -> None:
    """Leave out what is no file of the archive, and what would be refused as soon as it was looked into.

    An entry is brought once, however often it is named: else a small archive could become a very large one.
    """
    seen: set[str] = set()
    for draft in plan.drafts:
        kept = []
        for file in draft.files:
            reason = "" if file.entry in seen else _reason(file.entry, bundle)
            seen.add(file.entry)
            if reason is None:
                kept.append(file)
            elif reason:
                plan.left_out.append((file.entry, reason))
        draft.files = kept
    holding = {tree.key for tree in plan.trees}
    plan.drafts = [draft for draft in plan.drafts if draft.files or draft.key in holding]


def _reason(entry: str, bundle: Bundle) -> str | None:
    """Return why an entry is left out, "" for what nobody misses, None when it is taken."""
    name = entry.rpartition("/")[2]
    if entry.lower().startswith(JUNK[0]) or name.lower().startswith(JUNK[1:]):
        return ""
    if entry not in bundle.entries:
        return "file.lost"
    if bundle.size(entry) == 0:
        return "file.empty"
    if extension(name) in MACRO_NAMES:
        return "file.macro"
    return "file.type_refused" if extension(name) in REFUSED_NAMES else None


def _ours(bundle: Bundle) -> dict[str, Any] | None:
    """Return our own manifest, None when the file of that name is somebody else's."""
    try:
        found = json.loads(bundle.read(MANIFEST))
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and found.get("format") == FORMAT else None


def _plan_of_ours(found: dict[str, Any]) -> Plan:
    plan = Plan("ours")
    try:
        for resource in found["resources"]:
            files = [File(str(file["entry"]), _path(file)) for file in resource["files"]]
            said = dict(resource["said"])
            place = tuple(map(str, resource["place_line"]))
            plan.drafts.append(Draft(str(UUID(resource["id"])), files, str(said["title"]), said, place))
        for course in found["courses"]:
            plan.trees.append(Tree(str(UUID(course["id"])), _items_of_ours(course["items"])))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Invalid("transfer.manifest") from error
    return plan


def _path(file: dict[str, Any]) -> str:
    name = str(file["name"])
    return clean_path(str(file["path"])) or clean_path(name)


def _items_of_ours(items: Sequence[dict[str, Any]], depth: int = 0) -> list[Item]:
    if depth > MAX_DEPTH:
        raise ValueError(depth)
    return [
        Item(
            str(item["title"]), str(item["note"]), str(UUID(item["resource"])) if item["resource"] else None,
            _items_of_ours(item["items"], depth + 1),
        )
        for item in items
    ]  # fmt: skip


def _plan_of_folders(bundle: Bundle) -> Plan:
    """One draft for each file; where a list of ours lies beside them, one for each of its rows, as the row says."""
    listed = _listed(bundle) if LIST in bundle.entries else []
    named = {file.entry for draft in listed for file in draft.files} | {LIST if listed else ""}
    others = sorted(name for name in bundle.entries if name not in named)
    return Plan("folders", listed + [Draft(name, [File(name, clean_path(name))]) for name in others])


def _listed(bundle: Bundle) -> list[Draft]:
    """Return the rows of the list, empty when the workbook is something else."""
    try:
        sheet = read_rows(BytesIO(bundle.read(LIST)), COLUMNS)
    except (Invalid, TooLarge):
        return []
    drafts = []
    for number, cells in sheet.rows:
        names = [name for name in cells.get(FILES, "").splitlines() if name in bundle.entries]
        if names:
            drafts.append(Draft(f"row{number}", [File(name, clean_path(name)) for name in names], cells=cells))
    return drafts


def _plan_of_cartridge(bundle: Bundle) -> Plan:
    try:
        root = fromstring(bundle.read(IMS_MANIFEST), forbid_dtd=True)
        return _Cartridge(root, bundle).plan()
    except (SyntaxError, ValueError, LookupError, RecursionError) as error:
        raise Invalid("transfer.manifest") from error


class _Cartridge:
    """Reads the manifest of the standard, whatever its version."""

    def __init__(self, root: Element, bundle: Bundle) -> None:
        self._root, self._bundle, self._items = root, bundle, 0
        self._space = root.tag.rpartition("}")[0] + "}" if "}" in root.tag else ""

    def plan(self) -> Plan:
        plan = Plan("cartridge")
        titles: dict[str, str] = {}
        tree = [
            item
            for each in self._all(self._root, "organizations/organization/item")
            for item in self._tree(each, titles)
        ]
        for resource in self._all(self._root, "resources/resource"):
            key = resource.get("identifier", "")
            draft = self._draft(resource, titles.get(key, ""))
            if draft.files:
                plan.drafts.append(draft)
        if tree:
            title = self._title() or next(iter(titles.values()), "")
            plan.drafts.append(Draft("package", title=title))
            plan.trees.append(Tree("package", tree))
        return plan

    def _all(self, parent: Element, path: str) -> list[Element]:
        return parent.findall("/".join(self._space + step for step in path.split("/")))

    def _text(self, parent: Element, name: str) -> str:
        found = parent.find(self._space + name)
        return " ".join("".join(found.itertext()).split()) if found is not None else ""

    def _title(self) -> str:
        """Return what the whole is called: the first title within its metadata."""
        for metadata in self._all(self._root, "metadata"):
            for element in metadata.iter():
                if element.tag.rpartition("}")[2] == "title":
                    return " ".join("".join(element.itertext()).split())
        return ""

    def _tree(self, root: Element, titles: dict[str, str]) -> list[Item]:
        """Return what stands below the one item that the standard puts above all others."""
        if not self._text(root, "title") and not root.get("identifierref"):
            return [self._item(each, titles, 1) for each in self._all(root, "item")]
        return [self._item(root, titles, 1)]

    def _item(self, item: Element, titles: dict[str, str], depth: int) -> Item:
        self._items += 1
        if depth > MAX_DEPTH or self._items > MAX_ITEMS:
            raise ValueError(depth)
        title, key = self._text(item, "title"), item.get("identifierref")
        if key:
            titles.setdefault(key, title)
        return Item(title, "", key, [self._item(each, titles, depth + 1) for each in self._all(item, "item")])

    def _draft(self, resource: Element, title: str) -> Draft:
        base = resource.get("{http://www.w3.org/XML/1998/namespace}base", "")
        names = [base + (file.get("href") or "") for file in self._all(resource, "file")]
        files = [File(entry, clean_path(entry)) for name in names if (entry := self._entry(name))]
        return Draft(resource.get("identifier", ""), files, title)

    def _entry(self, href: str) -> str:
        """Return the entry that an address means: as it stands, else without its escapes."""
        return href if href in self._bundle.entries else unquote(href)


def all_items(items: Sequence[Item]) -> Iterator[Item]:
    """Give every item of a tree."""
    for item in items:
        yield item
        yield from all_items(item.below)
