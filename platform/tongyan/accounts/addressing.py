"""How colleagues address one another, whatever is written in the account: 张文静 is 张老师."""

import re

_HAN_NAME = re.compile("[一-龥]{2,4}")
# the surnames of two characters that one still meets
_DOUBLE = frozenset(
    re.findall(
        "..",
        "欧阳司马诸葛上官皇甫尉迟公孙慕容司徒东方夏侯令狐宇文长孙端木南宫百里独孤轩辕钟离濮阳淳于单于太史申屠",
    )
)
_TITLE = "老师"


def addressed(name: str) -> str:
    """Return the surname with 老师, nothing for a name that is not Chinese or says it already."""
    if not _HAN_NAME.fullmatch(name) or name.endswith(_TITLE):
        return ""
    return (name[:2] if name[:2] in _DOUBLE and len(name) > 2 else name[:1]) + _TITLE
