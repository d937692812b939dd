"""How the tests of course packages look at a tree."""

from collections.abc import Sequence

from tests.factories import fresh
from tongyan.kernel.permissions import Actor
from tongyan.library import services as library
from tongyan.library.models import PackageItem, Resource


def outline(by: Actor, package: Resource) -> list[str]:
    """Return the tree as somebody sees it, "1.2 山行" a line."""
    tree = library.package_tree(by, fresh(Resource, package.id))
    return [f"{entry.number} {entry.item.title}" for entry in tree.walk()]


def titled(items: Sequence[PackageItem]) -> list[str]:
    """Return the titles of items."""
    return [item.title for item in items]
