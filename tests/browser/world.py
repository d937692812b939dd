"""The small world of the browser tests: the cast with passwords, resources of every kind, one of every trouble."""

import io
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from sqlalchemy import select

from tests import factories
from tests.accounts.helpers import make_user
from tests.browser.moved import move
from tests.browser.packages import LESSON, pack
from tests.browser.talk import talk
from tests.library import samples
from tests.org import sheets
from tongyan.accounts import recovery
from tongyan.accounts.models import Person
from tongyan.accounts.notices import NoticeSpec, notify
from tongyan.curriculum.models import Level, Node, Standard
from tongyan.curriculum.seeding import SEED, import_seed
from tongyan.finding.models import SavedSearch, SynonymSet
from tongyan.finding.services import opened, saving, synonyms
from tongyan.kernel import jobs
from tongyan.kernel.clock import now
from tongyan.kernel.db import db, transaction
from tongyan.kernel.jobs import Job
from tongyan.kernel.permissions import SYSTEM, group_key, school_key
from tongyan.kernel.search import SearchRequest, Sort
from tongyan.library import services as library
from tongyan.library.models import Correction, Licence, ResourceKind, Review, TakeDown
from tongyan.org.actors import actor_for
from tongyan.org.models import (
    Membership,
    Office,
    Partnership,
    PeopleImport,
    Posting,
    PrepGroup,
    PrepGroupMember,
    Region,
    RegionLevel,
)
from tongyan.org.services import people_import

ROWS = {
    "correction_id": Correction,
    "import_id": PeopleImport,
    "job_id": Job,
    "membership_id": Membership,
    "member_id": PrepGroupMember,
    "office_id": Office,
    "partnership_id": Partnership,
    "posting_id": Posting,
    "prep_group_id": PrepGroup,
    "region_id": Region,
    "review_id": Review,
    "saved_id": SavedSearch,
    "set_id": SynonymSet,
    "standard_id": Standard,
    "take_down_id": TakeDown,
}
SUBJECTS = {"语文", "数学"}
SHARED = (
    ("望庐山瀑布.pptx", samples.pptx(("望庐山瀑布", "日照香炉生紫烟，遥看瀑布挂前川。", "飞流直下三千尺"))),
    ("荷叶圆圆.pdf", samples.pdf(3)),
    ("枫叶.jpg", samples.jpeg((640, 360))),
    ("朗读.wav", samples.wav()),
    ("生字表.txt", "斜 霜 坐 于 远 寒 径".encode()),
    ("练习册答案与讲解——三年级上册第二单元复习用（含易错题和拓展阅读材料）.txt", b"1. B"),
)  # fmt: skip
DRAFTS = (
    ("三上/第二单元/山行教案.docx", samples.docx()),
    ("素材包.zip", samples.archive(("说明.txt", b"text"))),
    ("假课件.pptx", b"\x89PNG\r\n\x1a\n" + b"0" * 64),
    ("斜.txt", "斜：不正".encode()),  # the shortest name there is: fingers must hit it all the same
)


def make_world(seed: Path) -> SimpleNamespace:
    """Create everything, and take every file through its ingest (within an application context)."""
    import_seed(small_seed(seed))
    cast = factories.make_cast()
    factories.save(Region(name="清江省", level=RegionLevel.PROVINCE))
    prepare_together(cast)
    known = make_user("口令样本")
    with transaction() as session:
        for name in ("owner", "colleague", "neighbour", "outsider", "admin"):
            person = session.get_one(Person, getattr(cast, name).id)
            person.password, person.password_changed_at = known.password, now()
        notify(NoticeSpec(cast.owner.id, kind, "/account") for kind in ("accounts.email", "accounts.password"))
    cast.shared = [bring(cast.colleague, name, content) for name, content in SHARED]
    cast.drafts = [bring(cast.owner, name, content) for name, content in DRAFTS]
    cast.hidden = bring(cast.outsider, "外地课件.txt", "只给外地集团看的霜叶".encode())
    lesson = bring(cast.owner, "互动课件.zip", LESSON)
    trashed = bring(cast.owner, "旧课件.txt", b"old")
    people_import.check_upload(
        actor_for(cast.admin), "名单.xlsx", sheets.workbook([sheets.row(1), sheets.row(2, name="")])
    )
    half = library.start_upload(actor_for(cast.owner), "长视频.mp4", 80 << 20)
    library.receive(actor_for(cast.owner), half.id, 0, io.BytesIO(b"0" * (3 << 20)))
    jobs.run_pending()
    for resource_id in cast.shared:
        share(cast.colleague, resource_id, group_key(cast.group_a.id))
    share(cast.outsider, cast.hidden, group_key(cast.group_b.id))
    library.trash_resource(actor_for(cast.owner), trashed)
    talk(cast)
    ask_and_revise(cast)
    look_for(cast)
    cast.packed = pack(cast, lesson)
    cast.moved = move(cast)
    jobs.run_pending()
    return plain(cast, trashed)


