"""The catalogue for harvesters, collected by sickle as harvesters do: every page, every format, every refusal."""

import json
from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import etree
from sickle import Sickle
from sickle.oaiexceptions import (
    BadArgument,
    BadResumptionToken,
    CannotDisseminateFormat,
    IdDoesNotExist,
    NoRecordsMatch,
)
from sqlalchemy import update
from werkzeug.serving import make_server

from blueprints.oai.protocol import subject_set
from tests.access.world import make_resource
from tests.factories import save
from tests.sessions import open_access
from tongyan.accounts.models import Person
from tongyan.curriculum.models import Level, Node
from tongyan.kernel.clock import now
from tongyan.kernel.db import transaction
from tongyan.kernel.ids import new_id
from tongyan.library.metadata import urn
from tongyan.library.models import PackageItem, Resource, ResourceKind
from tongyan.library.services import harvest

SCHEMAS = Path(__file__).parent / "schemas"
OAI = "{http://www.openarchives.org/OAI/2.0/}"
LOM = "{http://ltsc.ieee.org/xsd/LOM}"
VOCABULARY = {
    "structure": {"atomic", "collection", "networked", "hierarchical", "linear"},
    "aggregationLevel": {"1", "2", "3", "4"},
    "status": {"draft", "final", "revised", "unavailable"},
    "role": {"author", "publisher", "unknown", "validator", "creator"},
    "learningResourceType": {"exercise", "slide", "narrative text", "exam", "lecture"},
    "intendedEndUserRole": {"teacher", "author", "learner", "manager"},
    "context": {"school", "higher education", "training", "other"},
    "difficulty": {"very easy", "easy", "medium", "difficult", "very difficult"},
    "cost": {"yes", "no"},
    "copyrightAndOtherRestrictions": {"yes", "no"},
    "kind": {"ispartof", "haspart", "isbasedon"},
    "purpose": {"discipline", "idea", "educational objective", "educational level", "competency"},
}

Harvester = Callable[[Person], Sickle]


