"""What did not run, on every page of those who can do something about it."""

from collections.abc import Callable, Sequence

from flask import g

from parking.access.policy import Role
from parking.health.alarms import Alarm
from parking.health.silence import Watch

SHOWN_TO = frozenset({Role.ADMIN, Role.AUDITOR, Role.FINANCE, Role.TREASURER})


def alarms_shown(watch: Watch) -> Callable[[], Sequence[Alarm]]:
    """For the templates: the alarms that the signed-in user should see."""

    def shown() -> Sequence[Alarm]:
        actor = g.get("actor")
        return watch.alarms() if actor is not None and actor.role in SHOWN_TO else ()

    return shown
