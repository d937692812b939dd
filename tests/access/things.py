"""The things that addresses name, made in every relation, and who sees them."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import delete, select

from tests import factories
from tests.access.transferred import archive_of, sheet_of
from tests.access.world import SEES, make_resource
from tests.factories import save
from tests.library import samples
from tongyan.accounts.limits import digest
from tongyan.accounts.models import ApiToken, Notice, Person, PersonSession
from tongyan.curriculum.models import Level, Node, NodeChange, Standard, StandardKind, Verb
from tongyan.finding.models import SavedSearch, SynonymSet
from tongyan.kernel.clock import now
from tongyan.kernel.db import db, transaction
from tongyan.kernel.files import file_store
from tongyan.kernel.ids import new_id
from tongyan.kernel.jobs import Job, JobState
from tongyan.kernel.permissions import group_key, school_key, user_key
from tongyan.kernel.search import Sort
from tongyan.kernel.sheets import write_rows
from tongyan.library import parts
from tongyan.library.models import (
    Comment,
    Correction,
    LessonUse,
    PackageItem,
    PublicLink,
    Resource,
    ResourceFile,
    ResourceKind,
    Review,
    Standing,
    TakeDown,
    Upload,
)
from tongyan.org.models import (
    Membership,
    OfficeKind,
    Partnership,
    PeopleImport,
    PrepGroup,
    PrepGroupMember,
    Region,
    RegionLevel,
)

Arguments = dict[str, Any]

PRIVATE_OF = {"own": "owner", "same_school": "colleague", "other_school": "neighbour", "other_group": "outsider"}
SEES_PRIVATE: dict[str, set[str]] = {relation: {person} for relation, person in PRIVATE_OF.items()} | {"deleted": set()}

ANSWER_FOR: dict[str, set[str]] = {
    "own": set(), "same_school": {"head"}, "other_school": {"head", "group_head"}, "other_group": set(),
    "deleted": set(),
}  # fmt: skip
REVIEWERS: dict[str, set[str]] = {
    "own": {"head"}, "same_school": {"head"}, "other_school": {"group_head"}, "other_group": set(), "deleted": set(),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Kind:
    """How a thing of a relation is made (it returns the arguments of its address), and who sees it."""

    make: Callable[[SimpleNamespace, str], Arguments]
    sees: Mapping[str, Collection[str]]


def _resource(cast: SimpleNamespace, relation: str) -> Arguments:
    return {"resource_id": make_resource(cast, relation).id}


def _file(cast: SimpleNamespace, relation: str) -> Arguments:
    file = make_resource(cast, relation).files[0]
    return {"file_id": file.id, "name": file.name, "page": 1}


def _review(cast: SimpleNamespace, relation: str) -> Arguments:
    """A review of the resource: the school's head looks at the first two, the group's head at the third."""
    resource = make_resource(cast, relation)
    scopes = {"other_school": group_key(cast.group_a.id), "other_group": group_key(cast.group_b.id)}
    scope = scopes.get(relation, school_key(cast.core.id))
    with transaction() as session:
        session.merge(resource).review_scope = scope
    review = Review(
        resource_id=resource.id, level=Standing.SCHOOL, scope=scope, audience=school_key(cast.core.id),
        submitted_by=resource.owner_id, subject=resource.subject,
    )  # fmt: skip
    return {"review_id": save(review).id}


def _comment(cast: SimpleNamespace, relation: str) -> Arguments:
    resource = make_resource(cast, relation)
    return {"comment_id": save(Comment(resource_id=resource.id, person_id=resource.owner_id, text="很好用")).id}


def _correction(cast: SimpleNamespace, relation: str) -> Arguments:
    resource = make_resource(cast, relation)
    mistake = Correction(resource_id=resource.id, person_id=cast.colleague.id, page=3, text="有错")
    return {"correction_id": save(mistake).id}


def _take_down(cast: SimpleNamespace, relation: str) -> Arguments:
    asked = TakeDown(resource_id=make_resource(cast, relation).id, name="家长", reason="有学生的姓名")
    return {"take_down_id": save(asked).id}


def _use(person_id: UUID) -> LessonUse:
    """A lesson of somebody for which they chose something of their own."""
    lesson = Node(id=new_id(), level=Level.LESSON, title="山行", position=1.0, stage="primary")
    lesson.path = f"/{lesson.id.hex}/"
    chosen = Resource(
        id=new_id(), title="山行", kind=ResourceKind.COURSEWARE, owner_id=person_id, audience=user_key(person_id)
    )
    save(lesson, chosen)
    return LessonUse(resource_id=chosen.id, person_id=person_id, node_id=lesson.id)


def _package(cast: SimpleNamespace, relation: str) -> Arguments:
    resource = make_resource(cast, relation)
    with transaction() as session:
        session.merge(resource).kind = ResourceKind.PACKAGE
    return {"resource_id": resource.id}


def _item(cast: SimpleNamespace, relation: str) -> Arguments:
    item = PackageItem(package_id=_package(cast, relation)["resource_id"], title="山行")
    return {"item_id": save(item).id}


def _link(cast: SimpleNamespace, relation: str) -> Arguments:
    resource, token = make_resource(cast, relation), uuid4().hex
    link = PublicLink(
        resource_id=resource.id, token_hash=digest(token), created_by=resource.owner_id,
        expires_at=now() + timedelta(days=1),
    )  # fmt: skip
    return {"link_id": save(link).id, "token": token, "file_id": resource.files[0].id}


def _lesson(cast: SimpleNamespace, relation: str) -> Arguments:
    """A file that can be launched."""
    manifest = b'<manifest><resource href="index.html"/></manifest>'
    packed = samples.archive(("imsmanifest.xml", manifest), ("index.html", b"<p>"))
    sha256 = file_store().put(BytesIO(packed)).sha256
    file_id = make_resource(cast, relation).files[0].id
    with transaction() as session:
        file = session.get_one(ResourceFile, file_id)
        file.sha256, file.media_type = sha256, "application/zip"
    return {"file_id": file_id}


def _private(make: Callable[[UUID], Any], argument: str) -> Kind:
    """A thing of one person only; the deleted one was the owner's."""

    def build(cast: SimpleNamespace, relation: str) -> Arguments:
        person: Person = getattr(cast, PRIVATE_OF.get(relation, "owner"))
        row = save(make(person.id))
        if relation == "deleted":
            with transaction() as session:
                session.delete(row)
        return {argument: row.id}

    return Kind(build, SEES_PRIVATE)


