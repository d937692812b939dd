"""Files that ask a converter to call out, to read our disk, to run something or to work for ever."""

import io
import zipfile
from collections.abc import Callable

from docx import Document
from docx.enum.text import WD_BREAK
from docx.shared import Inches
from openpyxl import Workbook
from PIL import Image

from tests.library import samples

SENTINEL = "TONGYAN-SENTINEL"  # the text of a file of ours that must not come out
SENTINEL_SIZE = (37, 41)  # the pixels of a picture of ours that must not come out

ODF = (
    '<?xml version="1.0" encoding="UTF-8"?><office:document office:version="1.3"'
    ' xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
    ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
    ' xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"'
    ' xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0"'
    ' xmlns:script="urn:oasis:names:tc:opendocument:xmlns:script:1.0"'
    ' xmlns:dom="http://www.w3.org/2001/xml-events" xmlns:ooo="http://openoffice.org/2004/office"'
    ' xmlns:xlink="http://www.w3.org/1999/xlink"'
)
FRAME = (
    '<text:p><draw:frame svg:width="5cm" svg:height="5cm" text:anchor-type="paragraph">'
    '<draw:{what} xlink:href="{target}" xlink:type="simple" xlink:show="embed" xlink:actuate="onLoad"/>'
    "</draw:frame></text:p>"
)


def linked_pictures(*targets: str) -> bytes:
    """Return a document whose pictures lie outside of it."""
    document = Document()
    for number in range(len(targets)):
        picture = io.BytesIO()
        Image.new("RGB", (9, 9), (number, 0, 0)).save(picture, "PNG")
        picture.seek(0)
        document.add_picture(picture, width=Inches(2))
    whole, result = io.BytesIO(), io.BytesIO()
    document.save(whole)
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(result, "w") as linked:
        for name in source.namelist():
            content = source.read(name)
            if name == "word/_rels/document.xml.rels":
                for number, target in enumerate(targets, 1):
                    inside = f'Target="media/image{number}.png"'.encode()
                    content = content.replace(inside, f'Target="{target}" TargetMode="External"'.encode())
            if name == "word/document.xml":
                content = content.replace(b"r:embed=", b"r:link=")
            linked.writestr(name, content)
    return result.getvalue()


def linked_object(target: str) -> bytes:
    """Return a document with an OLE object that lies outside of it and wants to be renewed."""
    body = (
        '<w:p><w:r><w:object><v:shape id="s" style="width:200pt;height:200pt" xmlns:v="urn:schemas-microsoft-com:vml"/>'
        '<o:OLEObject xmlns:o="urn:schemas-microsoft-com:office:office" Type="Link" ProgID="Word.Document.12"'
        ' ShapeID="s" DrawAspect="Content" r:id="rLink" UpdateMode="Always"/></w:object></w:r></w:p>'
    )
    link = (
        '<Relationship Id="rLink" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/oleObject"'
        f' Target="{target}" TargetMode="External"/></Relationships>'
    )
    changed = {
        "word/document.xml": ("<w:sectPr", f"{body}<w:sectPr"),
        "word/_rels/document.xml.rels": ("</Relationships>", link),
    }
    return _changed(samples.docx(), changed)


def _changed(document: bytes, changes: dict[str, tuple[str, str]]) -> bytes:
    result = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(document)) as source, zipfile.ZipFile(result, "w") as target:
        for name in source.namelist():
            text = source.read(name)
            if name in changes:
                old, new = changes[name]
                text = text.replace(old.encode(), new.encode(), 1)
            target.writestr(name, text)
    return result.getvalue()


def flat_text(body: str, head: str = "") -> bytes:
    """Return a text document in one XML file."""
    kind = ' office:mimetype="application/vnd.oasis.opendocument.text">'
    return f"{ODF}{kind}{head}<office:body><office:text>{body}</office:text></office:body></office:document>".encode()


def flat_pictures(*targets: str) -> bytes:
    """Return a flat text document with pictures and an object that lie outside."""
    return flat_text(
        "".join(FRAME.format(what=what, target=target) for target in targets for what in ("image", "object"))
    )


