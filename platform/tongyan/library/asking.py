"""What one may type to narrow a search of resources (学科:语文 年级:三 类型:课件), and searching inside a package."""

from uuid import UUID

from search_index.analysis import PLACE, analyse
from search_index.folding import fold
from tongyan.curriculum.names import GRADES, NAMED_GRADES
from tongyan.kernel.asking import Field, Scope, register_field, register_scope
from tongyan.kernel.errors import NotFound
from tongyan.kernel.permissions import Actor, load
from tongyan.library.indexing import KIND
from tongyan.library.metadata.terms import KINDS
from tongyan.library.models import Resource, ResourceKind
from tongyan.library.services.packages import package_tree

PACKAGE = "package"


def subjects(_actor: Actor, text: str) -> set[str]:
    """Return the subject as it is called."""
    return {text}


def grades(_actor: Actor, text: str) -> set[str]:
    """Return the number of a grade: 三年级, 3年级, 三, 3, 初一, 高三."""
    known = {fold(name): number for number, name in enumerate(GRADES, 1)} | NAMED_GRADES
    if (typed := fold(text)) in known:
        return {str(known[typed])}
    places = analyse(typed if "年级" in typed else f"{typed}年级").places
    found = {place.removeprefix(PLACE).removesuffix("年级") for place in places if place.endswith("年级")}
    return {number for number in found if 1 <= int(number) <= len(GRADES)}


def types(_actor: Actor, text: str) -> set[str]:
    """Return the kinds of resources that are called so."""
    typed = fold(text)
    return {kind.value for kind, term in KINDS.items() if typed == fold(term.words)}


def inside_package(actor: Actor, package_id: UUID) -> Scope:
    """Return what the actor sees of a package as a place to search in. Raises NotFound."""
    package = load(actor, Resource, package_id)
    if package.kind is not ResourceKind.PACKAGE:
        raise NotFound
    targets = (entry.target for entry in package_tree(actor, package).walk() if entry.target)
    return Scope(f"{PACKAGE}:{package_id}", package.title, frozenset(f"{KIND}:{target.id}" for target in targets))


register_field(Field("subject", ("学科", "科目", "subject"), subjects))
register_field(Field("grade", ("年级", "grade"), grades))
register_field(Field("type", ("类型", "种类", "type"), types))
register_scope(PACKAGE, inside_package)
