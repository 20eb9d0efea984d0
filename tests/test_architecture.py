"""The order of the parts, held by a test: imports point upstream only."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# A part may import itself and the parts above it in this list, never those below.
FLOW = [
    "money", "errors", "business_day", "clock", "logging", "database",
    "audit", "access", "ledger", "qris", "gateways", "registry", "shifts",
    "charges", "payments", "deposits", "statements", "reconciliation", "refunds",
    "documents", "complaints", "performance", "reports", "health", "invariants",
    "api",
    "pages", "http_errors", "parts", "app", "sandbox", "demo", "bench", "cli",
]  # fmt: skip

# What speaks HTTP for a feature is put together by the application: it may use these of its parts.
EDGE = {"parts", "pages", "http_errors"}

# Modules that act, keep or speak HTTP say so by their names; every other module of a feature
# whose name is a noun computes, and touches nothing outside.
PURE = [
    "parking/money.py",
    "parking/errors.py",
    "parking/business_day.py",
    "parking/audit/chain.py",
    "parking/access/attempt.py",
    "parking/access/origin.py",
    "parking/access/password.py",
    "parking/ledger/entry.py",
    "parking/qris/check_digits.py",
    "parking/qris/tlv.py",
    "parking/qris/structure.py",
    "parking/qris/nns.py",
    "parking/qris/remarks.py",
    "parking/qris/inspection.py",
    "parking/qris/payload.py",
    "parking/qris/symbol.py",
    "parking/gateways/protocol.py",
    "parking/gateways/snap_answers.py",
    "parking/gateways/snap_door.py",
    "parking/gateways/snap_messages.py",
    "parking/gateways/snap_profile.py",
    "parking/gateways/snap_signature.py",
    "parking/gateways/outage.py",
    "parking/gateways/breaker.py",
    "parking/gateways/xendit_messages.py",
    "parking/gateways/cells.py",
    "parking/gateways/mapped_report.py",
    "parking/gateways/report_layout.py",
    "parking/gateways/mapping_parts.py",
    "parking/gateways/report_mapping.py",
    "parking/gateways/statement_mapping.py",
    "parking/gateways/table.py",
    "parking/gateways/zone.py",
    "parking/registry/facts.py",
    "parking/registry/rules.py",
    "parking/registry/routing.py",
    "parking/registry/lines.py",
    "parking/shifts/shift.py",
    "parking/shifts/screen.py",
    "parking/shifts/tickets.py",
    "parking/charges/charge.py",
    "parking/charges/screen.py",
    "parking/charges/schedule.py",
    "parking/payments/payment.py",
    "parking/payments/decide.py",
    "parking/payments/line.py",
    "parking/refunds/refund.py",
    "parking/refunds/words.py",
    "parking/deposits/deadlines.py",
    "parking/deposits/handover.py",
    "parking/deposits/sts.py",
    "parking/invariants/invariant.py",
    "parking/bench/notifications.py",
    "parking/bench/invented_day.py",
    "parking/statements/settlement.py",
    "parking/statements/statement.py",
    "parking/statements/upload.py",
    "parking/statements/calendar.py",
    "parking/statements/joining.py",
    "parking/statements/mapped_statement.py",
    "parking/statements/told_statement.py",
    "parking/reconciliation/bank_day.py",
    "parking/reconciliation/bank_matching.py",
    "parking/reconciliation/bank_naming.py",
    "parking/reconciliation/bank_rule.py",
    "parking/reconciliation/cash_day.py",
    "parking/reconciliation/cash_naming.py",
    "parking/reconciliation/bank_lines.py",
    "parking/reconciliation/suggesting.py",
    "parking/reconciliation/catalogue.py",
    "parking/reconciliation/closing/readiness.py",
    "parking/reconciliation/discrepancy.py",
    "parking/reconciliation/equations.py",
    "parking/reconciliation/field_work.py",
    "parking/reconciliation/inputs.py",
    "parking/reconciliation/matching.py",
    "parking/reconciliation/naming.py",
    "parking/reconciliation/people_day.py",
    "parking/reconciliation/rule_trial.py",
    "parking/reconciliation/people_naming.py",
    "parking/reconciliation/result.py",
    "parking/reconciliation/summary.py",
    "parking/reconciliation/chain.py",
    "parking/reconciliation/chart.py",
    "parking/reconciliation/figures.py",
    "parking/reconciliation/lines.py",
    "parking/reconciliation/timeline.py",
    "parking/reconciliation/words.py",
    "parking/reconciliation/cases/case.py",
    "parking/reconciliation/cases/plan.py",
    "parking/reconciliation/cases/proposal.py",
    "parking/reconciliation/cases/warning.py",
    "parking/reports/report.py",
    "parking/reconciliation/night.py",
    "parking/health/alarms.py",
    "parking/health/signs.py",
]
OUTSIDE = {
    "flask", "sqlalchemy", "psycopg", "requests", "apscheduler", "os", "sys", "socket",
    "subprocess", "config", "click", "structlog",
}  # fmt: skip

MODULES = sorted(p.relative_to(ROOT).as_posix() for p in (ROOT / "parking").rglob("*.py"))


def imports(path: str) -> set[str]:
    """Every module that a file imports, also inside functions."""
    found = set()
    for node in ast.walk(ast.parse((ROOT / path).read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def part(dotted: str) -> str:
    return dotted.split(".")[1]


@pytest.mark.parametrize("path", [m for m in MODULES if m != "parking/__init__.py"])
def test_a_part_imports_only_the_parts_above_it(path):
    own = part(path.removesuffix(".py").replace("/", "."))
    above = set(FLOW[: FLOW.index(own) + 1])
    if path.endswith("routes.py"):
        above |= EDGE

    used = {part(name) for name in imports(path) if name.startswith("parking.")}

    assert used <= above, f"{path} imports {sorted(used - above)}, which come after it"


@pytest.mark.parametrize("path", PURE)
def test_a_noun_touches_nothing_outside(path):
    assert not {name.split(".")[0] for name in imports(path)} & OUTSIDE


def test_nothing_imports_the_sandbox_but_its_command_and_the_measurements():
    users = [m for m in MODULES if any(i.startswith("parking.sandbox") for i in imports(m))]
    allowed = ("parking/sandbox/", "parking/cli/sandbox", "parking/bench/")

    assert [m for m in users if not m.startswith(allowed)] == []


def test_packages_are_empty():
    assert [m for m in MODULES if m.endswith("__init__.py") and (ROOT / m).read_text()] == []
