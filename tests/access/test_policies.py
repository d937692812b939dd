"""The two forms of every rule agree: what `allows()` shows one by one is what `visible()` selects."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from tests.access.world import ACTORS, SEES, make_resource
from tongyan.accounts.models import Person
from tongyan.kernel.db import db
from tongyan.kernel.permissions import ANONYMOUS, POLICIES, VIEW, Actor, visible
from tongyan.library.models import Resource


def player(cast: SimpleNamespace, name: str, actor: Callable[[Person], Actor]) -> Actor:
    return ANONYMOUS if name == "anonymous" else actor(getattr(cast, name))


@pytest.mark.parametrize("name", ACTORS)
def test_rule_and_filter_agree(cast: SimpleNamespace, actor: Callable[[Person], Actor], name: str) -> None:
    for relation in SEES:
        make_resource(cast, relation)
    who = player(cast, name, actor)
    for model, policy in POLICIES.items():
        selected = set(db.session.scalars(select(model).where(visible(who, model))))
        allowed = {row for row in db.session.scalars(select(model)) if policy.allows(who, VIEW, row)}
        assert selected == allowed, model


@pytest.mark.parametrize("name", ACTORS)
def test_everybody_sees_exactly_their_resources(
    cast: SimpleNamespace, actor: Callable[[Person], Actor], name: str
) -> None:
    made = {relation: make_resource(cast, relation).id for relation in SEES}
    who = player(cast, name, actor)
    seen = set(db.session.scalars(select(Resource.id).where(visible(who, Resource))))
    assert seen == {made[relation] for relation, names in SEES.items() if name in names}
