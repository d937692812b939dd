"""Plain folders: 学科/年级册次/单元/课/标题/文件, a list of them as a workbook, and a manifest for the way back."""

from typing import BinaryIO
from uuid import UUID

from tongyan.kernel.sheets import write_rows
from tongyan.library.exchange.naming import Paths
from tongyan.library.exchange.packing import MANIFEST, Packer, Tell, manifest
from tongyan.library.exchange.parcels import Parcel
from tongyan.library.exchange.sheets import FILES, HEADERS, NOTES

LIST = "目录.xlsx"


def write(parcel: Parcel, target: BinaryIO, tell: Tell) -> None:
    """Write a parcel as folders."""
    paths = lay_out(parcel)
    with Packer(target, tell) as packer:
        packer.add(MANIFEST, manifest(parcel, paths))
        packer.add(LIST, _list(parcel, paths))
        for piece in parcel.pieces:
            for path, content in zip(paths[piece.id], piece.files, strict=True):
                packer.copy(path, content)


def lay_out(parcel: Parcel, below: str = "") -> dict[UUID, list[str]]:
    """Return where every file stands; each resource has a folder of its own."""
    names = Paths()
    names.open([MANIFEST])
    names.open([LIST])
    above = [below] if below else []
    places = {piece.id: names.open([*above, *piece.place]) for piece in parcel.pieces}
    found: dict[UUID, list[str]] = {}
    for piece in parcel.pieces:
        folder = names.claim(places[piece.id], piece.title) + "/"
        found[piece.id] = [names.claim(folder, content.name) for content in piece.files]
    return found


def _list(parcel: Parcel, paths: dict[UUID, list[str]]) -> bytes:
    at = HEADERS.index(FILES)
    rows = []
    for piece in parcel.pieces:
        row = [*piece.row]
        row[at] = "\n".join(paths[piece.id])
        rows.append(row)
    return write_rows("目录", HEADERS, rows, notes=("说明", NOTES))