def plain_token(client: FlaskClient) -> str:
    return str(client.environ_base["HTTP_AUTHORIZATION"]).removeprefix("Bearer ")


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """Serve the application on a port of its own."""
    server = make_server("localhost", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://localhost:{server.port}/oai"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def harvester(app: Flask, address: str) -> Harvester:
    """Give harvesters that sign in as a person, by Basic as their forms have it."""

    def come(person: Person, **more: Any) -> Sickle:
        token = plain_token(open_access(app, person, may_write=False))
        return Sickle(address, auth=("harvester", token), encoding="utf-8", **more)

    return come


@pytest.fixture
def colleague(cast: SimpleNamespace, harvester: Harvester) -> Sickle:
    """Give the colleague's harvester."""
    return harvester(cast.colleague)


@pytest.fixture
def three(cast: SimpleNamespace) -> list[Resource]:
    """Give what the colleague sees, and around it what they do not."""
    for hidden in ("own", "other_group", "deleted"):
        make_resource(cast, hidden)
    return [make_resource(cast, relation) for relation in ("same_school", "other_school", "other_school")]


def found(records: Any) -> list[str]:
    """Return the identifiers of records or headers."""
    return [getattr(record, "header", record).identifier for record in records]


def checked(xml: Any, schema: str) -> Any:
    """Return XML that its schema allows."""
    validator = etree.XMLSchema(etree.parse(SCHEMAS / f"{schema}.xsd"))
    assert validator.validate(xml), validator.error_log
    return xml


def test_the_repository_says_what_it_is(colleague: Sickle, three: list[Resource]) -> None:
    said = colleague.Identify()
    assert (said.repositoryName, said.protocolVersion, said.deletedRecord) == ("同研", "2.0", "no")
    assert said.baseURL == "http://localhost/oai"
    assert said.earliestDatestamp == min(row.updated_at for row in three).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_a_harvester_collects_what_its_person_may_see(
    cast: SimpleNamespace, harvester: Harvester, three: list[Resource]
) -> None:
    seen = found(harvester(cast.colleague).ListRecords(metadataPrefix="oai_dc"))
    assert sorted(seen) == sorted(urn(row.id) for row in three)
    assert len(found(harvester(cast.neighbour).ListIdentifiers(metadataPrefix="lom"))) == 2
    with pytest.raises(NoRecordsMatch):
        harvester(cast.former).ListRecords(metadataPrefix="oai_dc")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_long_lists_go_on_until_their_end(
    cast: SimpleNamespace, harvester: Harvester, three: list[Resource], monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    monkeypatch.setattr(harvest, "__defaults__", (None, 2))
    more = [make_resource(cast, "same_school") for _ in range(4)]
    same = now()
    with transaction() as session:  # changed in one moment: the order must still be firm
        session.execute(update(Resource).values(updated_at=same))
    listed = harvester(cast.colleague, http_method=method).ListRecords(metadataPrefix="oai_dc")
    seen = found(listed)
    assert len(seen) == len(set(seen))
    assert set(seen) == {urn(row.id) for row in [*three, *more]}
    assert listed.resumption_token.token is None
    assert (listed.resumption_token.cursor, listed.resumption_token.complete_list_size) == ("6", "7")


def test_dates_narrow_and_both_ends_are_within(cast: SimpleNamespace, colleague: Sickle, three: list[Resource]) -> None:
    day = now().replace(microsecond=500_000)
    for number, row in enumerate(three):
        with transaction() as session:
            session.execute(update(Resource).where(Resource.id == row.id).values(updated_at=day - timedelta(number)))

    def stamp(days: int, form: str = "%Y-%m-%dT%H:%M:%SZ") -> str:
        return (day - timedelta(days)).strftime(form)

    def between(**dates: str) -> set[str]:
        return set(found(colleague.ListIdentifiers(metadataPrefix="oai_dc", **dates)))

    today, yesterday, before = (urn(row.id) for row in three)
    assert between(**{"from": stamp(1)}) == {today, yesterday}
    assert between(until=stamp(1)) == {yesterday, before}
    assert between(**{"from": stamp(1), "until": stamp(1)}) == {yesterday}
    assert between(**{"from": stamp(1, "%Y-%m-%d"), "until": stamp(1, "%Y-%m-%d")}) == {yesterday}
    with pytest.raises(NoRecordsMatch):
        between(until="2001-01-01")


def test_sets_narrow(colleague: Sickle, three: list[Resource], cast: SimpleNamespace) -> None:
    node_id = new_id()
    save(Node(id=node_id, level=Level.STAGE, title="小学", position=1, path=f"/{node_id.hex}/", stage="primary"))
    subject_id = new_id()
    path = f"/{node_id.hex}/{subject_id.hex}/"
    save(
        Node(id=subject_id, parent_id=node_id, level=Level.SUBJECT, title="语文", position=1, path=path, subject="语文")
    )
    sets = {each.setSpec: each.setName for each in colleague.ListSets()}
    assert sets[subject_set("语文")] == "语文"
    assert sets["kind-courseware"] == "课件"
    for name in (subject_set("语文"), "kind-courseware"):
        assert len(found(colleague.ListIdentifiers(metadataPrefix="oai_dc", set=name))) == 3
    for name in (subject_set("数学"), "kind-exam", "kind-poem", "subject-xyz", "nothing"):
        with pytest.raises(NoRecordsMatch):
            colleague.ListIdentifiers(metadataPrefix="oai_dc", set=name)


def test_a_record_is_what_its_schema_wants(cast: SimpleNamespace, colleague: Sickle, three: list[Resource]) -> None:
    origin, hidden = three[0], make_resource(cast, "own")
    package = make_resource(cast, "other_school")
    with transaction() as session:
        package = session.merge(package)
        package.kind, package.origin_id, package.replaces_id = ResourceKind.PACKAGE, origin.id, hidden.id
    save(PackageItem(package_id=package.id, title="山行", target_id=three[1].id))
    save(PackageItem(package_id=package.id, title="别人看不到的", target_id=hidden.id))
    save(PackageItem(package_id=package.id, title="标题"))
    for prefix, root in (("oai_dc", "dc"), ("lom", "lom")):
        record = colleague.GetRecord(identifier=urn(package.id), metadataPrefix=prefix)
        inner = checked(record.xml.find(f"{OAI}metadata")[0], prefix)
        assert etree.QName(inner).localname == root
        said = etree.tostring(inner, encoding="unicode")
        assert urn(origin.id) in said
        assert urn(three[1].id) in said
        assert str(hidden.id) not in said, "a neighbour that the reader may not see"
        assert f"http://localhost/library/{package.id}" in said


def test_lom_speaks_its_own_vocabulary(colleague: Sickle, three: list[Resource]) -> None:
    for record in colleague.ListRecords(metadataPrefix="lom"):
        for source in record.xml.iter(f"{LOM}source"):
            value = source.getnext()
            if source.text == "LOMv1.0" and value is not None:
                assert value.text in VOCABULARY[etree.QName(source.getparent()).localname]


def test_formats_are_named(colleague: Sickle, three: list[Resource]) -> None:
    assert {each.metadataPrefix for each in colleague.ListMetadataFormats()} == {"oai_dc", "lom"}
    assert len(list(colleague.ListMetadataFormats(identifier=urn(three[0].id)))) == 2
    with pytest.raises(IdDoesNotExist):
        colleague.ListMetadataFormats(identifier=urn(uuid4()))


def test_what_is_hidden_does_not_exist(cast: SimpleNamespace, colleague: Sickle) -> None:
    for thing in (urn(make_resource(cast, "other_group").id), urn(uuid4()), "oai:elsewhere:1"):
        with pytest.raises(IdDoesNotExist):
            colleague.GetRecord(identifier=thing, metadataPrefix="oai_dc")


def test_what_is_asked_wrongly_is_refused(colleague: Sickle, three: list[Resource]) -> None:
    with pytest.raises(CannotDisseminateFormat):
        colleague.ListRecords(metadataPrefix="marc")
    with pytest.raises(BadArgument):
        colleague.ListRecords()
    with pytest.raises(BadResumptionToken):
        colleague.ListRecords(resumptionToken="bm90IG9uZSBvZiBvdXJz")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("", "badVerb"),
        ("verb=Steal", "badVerb"),
        ("verb=Identify&verb=Identify", "badVerb"),
        ("verb=Identify&set=a", "badArgument"),
        ("verb=GetRecord&metadataPrefix=oai_dc", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&metadataPrefix=lom", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&resumptionToken=a", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=yesterday", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2026-01-01&until=2026-01-02T00:00:00Z", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2026-01-02&until=2026-01-01", "badArgument"),
        ("verb=ListRecords&resumptionToken=%ff%00", "badResumptionToken"),
        ("verb=ListRecords&resumptionToken=e30=", "badResumptionToken"),
        ("verb=ListSets&resumptionToken=e30=", "badArgument"),
        ("verb=GetRecord&metadataPrefix=oai_dc&identifier=%01%22%3E", "idDoesNotExist"),
    ],
)
def test_every_refusal_is_xml_of_the_protocol(app: Flask, cast: SimpleNamespace, query: str, code: str) -> None:
    answer = open_access(app, cast.owner).get(f"/oai?{query}")
    assert (answer.status_code, answer.mimetype) == (200, "text/xml")
    document = checked(etree.fromstring(answer.data), "oai-pmh")
    assert document.find(f"{OAI}error").get("code") == code


def test_a_forged_token_opens_nothing(app: Flask, cast: SimpleNamespace) -> None:
    place = ["2026-01-01T00:00:00+00:00", uuid4().hex]
    good = {
        "prefix": "oai_dc",
        "since": None,
        "until": None,
        "kind": None,
        "subject": None,
        "cursor": 0,
        "after": place,
    }
    client = open_access(app, cast.outsider)
    for wrong in (
        {},
        {"since": "2026-01-01"},
        {"after": [None, 3]},
        {"after": None},
        {"cursor": "x"},
        {"kind": "poem"},
    ):
        said = json.dumps(good | wrong)
        token = b64encode(said.encode(), altchars=b"-_").decode()
        answer = client.get("/oai", query_string={"verb": "ListRecords", "resumptionToken": token})
        assert b'code="badResumptionToken"' in answer.data, said


def test_all_lists_are_xml_of_the_protocol(app: Flask, cast: SimpleNamespace, three: list[Resource]) -> None:
    client = open_access(app, cast.colleague)
    lists = ("ListRecords&metadataPrefix=lom", "ListIdentifiers&metadataPrefix=oai_dc", "ListMetadataFormats")
    for query in (*lists, "ListSets", "Identify"):
        answer = client.get(f"/oai?verb={query}")
        checked(etree.fromstring(answer.data), "oai-pmh")


def test_strangers_are_asked_for_a_token(client: FlaskClient, app: Flask, cast: SimpleNamespace) -> None:
    for headers in ({}, {"Authorization": "Basic " + b64encode(b"harvester:ty_wrong").decode()}):
        answer = client.get("/oai?verb=Identify", headers=headers)
        assert (answer.status_code, "Basic" in answer.headers["WWW-Authenticate"]) == (401, True)
    assert open_access(app, cast.owner).get("/oai?verb=Identify").status_code == 200  # by Bearer


def test_a_token_in_the_query_or_for_pages_is_none(app: Flask, cast: SimpleNamespace) -> None:
    basic = "Basic " + b64encode(f"x:{plain_token(open_access(app, cast.owner))}".encode()).decode()
    assert app.test_client().get("/api/v1/me", headers={"Authorization": basic}).status_code == 401
