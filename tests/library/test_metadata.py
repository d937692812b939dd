"""What a resource says in the languages of others: LRMI, LOM, Dublin Core."""

from collections.abc import Iterator
from types import SimpleNamespace
from xml.etree.ElementTree import Element, tostring

import pytest
from defusedxml.ElementTree import fromstring

from tests.factories import save
from tongyan.curriculum.models import Level, Node
from tongyan.kernel.clock import now
from tongyan.kernel.ids import new_id
from tongyan.kernel.permissions import school_key
from tongyan.library.metadata import DC, LOM, Shown, lom, lrmi, oai_dc, urn
from tongyan.library.models import (
    Difficulty,
    Licence,
    Resource,
    ResourceFile,
    ResourceKind,
    ResourceState,
    Tally,
)
from tongyan.org.models import PrepGroup

URL = "https://tongyan.example/library/1"
ORIGIN, OLDER, PART = new_id(), new_id(), new_id()
FULL = Shown(URL, lambda file: f"https://tongyan.example/{file.name}", ORIGIN, OLDER, (PART,))


@pytest.fixture
def rich(cast: SimpleNamespace) -> Resource:
    """Give a resource that says all there is to say."""
    node_id = new_id()
    node = Node(
        id=node_id,
        level=Level.LESSON,
        title="山行",
        position=1,
        path=f"/{node_id.hex}/",
        stage="primary",
        subject="语文",
        edition="统编版",
        grade=3,
        volume="上册",
    )
    group = PrepGroup(name="三年级语文备课组", scope=school_key(cast.core.id), subject="语文", grade=3)
    save(node, group)
    resource = Resource(
        title="山行 <课件>",
        kind=ResourceKind.COURSEWARE,
        summary="远上寒山\x0b石径斜\ufffe",
        keywords=["古诗", "秋天"],
        owner_id=cast.owner.id,
        school_id=cast.core.id,
        audience=school_key(cast.core.id),
        state=ResourceState.PUBLISHED,
        licence=Licence.CC_BY_NC,
        source="插图：国家图书馆",
        contributors=[{"name": "李,四", "role": "插图"}, {"name": "王五", "role": ""}],
        prep_group_id=group.id,
        for_whom=["teacher", "parent"],
        difficulty=Difficulty.EXTENDED,
        periods=2,
        number=3,
        reviewed_at=now(),
        published_at=now(),
        files=[
            ResourceFile(name="山行.pptx", size=1000, sha256="a" * 64, media_type="application/pptx", duration=61.2),
            ResourceFile(name="朗读.mp3", size=500, media_type="audio/mpeg", position=1),
        ],
        tally=Tally(rating_sum=9, rating_count=2),
    )
    resource.put(node, None, None, None)
    resource.domains, resource.competencies = ["阅读与鉴赏"], ["审美创造"]
    return save(resource)


@pytest.fixture
def bare(cast: SimpleNamespace) -> Resource:
    """Give a draft of which nothing but its title is known."""
    return save(Resource(title="草稿", kind=ResourceKind.MATERIAL, owner_id=cast.owner.id, audience="user:x"))


def texts(element: Element, path: str, namespace: str = LOM) -> list[str]:
    """Return the texts at a path of element names."""
    steps = "/".join(f"{{{namespace}}}{step}" if step[0].isalpha() else step for step in path.split("/"))
    return [found.text or "" for found in element.findall(steps)]


def values(said: object) -> Iterator[object]:
    """Give everything that a tree of JSON says."""
    yield said
    for each in said.values() if isinstance(said, dict) else said if isinstance(said, list) else ():
        yield from values(each)


def test_lrmi_says_every_field(rich: Resource) -> None:
    said = lrmi(rich, FULL)
    assert said["@type"] == "LearningResource"
    assert (said["name"], said["url"], said["inLanguage"]) == (rich.title, URL, "zh")
    assert said["@id"] == said["identifier"] == urn(rich.id)
    assert said["learningResourceType"] == "课件"
    assert said["educationalLevel"] == ["小学", "三年级", "拓展"]
    assert said["about"] == "语文"
    assert said["educationalAlignment"]["targetName"] == "小学 / 语文 / 统编版 / 上册 / 山行"
    assert [term["name"] for term in said["teaches"]] == ["阅读与鉴赏", "审美创造"]
    assert said["keywords"] == ["古诗", "秋天"]
    assert said["author"]["name"] == "甲老师"
    assert said["contributor"][0]["roleName"] == "插图"
    assert said["contributor"][1] == {"@type": "Person", "name": "王五"}
    assert [body["name"] for body in said["publisher"]] == ["清江实验小学", "三年级语文备课组"]
    assert said["license"] == "https://creativecommons.org/licenses/by-nc/4.0/"
    assert said["creditText"] == "插图：国家图书馆"
    assert [audience["educationalRole"] for audience in said["audience"]] == ["parent", "teacher"]
    assert (said["timeRequired"], said["typicalAgeRange"], said["version"]) == ("PT80M", "8-9", "3")
    assert said["aggregateRating"]["ratingValue"] == 4.5
    assert said["isBasedOn"] == urn(ORIGIN)
    assert [part["@id"] for part in said["hasPart"]] == [urn(PART)]
    first, second = said["encoding"]
    assert (first["contentSize"], first["sha256"], first["duration"]) == ("1000", "a" * 64, "PT61S")
    assert second["contentUrl"] == "https://tongyan.example/朗读.mp3"


