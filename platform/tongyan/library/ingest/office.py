"""Office files to PDF, by LibreOffice in the sandbox with a profile that forbids links and macros."""

import shutil
from pathlib import Path

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
</oor:items>
"""


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
    home, result = folder / "home", folder / "out"
    (home / "user").mkdir(parents=True)
    result.mkdir()
    (home / "user" / "registrymodifications.xcu").write_text(PROFILE, encoding="utf-8")
    named = folder / f"file.{kind}"
    shutil.copyfile(source, named)
    argv = [
        "soffice",
        "--headless",
        "--norestore",
        f"-env:UserInstallation=file://{home}",
        *("--convert-to", "pdf", "--outdir", str(result), str(named)),
    ]
    sandbox.run(sandbox.limited(sandbox.confine(argv, [str(named)], [str(home), str(result)])))
    made = result / "file.pdf"
    if not made.is_file():
        raise Refused("preview.failed")
    return made
