"""The page of one resource, which several deeds come back to."""

from typing import Any

from flask.typing import ResponseReturnValue

from blueprints.common.forms import page
from blueprints.common.web import current_actor
from blueprints.library.share_forms import ShareForm
from tongyan.kernel.permissions import Actor
from tongyan.library import services as library
from tongyan.library.models import Resource, ResourceState


def show_page(resource: Resource, form: ShareForm) -> ResponseReturnValue:
    """Show a resource with the form that shares it, as it was filled in."""
    actor = current_actor()
    form.offer(actor)
    return page(
        "library/show.html",
        form,
        resource=resource,
        same=library.duplicates(actor, resource),
        near=library.alike(actor, resource) if resource.state is ResourceState.DRAFT else {},
        reviewed=library.reviewed_audiences(resource, form.audiences),
        situation=library.situation(actor, resource),
    )


def twins(actor: Actor, resource: Resource) -> dict[str, Any]:
    """Return what else is here, per file: the same bytes, and for a draft, nearly the same words."""
    draft = resource.state is ResourceState.DRAFT
    return {"same": library.duplicates(actor, resource), "near": library.alike(actor, resource) if draft else {}}
