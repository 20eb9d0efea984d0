"""How a page answers a form: with itself and what is wrong, or with where to go on."""

from typing import Any

from flask import flash, make_response, redirect, render_template
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response


def form_page(template: str, form: FlaskForm, **shown: Any) -> Response:
    """The page with its form: 422 when something in it is wrong."""
    answer = make_response(render_template(template, form=form, **shown))
    answer.status_code = 422 if form.errors else 200
    return answer


def done(message: str, go_to: str) -> Response:
    """Say that it was done, on the page that is gone to; reloading that repeats nothing."""
    flash(message, "success")
    return redirect(go_to, 303)
