"""The auditor: computes a second time, from the event log alone, what should be, and reports what is not.

It shares no code with what writes the rows it looks at (see docs/adr/0014-auditor.md), and mends nothing.
"""

from bot.services.auditor.rounds import PORTION, Rounds, audit_cases, audit_outbox, next_round
from bot.services.auditor.telling import tell_findings

__all__ = ["PORTION", "Rounds", "audit_cases", "audit_outbox", "next_round", "tell_findings"]
