"""/admin: the city's facts and who may come in, for administrators and, in part, supervisors."""

from flask import Blueprint, g, render_template

from parking.access.policy import Role, needs
from parking.parts import Parts
from parking.registry import desk_store
from parking.registry.account_routes import add_accounts
from parking.registry.attendant_routes import add_attendants
from parking.registry.device_routes import add_devices
from parking.registry.leave_routes import add_leave
from parking.registry.letter_routes import add_letters
from parking.registry.lines import numbers
from parking.registry.point_routes import add_points
from parking.registry.price_routes import add_prices
from parking.registry.route_routes import add_routes
from parking.registry.split_routes import add_splits
from parking.registry.user_routes import add_users


def admin(parts: Parts) -> Blueprint:
    """The pages of the registry."""
    pages = Blueprint("admin", "parking.registry", url_prefix="/admin", template_folder="templates")
    _overview(pages, parts)
    for add_pages in (
        add_attendants, add_points, add_letters, add_prices, add_splits, add_accounts,
        add_routes, add_users, add_devices, add_leave,
    ):  # fmt: skip
        add_pages(pages, parts)
    return pages


def _overview(pages: Blueprint, parts: Parts) -> None:
    @pages.get("")
    @pages.get("/")
    @needs(Role.ADMIN, Role.SUPERVISOR)
    def overview() -> str:
        now = parts.clock.now()
        with parts.sessions() as session:
            counted = numbers(
                desk_store.attendants(session, now), desk_store.points(session, now),
                desk_store.current_letters(session, now), now,
            )  # fmt: skip
        return render_template(
            "admin/overview.html", counted=counted, is_admin=g.actor.role is Role.ADMIN
        )