def ask_and_revise(cast: SimpleNamespace) -> None:
    """Let a resource wait for the head of the group, and bring out the second version of another."""
    by = actor_for(cast.colleague)
    library.nominate(by, cast.shared[3], "朗读自录")
    draft = library.start_revision(by, cast.shared[4])
    library.share_resource(by, draft.id, note="补了两个生字")


def look_for(cast: SimpleNamespace) -> None:
    """Save searches, one with news, open a resource, and say which words mean the same."""
    by = actor_for(cast.owner)
    poems = SearchRequest("山行 瀑布", filters={"subject": ["语文"], "grade": ["3", "4"]}, sort=Sort.NEWEST)
    told = saving.save_search(by, "三四年级的古诗", poems, digest=True)
    saving.save_search(by, "练习册答案与讲解（含易错题和拓展阅读材料），复习前再找一次", SearchRequest("练习"))
    with transaction() as session:
        session.get_one(SavedSearch, told.id).news = 3
        notify(
            [NoticeSpec(cast.owner.id, "finding.news", f"/search/saved/{told.id}/news", {"name": "古诗", "number": 3})]
        )
    opened.note_opened(by, "resource", cast.shared[0])
    synonyms.add_synonyms(actor_for(cast.admin), ["教案", "教学设计", "教学设计方案"])


def prepare_together(cast: SimpleNamespace) -> None:
    """Make a 备课组 with a leader, a member and one who left, and a partner of the group."""
    prep = factories.save(PrepGroup(scope=school_key(cast.core.id), name="三年级语文备课组", subject="语文", grade=3))
    for person, lead, to_on in (
        (cast.owner, True, None),
        (cast.colleague, False, None),
        (cast.head, False, factories.LONG_AGO),
    ):
        factories.save(
            PrepGroupMember(
                prep_group_id=prep.id, person_id=person.id, lead=lead, from_on=factories.LONG_AGO, to_on=to_on
            )
        )
    first, second = sorted((cast.group_a.id, factories.make_group("山阳教育集团").id))
    factories.save(Partnership(group_id=first, partner_id=second, from_on=factories.LONG_AGO))


def plain(cast: SimpleNamespace, trashed: UUID) -> SimpleNamespace:
    """Return what outlives the session: ids, and the names with which people sign in."""
    people = {role: row for role, row in vars(cast).items() if isinstance(row, Person)}
    return SimpleNamespace(
        person={role: row.id for role, row in people.items()},
        login={role: row.login for role, row in people.items()},
        school=cast.core.id,
        other_school=cast.other.id,
        group=cast.group_a.id,
        shared=cast.shared,
        drafts=cast.drafts,
        hidden=cast.hidden,
        trashed=trashed,
        packed=cast.packed,
        moved=cast.moved,
        link=recovery.start_reset(SYSTEM, cast.head.id).url.rpartition("/")[2],
        node=db.session.scalars(select(Node.id).where(Node.level == Level.LESSON)).first(),
        first={name: db.session.scalars(select(model.id)).first() for name, model in ROWS.items()},
    )


def small_seed(folder: Path) -> Path:
    """Write the part of the seed that a primary school needs for two subjects."""
    seed = json.loads(SEED.read_text(encoding="utf-8"))
    seed["stages"] = [stage for stage in seed["stages"] if stage["code"] == "primary"]
    for stage in seed["stages"]:
        stage["subjects"] = [subject for subject in stage["subjects"] if subject["name"] in SUBJECTS]
    file = folder / "seed.json"
    file.write_text(json.dumps(seed, ensure_ascii=False), encoding="utf-8")
    return file


def bring(person: Person, path: str, content: bytes) -> UUID:
    """Upload a file in one piece and return the id of its resource."""
    actor = actor_for(person)
    started = library.start_upload(actor, path.rpartition("/")[2], len(content), path=path)
    done = library.receive(actor, started.id, 0, io.BytesIO(content))
    assert done.resource_id is not None
    return done.resource_id


def share(person: Person, resource_id: UUID, audience: str) -> None:
    """Say what the resource is for and open it to an audience."""
    actor = actor_for(person)
    resource = library.get_resource(actor, resource_id)
    kind = resource.kind or ResourceKind.MATERIAL
    edit = library.ResourceEdit(title=resource.title, kind=kind, subject="语文", grade=3, stage="primary")
    library.edit_resource(actor, resource_id, edit)
    library.share_resource(actor, resource_id, audience, Licence.CC_BY)


def arguments(world: SimpleNamespace) -> dict[str, list[Any]]:
    """Return, per argument of our addresses, what to open; the walk over all pages asks for every one of them."""
    return {
        **{name: [row_id] for name, row_id in world.first.items()},
        "code": [world.link],
        "group_id": [world.group],
        "kind": ["school"],
        "node_id": [world.node],
        "number": [1],
        "person_id": [world.person["neighbour"]],
        "place_id": [world.school],
        "file_id": [world.packed.lesson],
        "resource_id": [*world.shared, *world.drafts, world.packed.package, world.trashed],
        "school_id": [world.school],
        "thing_id": [world.school],
        "token": [world.packed.token],
        "transfer_id": world.moved,
    }