def _upload(person_id: UUID) -> Upload:
    upload = Upload(id=uuid4(), person_id=person_id, name="山行.txt", size=10, expires_at=now() + timedelta(hours=1))
    parts.create_part(upload.id)
    return upload


def _notice(person_id: UUID) -> Notice:
    return Notice(
        person_id=person_id, kind="accounts.password", data={}, url="/account", created_at=now(), read_at=now()
    )


def _session(person_id: UUID) -> PersonSession:
    return PersonSession(
        person_id=person_id, token_hash=uuid4().hex, device_hash="", created_at=now(), last_seen_at=now(),
        expires_at=now() + timedelta(hours=1), ip="192.0.2.1", user_agent="another browser",
    )  # fmt: skip


def _token(person_id: UUID) -> ApiToken:
    return ApiToken(
        person_id=person_id, name="程序", token_hash=uuid4().hex, created_at=now(),
        expires_at=now() + timedelta(hours=1),
    )  # fmt: skip


def _saved(person_id: UUID) -> SavedSearch:
    name = uuid4().hex
    return SavedSearch(person_id=person_id, name=name, text=name, kinds=[], filters={}, sort=Sort.RELEVANCE, news=1)


def _synonyms(_cast: SimpleNamespace, relation: str) -> Arguments:
    row = save(SynonymSet(words=[uuid4().hex[:20], uuid4().hex[:20]]))
    if relation == "deleted":
        with transaction() as session:
            session.delete(row)
    return {"set_id": row.id}


def _prep_group(cast: SimpleNamespace, relation: str) -> Arguments:
    """A 备课组 with the colleague in it; the owner leads the own one."""
    scope = {"other_school": group_key(cast.group_a.id), "other_group": group_key(cast.group_b.id)}.get(relation)
    group = save(PrepGroup(scope=scope or school_key(cast.core.id), name=f"备课组{relation}", subject="语文"))
    ids = {"prep_group_id": group.id, "member_id": _member(group, cast.colleague).id}
    if relation == "own":
        _member(group, cast.owner, lead=True)
    if relation == "deleted":
        with transaction() as session:
            session.execute(delete(PrepGroup).where(PrepGroup.id == ids["prep_group_id"]))
    return ids


def _member(group: PrepGroup, person: Person, *, lead: bool = False) -> PrepGroupMember:
    return save(PrepGroupMember(prep_group_id=group.id, person_id=person.id, lead=lead, from_on=factories.LONG_AGO))


def _school(cast: SimpleNamespace, relation: str) -> Arguments:
    schools = {"other_school": cast.rural, "other_group": cast.other}
    school_id = uuid4() if relation == "deleted" else schools.get(relation, cast.core).id
    return {"school_id": school_id}


