"""What the reading process says of a file, good or bad: here in our own process, in `test_ingest` in the sandbox."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.library import samples
from tongyan.library.ingest import child, pictures, texts
from tongyan.library.ingest.encodings import decode

Ask = Callable[..., dict[str, Any]]
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}" + b"$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Ask:
    """Give the child's door: command and content in, answer out; its limits would stay on us."""
    monkeypatch.setattr(child, "limit_myself", lambda: None)

    def run(command: str, content: bytes, **arguments: Any) -> dict[str, Any]:
        path = samples.written(tmp_path, "content", content)
        child.main(command, json.dumps({"path": str(path), **arguments}))
        answer: dict[str, Any] = json.loads(capsys.readouterr().out)
        return answer

    return run


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("空.txt", b"", "file.empty"),
        ("截断.pptx", samples.pptx()[:-2000], "file.damaged"),
        ("截断.pdf", samples.pdf()[:300], "file.damaged"),
        ("无页.pdf", samples.blank_pdf(0), "file.damaged"),
        ("改名.pptx", samples.pdf(), "file.wrong_extension"),
        ("改名.jpg", samples.docx(), "file.wrong_extension"),
        ("改名.docx", samples.jpeg((9, 9)), "file.wrong_extension"),
        ("改名.mp4", b"plain words", "file.wrong_extension"),
        ("加密.docx", samples.ole("EncryptedPackage"), "file.encrypted"),
        ("加密.ppt", samples.ole("PowerPoint Document", "EncryptedSummary"), "file.encrypted"),
        ("加密.pdf", samples.locked_pdf(), "file.encrypted"),
        ("圈.pdf", samples.looping_pdf(), "file.damaged"),
        ("加密.zip", samples.flagged(samples.archive(("a.txt", b"x")), 1), "file.encrypted"),
        ("加密部件.docx", samples.flagged(samples.docx(), 1), "file.encrypted"),
        ("宏.doc", samples.ole("WordDocument", "_VBA_PROJECT"), "file.macro"),
        ("宏.docm", samples.docx(), "file.macro"),
        ("藏宏.docx", samples.with_part(samples.docx(), "word/vbaProject.bin", b"x"), "file.macro"),
        ("藏宏.xlsx", samples.with_part(samples.xlsx(), "xl/VBAPROJECT.BIN", b"x"), "file.macro"),
        ("改名的宏.docx", samples.macro_typed(samples.docx()), "file.macro"),
        ("炸弹.docx", samples.with_part(samples.docx(), "word/big.bin", b"\0" * (40 << 20)), "file.bomb"),
        ("炸弹.zip", samples.archive(("a.txt", b"\0" * (40 << 20))), "file.bomb"),
        ("很多.zip", samples.archive(*((f"{number}.txt", b"x") for number in range(2001))), "file.bomb"),
        ("重叠.zip", samples.overlapping_archive(), "file.bomb"),
        ("谎称.docx", samples.understated(samples.docx()), "file.damaged"),
        ("越界.zip", samples.archive(("../../etc/cron.d/x", b"x")), "file.archive_unsafe"),
        ("反斜杠.zip", samples.archive(("a\\..\\..\\x", b"x")), "file.archive_unsafe"),
        ("绝对.zip", samples.archive(("/etc/cron.d/x", b"x")), "file.archive_unsafe"),
        ("盘符.zip", samples.archive(("C:\\windows\\x", b"x")), "file.archive_unsafe"),
        ("链接.zip", samples.archive_with_link("passwd", "/etc/passwd"), "file.archive_unsafe"),
        ("国标越界.zip", samples.gbk_archive("../山行.txt"), "file.archive_unsafe"),
        ("套娃.zip", samples.archive(("b.zip", b"x")), "file.archive_nested"),
        ("自己.zip", samples.archive(("r/r.zip", b"PK\x03\x04")), "file.archive_nested"),
        ("包.rar", b"Rar!\x1a\x07\x00", "file.type_refused"),
        ("包", b"7z\xbc\xaf'\x1c", "file.type_refused"),
        ("画.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "file.type_refused"),
        ("画.txt", b"<svg onload=alert(1)>", "file.type_refused"),
        ("字.txt", b"words, then <ScRiPt>alert(1)</script>", "file.type_refused"),
        ("页.html", b"<p>hello</p>", "file.type_refused"),
        ("课件.exe", b"MZ" + b"\0" * 100, "file.type_refused"),
        ("课件.txt", b"#!/bin/sh\nrm -rf /", "file.type_refused"),
        ("测试.txt", EICAR, "file.virus"),
        ("测试.pdf", b"%PDF-1.4\n" + EICAR, "file.virus"),
        ("巨图.png", samples.png((9000, 9000)), "file.too_many_pixels"),
        ("五万见方.png", samples.png_header(50_000, 50_000), "file.too_many_pixels"),
        ("断图.jpg", samples.jpeg()[:2000], "file.damaged"),
        ("厚书.pdf", samples.blank_pdf(2001), "file.too_many_pages"),
    ],
)
def test_bad_content_is_refused_for_its_reason(ask: Ask, name: str, content: bytes, code: str) -> None:
    assert ask("check", content, name=name) == {"refused": code}


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("山行.pptx", samples.pptx(), "pptx"),
        ("旧.ppt", samples.ole("PowerPoint Document"), "ppt"),
        ("旧.doc", samples.ole("WordDocument"), "doc"),
        ("旧.xls", samples.ole("Workbook"), "xls"),
        ("别的.ole", samples.ole("Something"), "other"),
        ("图.jpg", samples.jpeg((9, 9)), "jpeg"),
        ("素材.zip", samples.gbk_archive("霜叶.jpg"), "zip"),
        ("互动.zip", samples.scorm("山行", "枫林"), "scorm"),
        ("深处.zip", samples.archive(("a/imsmanifest.xml", b"<manifest/>")), "zip"),
        ("包.zip", samples.scorm("山行", schema="http://www.imsglobal.org/xsd/imsccv1p3/imscp_v1p1"), "zip"),
        ("语音.amr", b"#!AMR\n" + b"\x04" * 99, "amr"),
        ("范读.wav", samples.wav(), "wav"),
        ("片.avi", b"RIFF\0\0\0\0AVI LIST", "avi"),
        ("片.mp4", b"\0\0\0\x18ftypisom", "mp4"),
        ("歌.m4a", b"\0\0\0\x18ftypM4A ", "m4a"),
        ("歌.mp3", b"\xff\xfb\x90\x00" * 9, "mp3"),
        ("歌.ogg", b"OggS\0\0", "ogg"),
        ("几何.gsp", b"GSP\x00\x01\x02" * 50, "other"),
        ("波.riff", b"RIFF\0\0\0\0XXXX\0", "other"),
        ("无扩展名", "山行".encode(), "text"),
        ("两千页.pdf", samples.blank_pdf(2000), "pdf"),
    ],
)
def test_content_is_told_by_what_it_holds(ask: Ask, name: str, content: bytes, kind: str) -> None:
    assert ask("check", content, name=name)["kind"] == kind


