"""In which language a resource is written, told from its words; the subject decides when there are few."""

import re

from sqlalchemy import select, update

from tongyan.kernel.db import db
from tongyan.library.models import FileText, Resource, ResourceFile

HAN, KANA = re.compile(r"[㐀-鿿豈-﫿]"), re.compile(r"[぀-ヿ]")
CYRILLIC, LATIN = re.compile(r"[Ѐ-ӿ]{2,}"), re.compile(r"[A-Za-zÀ-ɏ]{2,}")
OF_SUBJECT = {"英语": "en", "日语": "ja", "俄语": "ru", "法语": "fr", "德语": "de", "西班牙语": "es"}
IN_LATIN = {"en", "fr", "de", "es"}
FEW = 20  # characters and words of which nothing is told
LOOKED_AT, PAGES = 20_000, 20
CHINESE = "zh"


def language_of(text: str, subject: str | None = None) -> str:
    """Return the language of a text as a code; a Chinese plan that quotes English is Chinese."""
    taught = OF_SUBJECT.get((subject or "").partition("（")[0], CHINESE)
    han, kana, cyrillic, latin = (len(kind.findall(text)) for kind in (HAN, KANA, CYRILLIC, LATIN))
    if han + kana + cyrillic + latin < FEW:
        return taught
    if kana * 4 > han:
        return "ja"
    if han >= cyrillic + latin:
        return CHINESE
    if cyrillic > latin:
        return "ru"
    return taught if taught in IN_LATIN else "en"


def settle_language(resource: Resource) -> None:
    """Let a resource say in which language it is; no edit, so whoever has its form open may still save."""
    said = (
        select(FileText.text)
        .join(ResourceFile, ResourceFile.id == FileText.file_id)
        .where(ResourceFile.resource_id == resource.id, ResourceFile.version_id.is_(None))
        .order_by(ResourceFile.position, ResourceFile.id, FileText.page)
    )
    text = "\n".join(db.session.scalars(said.limit(PAGES)))[:LOOKED_AT]
    language = language_of(text, resource.subject)
    if language != resource.language:
        here = update(Resource).where(Resource.id == resource.id)
        db.session.execute(here.values(language=language), execution_options={"synchronize_session": False})
        db.session.expire(resource, ["language"])
