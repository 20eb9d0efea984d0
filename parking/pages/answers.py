"""How a page answers: with its form and what is wrong, with where to go on, with a file."""

from typing import Any

from flask import Response as FlaskResponse
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


def as_it_came(content: bytes | None, file_name: str) -> FlaskResponse:
    """A file that somebody gave us, byte for byte; no browser opens it as a page of ours."""
    answer = FlaskResponse(content, mimetype="application/octet-stream")
    answer.headers.set("Content-Disposition", "attachment", filename=file_name)
    return answer
