"""How a form that a service refused is shown again."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Response, make_response, render_template
from flask_wtf import FlaskForm

from blueprints.common.errors import sentence
from tongyan.kernel.errors import Conflict, Invalid, TooLarge, TooMany

REFUSALS = (Conflict, Invalid, TooLarge, TooMany)  # what somebody can do something about


class Form(FlaskForm):  # type: ignore[misc] # Flask-WTF ships no types
    """A form that remembers with which status its page is answered."""

    status = 200
    wait = 0

    def refuse(self, error: Conflict | Invalid | TooLarge | TooMany) -> None:
        """Show a refusal at its fields; what is about none of them stands above the form."""
        self.status = error.status
        self.wait = error.data.get("seconds", 0)
        errors = error.errors if isinstance(error, Invalid) else {}
        for name, codes in (errors or {"": [error.code]}).items():
            said = [sentence(code, error.data) for code in codes]
            if name in self:
                self[name].errors = said
            else:
                self.form_errors += said


@contextmanager
def refusals(form: Form) -> Iterator[None]:
    """Keep the page open when the service refuses what was filled in."""
    try:
        yield
    except REFUSALS as error:
        form.refuse(error)


def page(template: str, form: Form, **values: Any) -> Response:
    """Answer with a form's page: 422 when something is to be corrected, 429 when it is to be tried later."""
    response = make_response(render_template(template, form=form, **values))
    response.status_code = form.status if form.status != 200 or not form.errors else Invalid.status
    if form.wait:
        response.headers["Retry-After"] = str(form.wait)
    return response