@pytest.mark.parametrize(
    ("kind", "content", "words"),
    [
        ("pptx", samples.pptx(), ["山行", f"{samples.POEM}\n生字\t斜\n{samples.NOTES}"]),
        ("pptx", samples.grouped_pptx("组合里的字"), ["组合里的字"]),
        ("docx", samples.docx(), [f"{samples.POEM}\n教学目标"]),
        ("xlsx", samples.xlsx(), ["Sheet\n期末成绩"]),
        ("xlsx", samples.xlsx(""), ["Sheet"]),
        ("pptx", samples.pptx(("山行",), notes=""), ["山行\n生字\t斜"]),
        ("pptx", samples.drawn_pptx(), [""]),
        ("text", "遠上寒山〇𠮷".encode("gb18030"), ["遠上寒山〇𠮷"]),
        ("text", b"\0\xff", [""]),
        ("zip", samples.gbk_archive("霜叶.jpg"), ["霜叶.jpg"]),
        ("zip", samples.archive(("霜叶.jpg", b"x")), ["霜叶.jpg"]),
        ("zip", samples.scorm("山 行", "枫林"), ["山 行\n枫林\nimsmanifest.xml\nindex.html"]),
        ("scorm", samples.scorm("山行", "山行"), ["山行\nimsmanifest.xml\nindex.html"]),
        ("scorm", samples.archive(("imsmanifest.xml", b"<manifest>")), ["imsmanifest.xml"]),
        ("scorm", samples.archive(("imsmanifest.xml", samples.ENTITIES)), ["imsmanifest.xml"]),
        ("pdf", samples.blank_pdf(2), ["", ""]),
    ],
)
def test_words_are_taken_out_page_by_page(ask: Ask, kind: str, content: bytes, words: list[str]) -> None:
    assert ask("text", content, kind=kind) == {"texts": words}


def test_damaged_words_are_a_reason_and_no_crash(ask: Ask) -> None:
    assert ask("text", samples.docx()[:-500], kind="docx") == {"refused": "file.text_unreadable"}


def test_endless_words_are_cut(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "MAX_TEXT", 3)
    assert ask("text", samples.pptx(("山行", "枫林")), kind="pptx")["texts"] == ["山行", "枫"]


def test_what_no_parser_expects_is_too_complex(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    def burst(_path: Path) -> int:
        raise MemoryError

    monkeypatch.setattr(pictures, "count_pages", burst)
    assert ask("check", samples.pdf(), name="a.pdf") == {"refused": "file.too_complex"}


def test_pages_become_pictures_and_the_first_a_thumbnail(ask: Ask, tmp_path: Path) -> None:
    answer = ask("pages", samples.pdf(3), first=1, last=9, folder=str(tmp_path))
    made = answer["pages"]

    assert answer["page_count"] == 3
    assert [page["page"] for page in made] == [1, 2, 3]
    with Image.open(tmp_path / "3.webp") as third, Image.open(tmp_path / "thumbnail.webp") as thumbnail:
        assert third.size == (made[2]["width"], made[2]["height"])
        assert thumbnail.width <= pictures.THUMBNAIL[0]


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "L", "1", "CMYK"])
def test_pictures_of_every_kind_are_shown_on_white(ask: Ask, tmp_path: Path, mode: str) -> None:
    content = samples.picture(mode)

    shown = {"page": 1, "width": 40, "height": 30, "mute": True}
    assert ask("picture", content, folder=str(tmp_path))["pages"] == [shown]


def test_busy_picture_is_made_light_enough_for_a_thin_line(ask: Ask, tmp_path: Path) -> None:
    (page,) = ask("picture", samples.jpeg((1600, 1600)), folder=str(tmp_path))["pages"]

    assert (tmp_path / "1.webp").stat().st_size <= pictures.PAGE_BYTES
    assert page["width"] < pictures.PAGE_WIDTH


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("联通".encode("gbk"), "联通"),
        ("霜叶".encode("gbk"), "霜叶"),
        ("Ünïcode, as long as a line. ".encode() * 3, "Ünïcode, as long as a line. " * 3),
        ("山行".encode("utf-16"), "山行"),
        (b"\xff\xfe\x00", None),
        (b"a\0b", None),
        (b"\xff\xff\xff", None),
    ],
)
def test_chinese_text_is_read_in_whatever_encoding(content: bytes, text: str | None) -> None:
    assert decode(content) == text