def flat_section(target: str) -> bytes:
    """Return a flat text document one section of which lies in another file."""
    return flat_text(
        f'<text:section text:name="s"><text:section-source xlink:href="{target}" xlink:type="simple"/>'
        "<text:p>local</text:p></text:section>"
    )


def macro(folder: str) -> bytes:
    """Return a flat text document that writes a file as soon as it is opened."""
    code = f'Sub Main\nOpen "{folder}/macro.txt" For Output As #1\nPrint #1, "ran"\nClose #1\nEnd Sub'
    scripts = (
        '<office:scripts><office:script script:language="ooo:Basic"><ooo:libraries><ooo:library-embedded'
        ' ooo:name="Standard"><ooo:module ooo:name="M"><ooo:source-code>'
        f"{code}</ooo:source-code></ooo:module></ooo:library-embedded></ooo:libraries></office:script>"
        '<office:event-listeners><script:event-listener script:language="ooo:script" script:event-name="dom:load"'
        ' xlink:href="vnd.sun.star.script:Standard.M.Main?language=Basic&amp;location=document" xlink:type="simple"/>'
        "</office:event-listeners></office:scripts>"
    )
    return flat_text("<text:p>hello</text:p>", scripts)


def page(*targets: str) -> bytes:
    """Return a web page with pictures and a frame that lie outside."""
    inside = "".join(
        f'<img src="{each}"><iframe src="{each}"></iframe><link rel="stylesheet" href="{each}">' for each in targets
    )
    return f"<html><body>{inside}</body></html>".encode()


def rich_text(picture: str, text: str) -> bytes:
    """Return a rich text document with fields that include a picture and another file."""
    fields = (
        f'{{\\field{{\\*\\fldinst INCLUDEPICTURE "{picture}" \\\\d}}{{\\fldrslt x}}}}'
        f'{{\\field{{\\*\\fldinst INCLUDETEXT "{text}"}}{{\\fldrslt y}}}}'
    )
    return f"{{\\rtf1\\ansi {fields}\\par}}".encode()


def web_service(url: str, path: str) -> bytes:
    """Return a workbook whose cells ask the network and another file."""
    workbook = Workbook()
    workbook.active["A1"] = f'=_xlfn.WEBSERVICE("{url}")'
    workbook.active["A2"] = f"='{path}'#$Sheet1.A1"
    workbook.active["A3"] = f'=IMAGE("{url}")'
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def nested_tables(depth: int = 200) -> bytes:
    """Return a document with a table in a table in a table …"""
    grid = "<w:tblPr/><w:tblGrid><w:gridCol/></w:tblGrid>"
    start, end = f"<w:tbl>{grid}<w:tr><w:tc><w:tcPr/>", "<w:p/></w:tc></w:tr></w:tbl>"
    body = f"{start * depth}{end * depth}"
    return _changed(samples.docx(), {"word/document.xml": ("<w:sectPr", f"{body}<w:sectPr")})


def many_pages(pages: int = 10_000) -> bytes:
    """Return a document of so many pages."""
    document = Document()
    run = document.add_paragraph().add_run("x")
    for _ in range(pages - 1):
        run.add_break(WD_BREAK.PAGE)
    return samples.saved(document.save)


def the_files(http: str, unc: str, secret_png: str, secret_txt: str, folder: str) -> dict[str, Callable[[], bytes]]:
    """Name the hostile files, by what the converter is made to see them as."""
    secret = f"file://{secret_png}"
    return {
        "1.docx": lambda: linked_pictures(f"{http}/a.png"),
        "2.docx": lambda: linked_pictures(secret),
        "3.docx": lambda: linked_pictures(unc, f"file:{unc}"),
        "4.fodt": lambda: flat_pictures(f"{http}/b.png", secret),
        "5.fodt": lambda: flat_section(f"file://{secret_txt}"),
        "6.html": lambda: page(f"{http}/c.png", secret),
        "7.rtf": lambda: rich_text(f"{http}/d.png", secret_txt),
        "8.xlsx": lambda: web_service(f"{http}/e", secret_txt),
        "9.docx": lambda: linked_object(f"{http}/f.docx"),
        "10.fodt": lambda: macro(folder),
        "11.docx": nested_tables,
        "12.docx": lambda: many_pages(1500),
    }
