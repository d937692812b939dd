"""What was meant is a piece of a title that looks or sounds like what was typed."""

import pytest

from search_index.spelling import correction

TITLES = ["登鹳雀楼", "望庐山瀑布（课件）", "圆的面积", "Photosynthesis 光合作用", "张桂梅"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("登灌雀楼", "登鹳雀楼"),
        ("望驴山瀑布", "望庐山瀑布"),
        ("望卢山暴布", "望庐山瀑布"),
        ("园的面积", "圆的面积"),
        ("原得面机", "圆的面积"),
        ("fotosynthesis", "Photosynthesis"),
        ("Photosyntesis", "Photosynthesis"),
        ("章桂梅", "张桂梅"),
        ("張桂每", "张桂梅"),
        ("登鹳雀楼", None),
        ("望庐山瀑布", None),
        ("圆的周长", None),
        ("分数", None),
        ("圆", None),
        ("", None),
        ("-登灌雀楼", None),
        ("登灌雀楼 练习", "登鹳雀楼 练习"),
    ],
)
def test_what_was_meant(typed: str, meant: str | None) -> None:
    assert correction(typed, TITLES) == meant


def test_nothing_is_made_up_without_titles() -> None:
    assert correction("登灌雀楼", []) is None
