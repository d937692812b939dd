"""Office files to PDF, by LibreOffice in the sandbox with a profile that forbids links and macros."""

import shutil
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from tongyan.kernel.files import scratch_dir
from tongyan.library.ingest import sandbox
from tongyan.library.ingest.refusal import Refused

PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="MacroSecurityLevel" oor:op="fuse"><value>3</value></prop></item>
<item oor:path="/org.openoffice.Office.Calc/Content/Update">
<prop oor:name="Link" oor:op="fuse"><value>2</value></prop></item>
<item oor:path="/org.openoffice.Office.Writer/Content/Update">
<prop oor:name="Link" oor:op="fuse"><value>0</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Filter/PDF/Export">
<prop oor:name="ReduceImageResolution" oor:op="fuse"><value>{reduce}</value></prop></item>
<item oor:path="/org.openoffice.Setup/Product">
<prop oor:name="ooSetupLastVersion" oor:op="fuse"><value>999.0</value></prop></item>
</oor:items>
"""
HEAVY = 10 << 20  # from this size on pictures are made smaller: it takes longer than all the rest of a conversion


def available() -> str | None:
    """Return None when conversion is possible, else the code of what is missing."""
    if shutil.which("soffice") is None:
        return "preview.no_office"
    if not sandbox.which_sandbox() or shutil.which("prlimit") is None:
        return "preview.no_sandbox"
    return None


def to_pdf(source: Path, kind: str, folder: Path) -> Path:
    """Convert a file into a PDF in the (empty) folder and return it; raises Refused.

    The converter sees the file under a name of ours with the extension of its content.
    """
    named = folder / f"file.{kind}"
    shutil.copyfile(source, named)
    shutil.copytree(_profile(reduce=source.stat().st_size >= HEAVY), folder / "home")
    _convert(named, folder)
    made = folder / "out" / "file.pdf"
    if not made.is_file():
        raise Refused("preview.failed")
    return made


def _convert(named: Path, folder: Path) -> None:
    home, result = str(folder / "home"), folder / "out"
    result.mkdir()
    argv = [
        "soffice",
        "--headless",
        "--norestore",
        f"-env:UserInstallation=file://{home}",
        *("--convert-to", "pdf", "--outdir", str(result), str(named)),
    ]
    sandbox.run(sandbox.limited(sandbox.confine(argv, [str(named)], [home, str(result)])))


def _profile(*, reduce: bool) -> Path:
    """Return a profile to copy; one that has been used once, since LibreOffice takes a while to furnish a new one.

    It is swept with the other scratch and made anew, also when its text changes.
    """
    text = PROFILE.format(reduce=str(reduce).lower())
    kept = scratch_dir() / f"office-{sha256(text.encode()).hexdigest()[:16]}"
    if not kept.is_dir():
        with sandbox.workspace() as folder, suppress(OSError):  # another worker may have been first
            _use_once(text, folder).rename(kept)
    return kept


def _use_once(text: str, folder: Path) -> Path:
    home, fresh = folder / "home", folder / "fresh"
    for place in (home, fresh):
        (place / "user").mkdir(parents=True)
        (place / "user" / "registrymodifications.xcu").write_text(text, encoding="utf-8")
    page = folder / "page.txt"
    page.write_text("同研", encoding="utf-8")
    with suppress(Refused):
        _convert(page, folder)
        return home
    return fresh  # LibreOffice did not end: what it left behind might stop the next one, too
