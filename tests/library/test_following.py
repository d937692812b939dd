"""Resources follow what they hang on."""

from collections.abc import Callable
from types import SimpleNamespace

from sqlalchemy import select

from tests.access.world import make_resource
from tests.factories import fresh, make_person
from tongyan.accounts.models import Person
from tongyan.accounts.service import update_person
from tongyan.curriculum.models import Level, Node
from tongyan.curriculum.seeding import import_seed
from tongyan.curriculum.services import rename_node
from tongyan.kernel import search, search_jobs
from tongyan.kernel.db import db, transaction
from tongyan.kernel.permissions import Actor
from tongyan.kernel.search import SearchRequest
from tongyan.library.models import Resource
from tongyan.org.models import School, Stage
from tongyan.org.services import schools
from tongyan.org.services.schools import SchoolEdit


def found(actor: Actor, text: str) -> list[str]:
    """Return the titles that a search gives."""
    asked = SearchRequest(text, kinds=("resource",))
    return [hit.thing.title for hit in search.search(actor, asked).page.items]


def test_a_school_that_changed_its_name_is_searched_by_the_new_one(
    cast: SimpleNamespace, actor: Callable[[Person], Actor], run_jobs: Callable[[], int]
) -> None:
    shared = make_resource(cast, "other_school")
    search_jobs.rebuild(lambda _: None)
    assert shared.title not in found(actor(cast.colleague), "凤凰山学校")

    school = fresh(School, shared.school_id)
    admin = actor(make_person("管理员", is_admin=True))
    edit = SchoolEdit(name="凤凰山学校", short_name="凤凰山", stages=[Stage.PRIMARY])
    schools.update_school(admin, school.id, edit, school.version)
    run_jobs()

    assert shared.title in found(actor(cast.colleague), "凤凰山学校")


def test_what_somebody_made_is_searched_by_their_new_name(
    cast: SimpleNamespace, actor: Callable[[Person], Actor], run_jobs: Callable[[], int]
) -> None:
    shared = make_resource(cast, "other_school")  # of the neighbour
    search_jobs.rebuild(lambda _: None)
    assert shared.title not in found(actor(cast.colleague), "欧阳")

    admin = actor(cast.admin)
    update_person(admin, cast.neighbour.id, name="欧阳清", email=None, phone=None, is_admin=False)
    run_jobs()

    assert shared.title in found(actor(cast.colleague), "欧阳")


def test_a_place_that_changed_its_title_is_searched_by_the_new_one(
    cast: SimpleNamespace, actor: Callable[[Person], Actor], run_jobs: Callable[[], int]
) -> None:
    import_seed()
    unit = db.session.scalars(select(Node).where(Node.level == Level.UNIT)).first()
    shared = make_resource(cast, "other_school")
    with transaction():
        fresh(Resource, shared.id).node_id = unit.id
    search_jobs.rebuild(lambda _: None)

    rename_node(actor(make_person("管理员", is_admin=True)), unit.id, "凤凰山下的故事")
    run_jobs()

    assert shared.title in found(actor(cast.colleague), "凤凰山下的故事")
