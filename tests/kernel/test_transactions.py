"""One use case, one commit; facts are told afterwards."""

from dataclasses import dataclass
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from tongyan import reactions
from tongyan.accounts.models import Notice
from tongyan.accounts.notices import NoticeSpec
from tongyan.kernel.db import db, publish, transaction
from tongyan.kernel.events import Fact
from tongyan.kernel.jobs import Job, JobSpec
from tongyan.kernel.live import LiveMessage, LiveOutbox
from tongyan.org.models import Region, RegionLevel


@dataclass(frozen=True, slots=True)
class BellRang(Fact):
    room: str


def region(name: str) -> Region:
    return Region(name=name, level=RegionLevel.COUNTY)


def names() -> list[str]:
    return sorted(db.session.scalars(select(Region.name)))


@pytest.mark.usefixtures("app")
def test_nested_blocks_commit_together() -> None:
    with transaction() as session:
        session.add(region("甲县"))
        with transaction() as inner:
            inner.add(region("乙县"))
    assert names() == ["乙县", "甲县"]


@pytest.mark.usefixtures("app")
def test_an_error_undoes_the_outer_and_the_inner_block() -> None:
    def use_case() -> None:
        with transaction() as session:
            with transaction() as inner:
                inner.add(region("甲县"))
            session.add(region("乙县"))
            raise LookupError

    with pytest.raises(LookupError):
        use_case()
    assert names() == []


@pytest.mark.usefixtures("app")
def test_publishing_outside_of_a_transaction_is_refused() -> None:
    with pytest.raises(RuntimeError):
        publish(BellRang("301"))


def test_jobs_and_notices_of_a_fact_stand_or_fall_with_it(
    monkeypatch: pytest.MonkeyPatch, cast: SimpleNamespace
) -> None:
    reaction = reactions.Reaction(
        jobs=[lambda fact: [JobSpec("bell.ring", {"room": fact.room})]],
        notices=[lambda fact: [NoticeSpec(cast.owner.id, "bell", "/")]],
    )
    monkeypatch.setitem(reactions.REACTIONS, BellRang, reaction)
    with pytest.raises(LookupError), transaction():
        publish(BellRang("301"))
        raise LookupError
    assert db.session.scalar(select(Job)) is None
    with transaction():
        publish(BellRang("301"))
    assert db.session.scalars(select(Job.args)).one() == {"room": "301"}
    assert db.session.scalars(select(Notice.person_id)).one() == cast.owner.id


@pytest.mark.usefixtures("app")
def test_a_failing_live_message_does_not_stop_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: BellRang) -> list[LiveMessage]:
        raise ValueError

    reaction = reactions.Reaction(live=[broken, lambda fact: [LiveMessage(fact.room, "bell", {})]])
    monkeypatch.setitem(reactions.REACTIONS, BellRang, reaction)
    monkeypatch.setattr("tongyan.kernel.live._send", None)
    with transaction():
        publish(BellRang("301"))
    assert db.session.scalars(select(LiveOutbox.room)).one() == "301"
