"""SOP definitions as JSON: what the check prints, and the form that pins a definition in the database."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any

from bot.domain.budget import Budget, Unit
from bot.domain.reminders import EarlyRung, Ladder
from bot.domain.sop import Completion, Dates, Field, Office, Post, Reading, Sop, Step, Zone
from bot.sop_files.budget_text import format_budget
from bot.sop_files.keys import COMPLETION_WORDS, STEP_FIELDS, field_word

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.sop_files.loader import Loaded

Json = dict[str, Any]  # any: the nesting of JSON has no useful static type
_TEXTS = ("legal_basis", "qualifications", "related", "equipment", "warnings", "records", "remedies")
_DATES = ("made", "revised", "approved", "effective")
_LADDER_BUDGETS = ("late_after", "superior_minimum", "head_after")


def check_json(loaded: Loaded) -> Json:
    """Return what ``sop-bot check --json`` prints, with its Indonesian keys."""
    return {
        "sop": [_check_sop(sop) for sop in loaded.sops],
        "masalah": [
            {"file": problem.file, "line": problem.line, "pesan": problem.message} for problem in loaded.problems
        ],
    }


def definition_to_dict(sop: Sop) -> Json:
    """Return a definition as JSON values with the domain's own names; nothing is lost.

    A mark that came later is left out where it is not set: what an older program pinned keeps its hash.
    """
    definition: Json = dict(_plain(asdict(sop)))
    for block, mark in [(definition, "secret"), *((step, "strategic") for step in definition["steps"])]:
        if not block[mark]:
            del block[mark]
    return definition


def definition_from_dict(data: Mapping[str, Any]) -> Sop:
    """Return the definition that ``definition_to_dict`` wrote.

    Fields that a younger program added may be absent; raises KeyError, TypeError or ValueError for
    anything that no program wrote.
    """
    return Sop(
        id=data["id"],
        name=data["name"],
        abbreviation=data["abbreviation"],
        office=_office(data["office"]),
        posts=tuple(_post(post) for post in data["posts"]),
        steps=tuple(_step(step) for step in data["steps"]),
        number=data.get("number"),
        dates=_dates(data.get("dates", {})),
        approved_by=data.get("approved_by"),
        ladder=_ladder(data.get("ladder")),
        source=data.get("source"),
        secret=data.get("secret", False),
        reading=_reading(data),
        **_texts(data),
    )


def _texts(data: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(data.get(key, ())) for key in _TEXTS}


def content_hash(sop: Sop) -> str:
    """Return the SHA-256 (hexadecimal) of a definition's canonical JSON; equal content, equal hash."""
    canonical = json.dumps(definition_to_dict(sop), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, str) else value  # str(): an enum's plain value


def _reading(block: Mapping[str, Any]) -> Reading:
    data = block.get("reading", {})
    return Reading(
        unconfirmed=tuple(Field(name) for name in data.get("unconfirmed", ())),
        original={Field(name): text for name, text in data.get("original", {}).items()},
        note=data.get("note"),
    )


def _office(data: Mapping[str, Any]) -> Office:
    return Office(id=data["id"], name=data["name"], zone=Zone(data["zone"]), reading=_reading(data))


def _post(data: Mapping[str, Any]) -> Post:
    return Post(id=data["id"], name=data["name"], superior=data.get("superior"), reading=_reading(data))


def _step(data: Mapping[str, Any]) -> Step:
    return Step(
        number=data["number"],
        activity=data["activity"],
        posts=tuple(data["posts"]),
        budget=_budget(data["budget"]),
        completion=Completion(data.get("completion", Completion.ALL)),
        requirements=tuple(data.get("requirements", ())),
        outputs=tuple(data.get("outputs", ())),
        decision=data.get("decision", False),
        reject_to=data.get("reject_to"),
        related=data.get("related"),
        strategic=data.get("strategic", False),
        reading=_reading(data),
    )


def _budget(data: Mapping[str, Any]) -> Budget:
    return Budget(data["amount"], Unit(data["unit"]))


def _dates(data: Mapping[str, Any]) -> Dates:
    return Dates(**{key: date.fromisoformat(data[key]) for key in _DATES if data.get(key)})


def _ladder(data: Mapping[str, Any] | None) -> Ladder | None:
    if data is None:
        return None
    early = tuple(EarlyRung(rung["percent"], _budget(rung["minimum"])) for rung in data["early"])
    return Ladder(early=early, **{key: _budget(data[key]) for key in _LADDER_BUDGETS})


def _check_sop(sop: Sop) -> Json:
    return {
        "id": sop.id,
        "nama": sop.name,
        "singkatan": sop.abbreviation,
        "instansi": {"id": sop.office.id, "nama": sop.office.name, "zona": sop.office.zone.value},
        "jabatan": [{"id": post.id, "nama": post.name, "atasan": post.superior} for post in sop.posts],
        "langkah": [_check_step(step) for step in sop.steps],
    }


def _check_step(step: Step) -> Json:
    return {
        "no": step.number,
        "kegiatan": step.activity,
        "pelaksana": list(step.posts),
        "penyelesaian": COMPLETION_WORDS[step.completion],
        "kelengkapan": list(step.requirements),
        "waktu": format_budget(step.budget),
        "output": list(step.outputs),
        "keputusan": step.decision,
        "tolak_ke": step.reject_to,
        "keterkaitan": step.related,
        "perkiraan": [field_word(STEP_FIELDS, field) for field in step.reading.unconfirmed],
        **({"strategis": True} if step.strategic else {}),
    }
