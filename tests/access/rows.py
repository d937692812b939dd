"""Who may use which route and which socket event: one row each.

A new route needs a row, else `test_routes.py` fails and says so. Add to ROWS, under "METHOD endpoint":

    "GET visits.index": signed_in(),                        every account gets 200, strangers are asked to sign in
    "GET visits.rooms": admin(),                            administrators; to all others the page does not exist
                                                            (or name it in ADMIN_PAGES, ADMIN_DEEDS)
    "POST visits.plan": signed_in(302, data={...}),         `data` is what a browser sends, so that the deed succeeds
    "GET visits.show": thing("visit"),                      played with the visit of every relation (things.py)
    "POST visits.drop": thing("visit", 302, may=OWNERS),    those who see it but are not in `may` get 403
    "GET visits.board": only("head", "admin"),              named players; all others find nothing

The numbers are the answers that mean "let in" (200 when none is given). HEAD follows GET. Ids in the address that are
no thing of the row come from `default_arguments` in things.py. Socket events have their rows in EVENT_ROWS, by name;
what programs use, at /api and /oai, has its rows in `program_rows.py`.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from tests.access.world import ACTORS, OWNS, SEES

TUS = {"Tus-Resumable": "1.0.0"}
CHUNK = {**TUS, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
EDIT = {"title": "改名", "kind": "courseware", "version": "1", "subject": "语文", "grade": "3", "licence": "cc-by"}

STAFF = ("owner", "colleague", "head", "group_head")
OWNERS = {relation: {owner} for relation, owner in OWNS.items()}
OWNERS_AND_HEADS = OWNERS | {"same_school": {"owner", "head"}, "other_school": {"neighbour", "group_head"}}
LINK_HOLDERS = OWNERS_AND_HEADS | {"other_school": {"neighbour", "head", "group_head"}}

# 备课组: heads of the place tend them; the leader (of one's own only) chooses the members
TENDS = {"own": {"head", "admin"}, "same_school": {"head", "admin"}, "other_school": {"group_head", "admin"}} | {
    "other_group": {"admin"},
    "deleted": set(),
}
STAFFS = TENDS | {"own": {"owner", "head", "admin"}}

# who reads may answer; the owner rates nothing of theirs; heads of the audience, and of the school, answer for it
READERS: dict[str, set[str]] = SEES | {"own": set(), "deleted": set()}
RATERS = {relation: sees - {OWNS[relation]} for relation, sees in READERS.items()}
ANSWER_FOR = OWNERS | {"same_school": {"owner", "head"}, "other_school": {"neighbour", "head", "group_head"}}
RATING = {"rating-stars": "5", "rating-reason": "课堂上好用"}


def CORE(cast: SimpleNamespace) -> dict[str, Any]:  # noqa: N802 # used like the other data
    """Name the owner's school."""
    return {"school": cast.core.id}


@dataclass(frozen=True, slots=True)
class Row:
    """Who is let in, and what being let in looks like."""

    ok: Collection[int]
    who: Collection[str] = ACTORS
    kind: str = ""  # of things.py: the address names such a thing
    may: Mapping[str, Collection[str]] | None = None  # relation -> players; None: whoever sees the thing
    data: Any = None  # what is sent; a function is asked with the cast
    headers: Mapping[str, str] = field(default_factory=dict)
    sees: Collection[str] = ()  # without a kind: who may look but not do this, and is told so


@dataclass(frozen=True, slots=True)
class EventRow:
    """The payload of a socket event; with a `kind`, `{id}` in it stands for the thing's id."""

    payload: Mapping[str, Any]
    kind: str = ""


def public(*ok: int, **sent: Any) -> Row:
    """Everybody, signed in or not."""
    return Row(ok or (200,), **sent)


def signed_in(*ok: int, **sent: Any) -> Row:
    """Every account."""
    return Row(ok or (200,), set(ACTORS) - {"anonymous"}, **sent)


