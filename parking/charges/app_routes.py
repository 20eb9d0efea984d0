"""The attendant's app: one page, its modules, and what makes a phone keep it."""

from flask import Blueprint, Response, redirect, render_template, send_from_directory
from werkzeug.wrappers import Response as Redirect

from parking.access.policy import Role, needs, public


def attendant_app() -> Blueprint:
    """The page at /attendant/; what it shows and does goes through the JSON routes beside it."""
    pages = Blueprint(
        "attendant_app", __name__, url_prefix="/attendant", template_folder="templates",
        static_folder="static", static_url_path="/static",
    )  # fmt: skip

    @pages.get("")
    @public
    def with_slash() -> Redirect:
        return redirect("/attendant/")

    @pages.get("/")
    @needs(Role.ATTENDANT)
    def app() -> str:
        return render_template("charges/phone.html")

    @pages.get("/worker.js")
    @public
    def worker() -> Response:
        """At this path, so that it may answer for the whole app; asked for anew at each visit."""
        return send_from_directory(
            f"{pages.root_path}/static", "worker.js", mimetype="text/javascript", max_age=0
        )

    return pages
