"""/audit/reports: the report of each day, as a page and as files."""

from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Blueprint, Response, g, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response as AnyResponse

from parking.access.policy import Role, needs
from parking.business_day import business_day
from parking.errors import NotFound
from parking.pages.listing import read_day
from parking.parts import Parts
from parking.reconciliation import store as reconciled
from parking.reconciliation.lists_routes import DESK
from parking.reports import day_report, files
from parking.reports.report import DayReport
from parking.reports.tables import tables

MAY_READ = (Role.AUDITOR, Role.FINANCE, Role.TREASURER, Role.LEADERSHIP, Role.ADMIN)
SHOWN = timedelta(days=31)  # of the list


def reports(parts: Parts) -> Blueprint:
    """The reports of the days."""
    routes = Blueprint(
        "reports", "parking.reports", url_prefix="/audit/reports", template_folder="templates"
    )
    _pages(routes, parts)
    _files(routes, parts)
    return routes


def _pages(routes: Blueprint, parts: Parts) -> None:
    @routes.get("")
    @needs(*MAY_READ)
    def every() -> str | AnyResponse:
        asked = read_day(request.args.get("date", ""))
        if asked:
            return redirect(url_for("reports.one", day=asked.isoformat()))
        last = read_day(request.args.get("to", "")) or business_day(parts.clock.now())
        with parts.sessions() as session:
            runs = reconciled.latest_runs(session, last - SHOWN, last)
        return render_template("reports/list.html", runs=runs[::-1], last=last, before=last - SHOWN)

    @routes.get("/<day>")
    @needs(*MAY_READ)
    def one(day: str) -> str | AnyResponse:
        asked = read_day(request.args.get("date", ""))
        if asked:
            return redirect(url_for("reports.one", day=asked.isoformat()))
        of_day = _day_in_path(day)
        report = _report(parts, of_day)
        return render_template(
            "reports/day.html",
            report=report,
            tables=tables(report),
            before=of_day - timedelta(days=1),
            after=of_day + timedelta(days=1),
            today=business_day(parts.clock.now()),
            may_list=g.actor.role in DESK,
        )


def _files(routes: Blueprint, parts: Parts) -> None:
    @routes.get("/<day>/<name>")
    @needs(*MAY_READ)
    def file(day: str, name: str) -> Response:
        """A file of the report, drawn up from the run that holds."""
        report = _report(parts, _day_in_path(day))
        with TemporaryDirectory() as folder:
            written = {path.name: path for path in files.write(report, Path(folder))}
            if name not in written:
                raise NotFound(f"Tidak ada berkas {name[:60]}")
            content = written[name].read_bytes()
        return send_file(BytesIO(content), download_name=name, as_attachment=True, max_age=0)


def _report(parts: Parts, day: date) -> DayReport:
    with parts.sessions() as session:
        return day_report.build(session, day)


def _day_in_path(text: str) -> date:
    day = read_day(text)
    if day is None:
        raise NotFound(f"Tidak ada laporan untuk {text[:20]}")
    return day
