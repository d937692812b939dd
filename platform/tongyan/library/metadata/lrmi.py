"""LRMI: a resource as schema.org's LearningResource, in JSON-LD."""

from collections.abc import Iterable
from typing import Any

from tongyan.curriculum.models import Node
from tongyan.library.metadata import terms
from tongyan.library.metadata.terms import Shown
from tongyan.library.models import Resource, ResourceFile, ResourceKind

STANDARDS = "课程标准"
BEST_RATING = 5


def lrmi(resource: Resource, shown: Shown) -> dict[str, Any]:
    """Return a resource as JSON-LD; what is not known is left out."""
    said = {
        "@context": "https://schema.org",
        "@type": ["LearningResource", "Course"] if resource.kind is ResourceKind.PACKAGE else "LearningResource",
        "@id": terms.urn(resource.id),
        "identifier": terms.urn(resource.id),
        "url": shown.url,
        "name": resource.title,
        "description": resource.summary,
        "keywords": resource.keywords,
        "inLanguage": resource.language,
        "learningResourceType": terms.KINDS[resource.kind].words,
        **_place(resource),
        **_people(resource),
        **_rights(resource),
        **_use(resource),
        **_life(resource),
        "encoding": [_file(file, shown) for file in resource.files],
        "isBasedOn": terms.urn(shown.based_on) if shown.based_on else None,
        "hasPart": [{"@type": "LearningResource", "@id": terms.urn(part)} for part in shown.parts],
    }
    return _known(said)


def _known(said: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if value not in (None, "", [])}


def _place(resource: Resource) -> dict[str, Any]:
    return {
        "about": resource.subject,
        "educationalAlignment": _alignment(resource.node) if resource.node else None,
        # both are what it teaches: `competencyRequired` would be what learners must bring along
        "teaches": [
            *_standards("内容领域", resource.domains),
            *_standards("核心素养", resource.competencies),
        ],
    }


def _alignment(node: Node) -> dict[str, Any]:
    said = {
        "@type": "AlignmentObject",
        "alignmentType": "educationalSubject",
        "educationalFramework": node.edition,
        "targetName": " / ".join(terms.place(node)),
        "targetUrl": terms.urn(node.id),
    }
    return _known(said)


def _standards(kind: str, titles: Iterable[str]) -> list[dict[str, str]]:
    named = f"{STANDARDS}·{kind}"
    return [{"@type": "DefinedTerm", "inDefinedTermSet": named, "name": title} for title in titles]


def _people(resource: Resource) -> dict[str, Any]:
    return {
        "author": _person(resource.owner.name),
        "contributor": [
            {"@type": "Role", "roleName": role, "contributor": _person(name)} if role else _person(name)
            for name, role in terms.contributors(resource)
        ],
        "publisher": [{"@type": "EducationalOrganization", "name": name} for name in terms.publishers(resource)],
    }


def _person(name: str) -> dict[str, str]:
    return {"@type": "Person", "name": name}


def _rights(resource: Resource) -> dict[str, Any]:
    return {
        "license": terms.LICENCES[resource.licence] if resource.licence else None,
        "creditText": resource.source,
        "isAccessibleForFree": True,
    }


def _use(resource: Resource) -> dict[str, Any]:
    difficulty = [terms.DIFFICULTIES[resource.difficulty].words] if resource.difficulty else []
    return {
        "educationalLevel": [*terms.levels(resource), *difficulty],
        "typicalAgeRange": terms.ages(resource),
        "timeRequired": terms.learning_time(resource),
        "audience": [{"@type": "EducationalAudience", "educationalRole": role} for role in sorted(resource.for_whom)],
        "aggregateRating": _rating(resource),
    }


def _rating(resource: Resource) -> dict[str, Any] | None:
    tally = resource.tally
    if tally is None or tally.stars is None:
        return None
    return {
        "@type": "AggregateRating",
        "ratingValue": round(tally.stars, 2),
        "ratingCount": tally.rating_count,
        "bestRating": BEST_RATING,
    }


def _life(resource: Resource) -> dict[str, Any]:
    return {
        "version": str(resource.number),
        "creativeWorkStatus": resource.state.value,
        "dateCreated": terms.moment(resource.created_at),
        "dateModified": terms.moment(resource.updated_at),
        "datePublished": resource.published_at and terms.moment(resource.published_at),
    }


def _file(file: ResourceFile, shown: Shown) -> dict[str, Any]:
    said = {
        "@type": "MediaObject",
        "name": file.name,
        "encodingFormat": file.media_type,
        "contentSize": str(file.size),
        "sha256": file.sha256,
        "duration": terms.seconds(file.duration) if file.duration else None,
        "contentUrl": shown.address_of(file),
    }
    return _known(said)
