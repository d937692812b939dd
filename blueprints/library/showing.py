"""The page of one resource, which several deeds come back to."""

from flask.typing import ResponseReturnValue

from blueprints.common.forms import page
from blueprints.common.web import current_actor
from blueprints.library.share_forms import ShareForm
from tongyan.library import services as library
from tongyan.library.models import Resource


def show_page(resource: Resource, form: ShareForm) -> ResponseReturnValue:
    """Show a resource with the form that shares it, as it was filled in."""
    actor = current_actor()
    form.offer(actor)
    return page(
        "library/show.html",
        form,
        resource=resource,
        same=library.duplicates(actor, resource),
        reviewed=library.reviewed_audiences(resource, form.audiences),
        situation=library.situation(actor, resource),
    )
