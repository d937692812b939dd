"""In the name of which school a person acts."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from tests.factories import fresh, post
from tongyan.accounts.models import Person
from tongyan.kernel.clock import today
from tongyan.kernel.db import transaction
from tongyan.kernel.errors import NotFound
from tongyan.org.acting import act_for, own_places
from tongyan.org.actors import actor_for
from tongyan.org.models import Posting, PostingKind


def test_one_acts_for_the_home_school_until_one_chooses_another(cast: SimpleNamespace) -> None:
    post(cast.neighbour, cast.core, PostingKind.SERVING)
    actor = actor_for(fresh(Person, cast.neighbour.id))
    assert actor.school_id == cast.rural.id
    assert {school.name for school in own_places(actor).schools} == {"清江乡村小学", "清江实验小学"}
    act_for(actor, cast.core.id)
    assert actor_for(fresh(Person, cast.neighbour.id)).school_id == cast.core.id


def test_nobody_acts_for_a_school_that_they_do_not_serve(cast: SimpleNamespace) -> None:
    for school_id in (cast.other.id, None):
        with pytest.raises(NotFound):
            act_for(actor_for(cast.owner), school_id)


def test_a_choice_lapses_with_the_posting(cast: SimpleNamespace) -> None:
    posting = post(cast.neighbour, cast.core, PostingKind.SERVING)
    act_for(actor_for(fresh(Person, cast.neighbour.id)), cast.core.id)
    with transaction() as session:
        session.get_one(Posting, posting.id).to_on = today() - timedelta(days=1)
    actor = actor_for(fresh(Person, cast.neighbour.id))
    assert actor.school_id == cast.rural.id
    assert [group.name for group in own_places(actor).groups] == ["清江教育集团"]
