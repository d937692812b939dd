"""What resources say beyond the everyday fields: what they foster, for whom they are, who helped."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from tongyan.demo.shelf import Item
from tongyan.library.models import Difficulty, ForWhom

TEACHER, STUDENT, PARENT = ForWhom.TEACHER, ForWhom.STUDENT, ForWhom.PARENT
BASIC, ADVANCED, EXTENDED = Difficulty.BASIC, Difficulty.ADVANCED, Difficulty.EXTENDED
READING, GATHERING = "文学阅读与创意表达", "语言文字积累与梳理"


class Meant(NamedTuple):
    """What all of a kind are meant for."""

    competencies: Sequence[str]
    domain: str
    for_whom: Sequence[ForWhom]
    difficulty: Difficulty | None = None
    periods: int | None = None


BY_KIND: Mapping[str, Meant] = {
    "课件": Meant(["文化自信", "审美创造"], READING, [TEACHER], periods=1),
    "教案": Meant(["文化自信", "语言运用", "审美创造"], READING, [TEACHER], periods=1),
    "练习": Meant(["语言运用", "思维能力"], READING, [STUDENT], BASIC),
    "导学": Meant(["语言运用", "思维能力"], READING, [STUDENT], BASIC),
    "朗读": Meant(["语言运用", "审美创造"], READING, [STUDENT, PARENT], BASIC),
    "背诵": Meant(["文化自信", "语言运用"], GATHERING, [STUDENT, PARENT], EXTENDED),
    "口算": Meant(["运算能力"], "数与代数", [STUDENT], BASIC),
}
HARDER: Mapping[str, Difficulty] = {
    "zhang/练习/山居秋暝": ADVANCED,
    "chengyuanhang/练习/次北固山下": ADVANCED,
    "gao/导学/天净沙·秋思": EXTENDED,
}
LONGER: Mapping[str, int] = {"zhang/课件/山居秋暝": 2, "gao/课件/观沧海": 2, "gao/教案/观沧海": 2}
HELPERS: Mapping[str, Sequence[tuple[str, str]]] = {
    "zhang/课件/山行": [("梁思颖", "配图"), ("何雨桐", "试教")],
    "zhang/教案/山行": [("黄晓燕", "指导")],
    "liu/课件/望洞庭": [("杨柳", "试教")],
    "gao/课件/观沧海": [("徐静", "校对")],
    "denglihua/背诵/小初衔接古诗词": [("程远航", "初中篇目"), ("徐静", "校对")],
    "chengyuanhang/课件/次北固山下": [("汪淼", "试教")],
}


def meant(item: Item) -> dict[str, Any]:
    """Return the fields beyond the everyday ones; pictures and papers to write on say nothing."""
    said: dict[str, Any] = {"contributors": [{"name": name, "role": role} for name, role in HELPERS.get(item.key, [])]}
    common = BY_KIND.get(item.kind)
    if common is None:
        return said
    return said | {
        "competencies": common.competencies,
        "domains": [common.domain],
        "for_whom": common.for_whom,
        "difficulty": HARDER.get(item.key, common.difficulty),
        "periods": LONGER.get(item.key, common.periods),
    }
