"""What the program counts about itself, for Prometheus. Only kinds are labels, never people or cases.

Counters live in this process and start at zero with it. What depends on the database (depth, age and lag)
is read from it when somebody asks.
"""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter

REGISTRY = CollectorRegistry()


def _counter(name: str, about: str, *labels: str) -> Counter:
    return Counter(f"sop_bot_{name}", about, labels, registry=REGISTRY)


UPDATES = _counter("updates", "Updates dealt with, by kind of update", "kind")
TRANSITIONS = _counter("transitions", "Events written to the log, by kind", "kind")
DELIVERIES = _counter("deliveries", "What became of attempts to deliver a message", "outcome")
WEBHOOK_REFUSED = _counter("webhook_refused", "Requests that the webhook turned away, by reason", "why")
ERRORS = _counter("errors", "Errors by where they came up", "kind")
FLOODS = _counter("floods", "Updates left unanswered because somebody sent too many")
FINDINGS = _counter("audit_findings", "Differences the auditor found, by kind", "kind")
BOARD_SIGN_INS = _counter("board_sign_ins", "Attempts to open the live board, by how they ended", "outcome")
