"""How much one file, one person and one school may bring."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, func, select

from tongyan.accounts.models import Person
from tongyan.kernel import settings
from tongyan.kernel.db import db
from tongyan.kernel.errors import TooLarge, TooMany
from tongyan.kernel.permissions import Actor, school_key
from tongyan.library.models import FileFamily, Resource, ResourceFile, Upload, UploadState
from tongyan.library.names import extension, words
from tongyan.org.models import OfficeKind, School

MIB = 1 << 20
MAX_OPEN_UPLOADS = 500
FAMILY_LIMITS = {
    FileFamily.DOCUMENT: 100 * MIB,
    FileFamily.IMAGE: 20 * MIB,
    FileFamily.AUDIO: 2048 * MIB,
    FileFamily.VIDEO: 2048 * MIB,
    FileFamily.TEXT: 20 * MIB,
    FileFamily.OTHER: 100 * MIB,
}
MEDIA = words("3gp aac amr avi flac flv m4a m4v mkv mov mp3 mp4 mpeg mpg oga ogg ogv opus ts wav webm wma wmv")
IMAGES = words("bmp gif heic jpeg jpg png tif tiff webp")


def family_by_name(name: str) -> FileFamily:
    """Return the family that the extension claims, enough to know how large the file may be."""
    suffix = extension(name)
    if suffix in MEDIA:
        return FileFamily.VIDEO
    return FileFamily.IMAGE if suffix in IMAGES else FileFamily.DOCUMENT


def check_size(family: FileFamily, size: int) -> None:
    """Raise TooLarge when a file of that family is over its limit."""
    limit = FAMILY_LIMITS[family]
    if size > limit:
        raise TooLarge("upload.too_large", limit=limit // MIB)


def used_by_person(person_id: UUID) -> int:
    """Return the bytes of a person's resources and of uploads under way."""
    coming = select(func.sum(Upload.size)).where(Upload.person_id == person_id, Upload.state == UploadState.RECEIVING)
    return _stored(Resource.owner_id == person_id) + int(db.session.scalar(coming) or 0)


def used_by_school(school_id: UUID) -> int:
    """Return the bytes of a school's resources and of uploads under way."""
    coming = select(func.sum(Upload.size)).where(Upload.school_id == school_id, Upload.state == UploadState.RECEIVING)
    return _stored(Resource.school_id == school_id) + int(db.session.scalar(coming) or 0)


def school_use(actor: Actor, school: School) -> int | None:
    """Return what a school's resources take, for its head and for administrators; None for everybody else."""
    heads = actor.is_admin or actor.holds(OfficeKind.SCHOOL_HEAD, school_key(school.id))
    return used_by_school(school.id) if heads else None


def _stored(whose: ColumnElement[bool]) -> int:
    """Return the bytes of files: the same content, in however many versions and copies, takes its room once."""
    files = select(ResourceFile.size, ResourceFile.sha256).join(Resource).where(whose)
    known = files.where(ResourceFile.sha256.is_not(None)).distinct().subquery()
    new = files.where(ResourceFile.sha256.is_(None)).subquery()
    return sum(int(db.session.scalar(select(func.sum(part.c.size))) or 0) for part in (known, new))


def check_room(actor: Actor, files: Sequence[ResourceFile]) -> None:
    """Raise TooLarge when what is new of these files does not fit; as `check_quota`."""
    hashes = {file.sha256: file.size for file in files if file.sha256}
    mine = select(ResourceFile.sha256).join(Resource).where(Resource.owner_id == actor.person_id)
    held = set(db.session.scalars(mine.where(ResourceFile.sha256.in_(hashes))))
    check_quota(actor, sum(size for sha256, size in hashes.items() if sha256 not in held))


def check_quota(actor: Actor, more: int) -> None:
    """Raise TooLarge when `more` bytes do not fit; call it inside the transaction that reserves them.

    The rows of the person and the school are locked first: two files at once must not both take the last place.
    """
    session = db.session
    session.get_one(Person, actor.person_id, with_for_update=True)
    if used_by_person(actor.person_id) + more > settings.get("PERSON_QUOTA"):
        raise TooLarge("upload.quota_person", quota=settings.get("PERSON_QUOTA") >> 30)
    if actor.school_id is None:
        return
    school = session.get_one(School, actor.school_id, with_for_update=True)
    if school.quota_bytes is not None and used_by_school(school.id) + more > school.quota_bytes:
        raise TooLarge("upload.quota_school")


def check_open_uploads(actor: Actor) -> None:
    """Raise TooMany when the actor has too many unfinished uploads."""
    mine = select(func.count()).where(Upload.person_id == actor.person_id, Upload.state == UploadState.RECEIVING)
    if (db.session.scalar(mine) or 0) >= MAX_OPEN_UPLOADS:
        raise TooMany("upload.too_many_open")