CORE = {"owner", "colleague", "head", "group_head", "admin"}
GROUP = CORE | {"neighbour"}
STRANGERS = {"other_group": {"outsider", "admin"}, "deleted": set()}

KINDS = {
    "prep_group": Kind(_prep_group, {"own": CORE, "same_school": CORE, "other_school": GROUP} | STRANGERS),
    "school": Kind(_school, {"own": GROUP, "same_school": GROUP, "other_school": GROUP} | STRANGERS),
    "resource": Kind(_resource, SEES),
    "file": Kind(_file, SEES),
    "item": Kind(_item, SEES),
    "lesson": Kind(_lesson, SEES),
    "link": Kind(_link, SEES),
    "package": Kind(_package, SEES),
    "comment": Kind(_comment, SEES),
    "correction": Kind(_correction, SEES),
    "take_down": Kind(_take_down, ANSWER_FOR),
    "use": _private(_use, "use_id"),
    "upload": _private(_upload, "upload_id"),
    "sheet": _private(sheet_of, "transfer_id"),
    "archive": _private(archive_of, "transfer_id"),
    "review": Kind(_review, REVIEWERS),
    "notice": _private(_notice, "notice_id"),
    "session": _private(_session, "session_id"),
    "token": _private(_token, "token_id"),
    "saved": _private(_saved, "saved_id"),
    "synonyms": Kind(_synonyms, {relation: {"admin"} for relation in SEES} | {"deleted": set()}),
}


def default_arguments(cast: SimpleNamespace) -> Arguments:
    """Make what addresses without a thing of their own are filled with: spare ones, since administrators close them."""
    person, school = factories.make_person("备用老师"), factories.make_school("备用小学")
    group = factories.make_group("备用集团", school)
    membership = db.session.scalars(select(Membership).where(Membership.group_id == group.id)).one()
    blob = file_store().put(BytesIO(write_rows("名单", ["姓名", "登录名", "学校", "任职方式", "起始日期"], [["甲"]])))
    sheet = PeopleImport(
        actor_id=cast.admin.id, filename="名单.xlsx", sha256=blob.sha256, row_count=1, bad_count=1,
        preview={"rows": [], "problems": [], "problem_count": 0}, expires_at=now() + timedelta(hours=1),
    )  # fmt: skip
    node_id = new_id()
    save(Node(id=node_id, level=Level.STAGE, title="小学", position=1.0, path=f"/{node_id.hex}/", stage="primary"))
    change = NodeChange(
        node_id=node_id, verb=Verb.RENAME, before={"title": "小"}, after={"title": "小学"}, actor_id=cast.admin.id,
        actor_name="管理员",
    )  # fmt: skip
    standard = Standard(std="2022", subject="语文", kind=StandardKind.DOMAIN, title="跨学科学习", position=1.0)
    linked = _link(cast, "same_school")
    return {
        "filename": "icon.svg",
        "token": linked["token"],
        "file_id": linked["file_id"],
        "way": "original",
        "path": "index.html",
        "code": "nobody-has-this-code",
        "name": "a.txt",
        "page": 1,
        "number": 1,
        "kind": "school",
    } | {
        "person_id": person.id,
        "thing_id": school.id,
        "school_id": school.id,
        "place_id": school.id,
        "group_id": group.id,
        "membership_id": membership.id,
        "partnership_id": _partnership(group.id),
        "posting_id": factories.post(person, school).id,
        "office_id": factories.appoint(person, OfficeKind.SCHOOL_HEAD, school_key(school.id)).id,
        "region_id": save(Region(name="备用县", level=RegionLevel.COUNTY)).id,
        "import_id": save(sheet).id,
        "job_id": save(Job(kind="spare", args={}, state=JobState.PARKED)).id,
        "node_id": node_id,
        "change_id": save(change).id,
        "standard_id": save(standard).id,
    }


def _partnership(group_id: UUID) -> UUID:
    first, second = sorted((group_id, factories.make_group("备用伙伴集团").id))
    return save(Partnership(group_id=first, partner_id=second, from_on=factories.LONG_AGO)).id


def fill(wanted: Iterable[str], *sources: Arguments) -> Arguments:
    """Return the wanted arguments, from the first source that has each; an id that none has is nobody's."""
    known: Arguments = {}
    for source in reversed(sources):
        known |= source
    return {name: known.get(name, uuid4()) for name in wanted}


def missing(arguments: Arguments) -> Arguments:
    """Return the same arguments with ids that nothing has."""
    return {name: uuid4() if isinstance(value, UUID) else value for name, value in arguments.items()}