def only(*who: str, ok: Collection[int] = (200,), **sent: Any) -> Row:
    """These; to all others the page does not exist."""
    return Row(ok, who, **sent)


def admin(*ok: int, **sent: Any) -> Row:
    """Administrators; to all others the page does not exist."""
    return only("admin", ok=ok or (200,), **sent)


def thing(kind: str, *ok: int, may: Mapping[str, Collection[str]] | None = None, **sent: Any) -> Row:
    """Whoever sees the thing, or of those only who may."""
    return Row(ok or (200,), (), kind, may, **sent)


ROWS: dict[str, Row] = {
    # built files, life signs
    "GET static": public(),
    "GET health.livez": public(),
    "GET health.readyz": public(200, 503),
    "GET health.show_metrics": public(),  # on the machine itself, see tests/operations/test_metrics.py
    "POST shell.csp_report": public(204),
    # ways in and out
    "GET accounts.activate": public(),
    "POST accounts.activate": public(422),
    "GET accounts.code": public(302),
    "POST accounts.code": public(302),
    "GET accounts.forgot": public(),
    "POST accounts.forgot": public(422),
    "GET accounts.link": public(404),  # for whoever has no code; tests/accounts knows those who have
    "POST accounts.link": public(404),
    "GET accounts.sign_in": public(200, 302),
    "POST accounts.sign_in": public(422),
    "POST accounts.sign_out": public(302),
    "POST shell.prefer": public(302),
    # one's own account
    "GET accounts.contact": signed_in(),
    "POST accounts.contact": signed_in(422),
    "GET accounts.devices": signed_in(),
    "POST accounts.end_others": signed_in(302),
    "POST accounts.end_session": thing("session", 302),
    "GET accounts.factor": signed_in(),
    "POST accounts.factor": signed_in(200, 422),  # 200: there is one already
    "GET accounts.home": signed_in(),
    "GET accounts.password": signed_in(),
    "POST accounts.password": signed_in(422),
    "POST accounts.recovery_codes": signed_in(422),
    "POST accounts.remove_factor": signed_in(422),
    "GET accounts.access": signed_in(),
    "GET accounts.access_new": signed_in(),
    "POST accounts.access_new": signed_in(422),
    "POST accounts.access_revoke": thing("token", 302),
    # the frame
    "GET shell.desk": signed_in(),
    "GET shell.bell": signed_in(),
    "GET shell.notices": signed_in(),
    "POST shell.open_notice": thing("notice", 302),
    "POST shell.read_all": signed_in(302),
    "GET shell.schools": signed_in(),
    "POST shell.act": only(*STAFF, ok=[302], data=CORE),
    # groups and schools; nothing is filled in, so that the world stays as it is
    "GET org.group": signed_in(),
    "GET org.school_home": thing("school"),
    "POST org.set_reviews": admin(409),  # of a spare school; tests/org knows the heads
    "GET org.prep_group": thing("prep_group"),
    "GET org.prep_group_new": admin(),
    "POST org.prep_group_new": admin(422),
    "GET org.prep_group_edit": thing("prep_group", may=TENDS),
    "POST org.prep_group_edit": thing("prep_group", 422, may=TENDS),
    "GET org.prep_group_end": thing("prep_group", may=TENDS),
    "POST org.prep_group_end": thing("prep_group", 422, may=TENDS),
    "GET org.prep_pick": thing("prep_group", may=STAFFS),
    "GET org.prep_member_new": thing("prep_group", may=STAFFS),
    "POST org.prep_member_new": thing("prep_group", 422, may=STAFFS),
    "GET org.prep_member_end": thing("prep_group", may=STAFFS),
    "POST org.prep_member_end": thing("prep_group", 422, may=STAFFS),
    "POST org.prep_member_lead": thing("prep_group", 302, may=TENDS),
    "GET org.admin": admin(),
    "GET org.group_admin": admin(),
    "GET org.group_edit": admin(),
    "POST org.group_edit": admin(422),
    "GET org.group_end": admin(),
    "POST org.group_end": admin(422),
    "GET org.group_join": admin(),
    "POST org.group_join": admin(422),
    "GET org.group_leave": admin(),
    "POST org.group_leave": admin(422),
    "GET org.group_new": admin(),
    "POST org.group_new": admin(422),
    "GET org.groups": admin(),
    "GET org.groups_export": admin(),
    "GET org.partner_new": admin(),
    "POST org.partner_new": admin(422),
    "GET org.partner_end": admin(),
    "POST org.partner_end": admin(422),
    "GET org.office_end": admin(),
    "POST org.office_end": admin(422),
    "GET org.office_new": admin(),
    "POST org.office_new": admin(422),
    "GET org.pick_person": admin(),
    "GET org.posting_end": admin(),
    "POST org.posting_end": admin(422),
    "GET org.posting_new": admin(),
    "POST org.posting_new": admin(422),
    "GET org.region": admin(),
    "POST org.region": admin(422),
    "GET org.region_new": admin(),
    "POST org.region_new": admin(422),
    "GET org.regions": admin(),
    "GET org.regions_export": admin(),
    "GET org.school": admin(),
    "POST org.school_close": admin(409),
    "GET org.school_edit": admin(),
    "POST org.school_edit": admin(422),
    "GET org.school_new": admin(),
    "POST org.school_new": admin(422),
    "POST org.school_reopen": admin(409),
    "GET org.schools": admin(),
    "GET org.schools_export": admin(),
    "GET org.staff_export": admin(),
    # curriculum
    "GET curriculum.index": signed_in(),
    "GET curriculum.editions": only(*STAFF, "admin", data=CORE),
    "GET curriculum.export_editions": only(*STAFF, "admin", data=CORE),
    "POST curriculum.choose": only("head", "admin", ok=[302], sees=STAFF, data=CORE),
    "GET curriculum.changes": admin(),
    "POST curriculum.undo": admin(302),
    "GET curriculum.edit": admin(),
    "POST curriculum.add": admin(422),
    "POST curriculum.rename": admin(422),
    "GET curriculum.move": admin(200, 302),  # a retired one leads back
    "POST curriculum.move": admin(302),
    "POST curriculum.retire": admin(302),
    "POST curriculum.revive": admin(302),
    "GET curriculum.succeed": admin(200, 302),
    "POST curriculum.succeed": admin(302),
    "GET curriculum.coverage": signed_in(302),  # of a stage there is none; tests/curriculum looks at books
    "GET curriculum.export_coverage": signed_in(302),
    "GET curriculum.standards": signed_in(),
    "POST curriculum.add_standard": admin(422, data={"std": "2022", "subject": "语文"}),
    "GET curriculum.change_standard": admin(),
    "POST curriculum.change_standard": admin(302),  # as it is
    "POST curriculum.retire_standard": admin(302),
    "POST curriculum.revive_standard": admin(302),
    # library
    "GET library.index": signed_in(),
    "GET library.places": signed_in(),
    "GET library.standards": signed_in(),
    "GET library.export": signed_in(),
    "GET library.trash": signed_in(),
    "GET library.upload": signed_in(),
    "POST library.upload_plain": signed_in(302),
    "POST library.share_many": signed_in(302),
    "GET library.show": thing("resource"),
    "GET library.edit": thing("resource", may=OWNERS),
    "POST library.edit": thing("resource", 302, may=OWNERS, data=EDIT),
    "POST library.share": thing("resource", 409, 422, may=OWNERS),  # nothing was chosen; 409: it is in the trash
    "POST library.unshare": thing("resource", 302, may=OWNERS_AND_HEADS),
    "POST library.throw_away": thing("resource", 302, may=OWNERS),
    "POST library.restore": thing("resource", 302, may=OWNERS),
    # many at once: a choice of nothing leads back
    "POST library.bulk_edit": signed_in(302),
    "POST library.bulk_move": signed_in(302),
    "POST library.bulk_license": signed_in(302),
    "POST library.bulk_trash": signed_in(302),
    "POST library.bulk_restore": signed_in(302),
    "POST library.bulk_export": signed_in(302),
    # out and in
    "GET library.export_one": thing("resource"),
    "GET library.transfers": signed_in(),
    "POST library.export_whole": signed_in(422),
    "GET library.transfer": thing("sheet"),
    "GET library.transfer_file": thing("archive"),
    "GET library.transfer_problems": thing("sheet"),
    "POST library.confirm_transfer": thing("sheet", 302),
    "POST library.remove_transfer": thing("sheet", 302),
    "GET library.import_archive": signed_in(),
    "POST library.import_archive": signed_in(422),
    "GET library.import_sheet": signed_in(),
    "POST library.import_sheet": signed_in(422),
    "POST library.unpack": thing("file", 302, may=OWNERS),  # no archive: its owner is told so
    # voices
    "GET library.voices": thing("resource"),
    "GET library.ratings": thing("resource"),
    "GET library.mentionable": thing("resource", may=READERS),
    "GET library.favourites": signed_in(),
    "GET library.my_lessons": signed_in(),
    "POST library.favourite": thing("resource", 302, data={"keep": "1"}),
    "POST library.rate": thing("resource", 302, may=RATERS, data=RATING),
    "POST library.unrate": thing("resource", 302),
    "POST library.comment": thing("resource", 302, may=READERS, data={"comment-text": "很好用"}),
    "POST library.delete_comment": thing("comment", 302, may=ANSWER_FOR),
    "POST library.correct": thing("resource", 302, may=READERS, data={"correction-text": "第3页有错"}),
    "GET library.correction": thing("correction", may=OWNERS),
    "POST library.correction": thing("correction", 302, may=OWNERS, data={"done": "1"}),
    "GET library.use": thing("resource"),
    "POST library.use": thing("resource", 422),  # no lesson was chosen
    "POST library.accept_version": thing("use", 302),
    "POST library.drop_use": thing("use", 302),
    "GET library.take_down": thing("resource"),
    "POST library.take_down": thing("resource", 302, 409, data={"reason": "有学生的姓名"}),  # 409: it is not open
    "GET library.take_downs": only("head", "group_head"),
    "GET library.decide_take_down": thing("take_down"),
    "POST library.decide_take_down": thing("take_down", 302, data={"answer": "属实", "uphold": "1"}),
    "POST library.lift_take_down": thing("take_down", 409),  # it is not closed
    # course packages
    "GET library.packages": signed_in(),
    "GET library.package_new": signed_in(),
    "POST library.package_new": signed_in(422),
    "GET library.package_add": signed_in(),
    "POST library.package_put": signed_in(302),
    "GET library.package_edit": thing("package", may=OWNERS),
    "GET library.package_search": thing("package", 302, may=OWNERS),
    "POST library.package_heading": thing("package", 302, may=OWNERS, data={"title": "山行"}),
    "POST library.package_resources": thing("package", 302, may=OWNERS),
    "POST library.package_restore": thing("package", 409, may=OWNERS),  # nothing was removed
    "POST library.item_edit": thing("item", 302, may=OWNERS, data={"title": "山行"}),
    "POST library.item_move": thing("item", 302, may=OWNERS, data={"parent": "", "after": ""}),
    "POST library.item_remove": thing("item", may=OWNERS),
    # public links, interactive lessons
    "GET library.links": thing("resource", may=LINK_HOLDERS),
    "POST library.links": thing("resource", 200, 409, may=OWNERS, data={"days": "7"}),  # 409: it is not shared
    "POST library.link_revoke": thing("link", 302, may=LINK_HOLDERS),
    "GET library.linked": public(),
    "GET library.linked_file": public(),
    "GET library.linked_take_down": public(),
    "POST library.linked_take_down": public(422),
    "GET library.linked_page": public(),
    "GET library.lesson": thing("lesson"),
    "GET library.lesson_part": public(404),  # a token is a person's, see tests/library/test_scorm.py
    "POST library.nominate": thing("resource", 302, may=OWNERS),
    "POST library.withdraw": thing("resource", 409, may=OWNERS),  # no review is under way
    "GET library.reviews": signed_in(),
    "POST library.review_many": signed_in(302),
    "GET library.review": thing("review"),
    "POST library.review": thing("review", 302, data={"approve": "1"}),
    "GET library.versions": thing("resource"),
    "GET library.show_version": thing("resource", 302),  # the present one has a page of its own
    "GET library.compare": thing("resource"),
    "POST library.revise": thing("resource", 302, 409, may=OWNERS),
    "POST library.restore_version": thing("resource", 302, may=OWNERS),
    "POST library.copy": thing("resource", 302, 409),  # 409: it is not shared
    "POST library.accept_update": thing("resource", 302, may=OWNERS),
    "POST library.decline_update": thing("resource", 302, may=OWNERS),
    "POST library.retry": thing("file", 302, may=OWNERS),
    "POST library.remove": thing("file", 302, 409, may=OWNERS),
    "GET library.file_original": thing("file"),
    "GET library.file_page": thing("file"),
    "GET library.file_preview": thing("file"),
    "GET library.file_light": thing("file"),
    "GET library.file_thumbnail": thing("file"),
    # uploads
    "OPTIONS library.upload_options": public(204),
    "POST library.create_upload": signed_in(422, headers=TUS),
    "GET library.upload_state": thing("upload", headers=TUS),
    "HEAD library.upload_offset": thing("upload", headers=TUS),
    "PATCH library.append_upload": thing("upload", 204, headers=CHUNK, data=b"x"),
    "DELETE library.cancel_upload": thing("upload", 204, headers=TUS),
    # search
    "GET search.index": signed_in(),
    "GET search.suggest": signed_in(),
    "GET search.why": admin(),
    "POST search.forget": signed_in(302),
    "GET search.saved": signed_in(),
    "GET search.save": signed_in(),
    "POST search.save": signed_in(422),  # nothing was searched
    "GET search.saved_edit": thing("saved"),
    "POST search.saved_edit": thing("saved", 302, data={"name": "小数"}),
    "POST search.saved_digest": thing("saved", 302, data={"on": "1"}),
    "GET search.saved_news": thing("saved", 302),
    "POST search.saved_delete": thing("saved", 302),
    # the words of the search
    "GET operations.list_synonyms": admin(),
    "GET operations.synonyms_export": admin(),
    "GET operations.synonyms_new": admin(),
    "POST operations.synonyms_new": admin(422),
    "GET operations.synonyms_edit": thing("synonyms"),
    "POST operations.synonyms_edit": thing("synonyms", 422),
    "POST operations.synonyms_delete": thing("synonyms", 302),
    "GET operations.synonyms_import": admin(),
    "POST operations.synonyms_import": admin(422),
}

ADMIN_PAGES = """
    operations.audit operations.audit_export operations.health operations.jobs org.people org.people_export
    org.people_import org.people_problems org.people_sheet org.people_template org.person org.person_edit
    org.person_new
"""
ADMIN_DEEDS = """
    operations.audit_verify operations.job_retry operations.jobs_retry org.people_confirm org.people_import
    org.people_links org.person_disable org.person_edit org.person_enable org.person_end_sessions org.person_link
    org.person_new org.person_release
"""
ROWS |= {f"GET {endpoint}": admin() for endpoint in ADMIN_PAGES.split()}
ROWS |= {f"POST {endpoint}": admin(200, 302, 409, 422) for endpoint in ADMIN_DEEDS.split()}

EVENT_ROWS: dict[str, EventRow] = {}

WITHOUT_TOKEN = {"POST shell.csp_report"}  # browsers send these by themselves; they change nothing
