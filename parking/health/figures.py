"""The signs as figures for a scraper.

They are read when they are asked for, so it does not matter which worker answers,
and nothing is lost when one of them is restarted.
"""

from collections.abc import Iterable, Mapping

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily

from parking.health.signs import Signs

PLAIN = {
    "inbox_waiting": "Callbacks that are kept and not yet applied",
    "inbox_oldest_seconds": "How long the oldest of them has waited",
    "inbox_dead": "Callbacks that need a person",
    "charges_unknown": "Charges whose QR may exist at the gateway though we never saw it",
    "suspense_balance": "Rupiah received that are nobody's yet",
    "ledger_imbalance": "Rupiah by which today's entries do not balance: must be 0",
    "imports_rejected": "Files refused today",
    "audit_unsealed": "Audit events that the hash chain does not cover yet",
    "lease_epoch": "Epoch of the jobs process",
    "lease_left_seconds": "How long its lease still runs; negative when nobody holds it",
    "clock_skew_seconds": "The database's clock less ours",
    "disk_free_share": "Free part of the disk that holds our files, 0 to 1",
}


class _Figures:
    def __init__(self, signs: Signs, disk_share: float) -> None:
        self._signs = signs
        self._disk_share = disk_share

    def collect(self) -> Iterable[GaugeMetricFamily]:
        signs = self._signs
        values = {
            "inbox_waiting": signs.inbox_waiting,
            "inbox_oldest_seconds": signs.inbox_oldest_s,
            "inbox_dead": signs.inbox_dead,
            "charges_unknown": signs.charges_unknown,
            "suspense_balance": signs.suspense_balance,
            "ledger_imbalance": signs.ledger_imbalance,
            "imports_rejected": signs.imports_rejected,
            "audit_unsealed": signs.unsealed_events,
            "lease_epoch": signs.lease_epoch,
            "lease_left_seconds": signs.lease_left_s,
            "clock_skew_seconds": signs.clock_skew_s,
            "disk_free_share": self._disk_share,
        }
        for name, told in PLAIN.items():
            yield GaugeMetricFamily(f"parking_{name}", told, value=values[name])
        yield _labelled("receipts_today", "Payments of today", ("source",), _single(signs.receipts))
        yield _labelled("charges_today", "Charges of today", ("state",), _single(signs.charges))
        yield _labelled(
            "callbacks_today", "Callbacks of today", ("gateway", "level"), signs.callbacks
        )
        yield _labelled(
            "job_last_ok_age_seconds", "Since a job last ended well", ("job",),
            _single(signs.last_ok_age_s),
        )  # fmt: skip
        yield _labelled(
            "look_silent_seconds", "Since a look of the jobs process last ended well", ("look",),
            _single({beat.look: beat.silent_s for beat in signs.beats}),
        )  # fmt: skip
        yield _labelled(
            "look_failures", "How often in a row it failed", ("look",),
            _single({beat.look: beat.failures for beat in signs.beats}),
        )  # fmt: skip
        yield _labelled(
            "alarm", "What a person must see to: 1", ("alarm",),
            _single({alarm.name: 1 for alarm in signs.alarms}),
        )  # fmt: skip
        yield _labelled(
            "gateway_out", "Merchant accounts that do not answer, or are said not to: 1",
            ("gateway", "account"), signs.gateways_out,
        )  # fmt: skip


def _single(values: Mapping[str, float]) -> dict[tuple[str, ...], float]:
    return {(name,): value for name, value in values.items()}


def _labelled(
    name: str, told: str, labels: tuple[str, ...], values: Mapping[tuple[str, ...], float]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"parking_{name}", told, labels=labels)
    for of, value in values.items():
        family.add_metric(list(of), value)
    return family


def text(signs: Signs, disk_share: float) -> bytes:
    """The figures as the scraper reads them."""
    registry = CollectorRegistry()
    registry.register(_Figures(signs, disk_share))
    return generate_latest(registry)