def test_what_is_not_known_is_left_out(bare: Resource) -> None:
    for said in values(lrmi(bare, Shown(URL))):
        assert said not in (None, "", [], {})
    for document in (lom(bare, Shown(URL)), oai_dc(bare, Shown(URL))):
        for element in document.iter():
            assert len(element) or element.text, element.tag
    assert "educationalAlignment" not in lrmi(bare, Shown(URL))


def test_a_course_package_is_a_course(bare: Resource) -> None:
    bare.kind = ResourceKind.PACKAGE
    assert "Course" in lrmi(bare, FULL)["@type"]
    assert texts(lom(bare, FULL), "general/structure/value") == ["hierarchical"]
    assert texts(lom(bare, FULL), "general/aggregationLevel/value") == ["3"]


def test_lom_says_every_group(rich: Resource) -> None:
    document = fromstring(tostring(lom(rich, FULL)))
    assert [group.tag.partition("}")[2] for group in document][:7] == [
        "general",
        "lifeCycle",
        "metaMetadata",
        "technical",
        "educational",
        "rights",
        "relation",
    ]
    assert texts(document, "general/identifier/entry") == [urn(rich.id)]
    assert texts(document, "general/title/string") == ["山行 <课件>"]
    assert texts(document, "general/structure/value") == ["collection"]
    assert texts(document, "lifeCycle/status/value") == ["revised"]
    assert texts(document, "lifeCycle/contribute/role/value") == [
        "author",
        "插图",
        "unknown",
        "publisher",
        "publisher",
        "validator",
    ]
    assert "FN:李\\,四" in texts(document, "lifeCycle/contribute/entity")[1]
    assert texts(document, "technical/format") == ["application/pptx", "audio/mpeg"]
    assert texts(document, "technical/size") == ["1500"]
    assert len(texts(document, "technical/location")) == 3
    assert texts(document, "technical/duration/duration") == ["PT61S"]
    assert texts(document, "educational/learningResourceType/value") == ["slide", "courseware"]
    assert texts(document, "educational/intendedEndUserRole/value") == ["teacher", "teacher", "parent"]
    assert texts(document, "educational/difficulty/value") == ["difficult"]
    assert texts(document, "educational/typicalLearningTime/duration") == ["PT80M"]
    assert texts(document, "relation/kind/value") == ["isbasedon", "replaces", "haspart"]
    assert "平均 4.5 星" in texts(document, "annotation/description/string")[0]
    purposes = ["discipline", "educational level", "idea", "educational objective", "competency"]
    assert texts(document, "classification/purpose/value") == purposes
    assert "山行" in texts(document, "classification/taxonPath/taxon/entry/string")
    assert texts(document, "classification/taxonPath/taxon/id") == [urn(rich.node_id)]


@pytest.mark.parametrize(
    ("state", "number", "status"),
    [
        (ResourceState.DRAFT, 1, "draft"),
        (ResourceState.PUBLISHED, 1, "final"),
        (ResourceState.PUBLISHED, 2, "revised"),
        (ResourceState.TRASHED, 1, "unavailable"),
        (ResourceState.TAKEN_DOWN, 2, "unavailable"),
    ],
)
def test_lom_says_how_it_stands(bare: Resource, state: ResourceState, number: int, status: str) -> None:
    bare.state, bare.number = state, number
    assert texts(lom(bare, FULL), "lifeCycle/status/value") == [status]


def test_a_package_binds_lom_under_its_own_namespace(bare: Resource) -> None:
    assert all(element.tag.startswith("{urn:package}") for element in lom(bare, FULL, "urn:package").iter())


def test_dublin_core_says_what_fits_into_it(rich: Resource) -> None:
    document = fromstring(tostring(oai_dc(rich, FULL)))
    assert texts(document, "title", DC) == ["山行 <课件>"]
    assert texts(document, "subject", DC) == ["语文", "古诗", "秋天", "阅读与鉴赏", "审美创造"]
    assert texts(document, "type", DC) == ["课件", "courseware"]
    assert texts(document, "creator", DC) == ["甲老师"]
    assert texts(document, "contributor", DC) == ["李,四（插图）", "王五"]
    assert texts(document, "identifier", DC) == [URL, urn(rich.id)]
    assert texts(document, "coverage", DC) == ["小学 / 语文 / 统编版 / 上册 / 山行"]
    assert texts(document, "rights", DC) == ["https://creativecommons.org/licenses/by-nc/4.0/"]
    assert texts(document, "relation", DC) == [urn(ORIGIN), urn(OLDER), urn(PART)]


def test_signs_that_xml_cannot_hold_are_dropped(rich: Resource) -> None:
    for document in (lom(rich, FULL), oai_dc(rich, FULL)):
        assert "远上寒山石径斜" in tostring(document, encoding="unicode")
        fromstring(tostring(document))  # a parser takes it
