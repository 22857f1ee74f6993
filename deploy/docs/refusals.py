"""Every code that a refusal can carry, with what a person does about it."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Iterator

import deploy
import services
import shared
from deploy.docs.markdown import code, page, table
from services.accounts.domain import import_decision
from services.accounts.domain.ledger_file import FILE_REASONS, LedgerFileRefused
from services.accounts.domain.ledger_reasons import REASONS, Remedy
from services.bank_gateway.domain.bank_file import REASONS as BANK_REASONS
from services.bank_gateway.domain.bank_file import FileRefusal
from shared.chassis.service_client import PassedOn
from shared.kernel.errors import Refusal

INTRODUCTION = """\
A refusal is an answer: nothing was changed, and it says what to do. Over HTTP it is `application/problem+json` with `code`, `detail`,
`remedy`, `facts` (and `errors` with a place each, where a request's values are at fault); on the command line the same words, or with
`--json` the object `refusal`. Codes are stable: programs may rely on them, texts may improve. What is not a refusal is a defect:
status 500, code `defect`, and a `request_id` under which it was logged. What HTTP itself refuses (no such path, another method, a body
that is too large) has the name of its status as code: `not_found`, `method_not_allowed`, …"""

PACKAGES = ("shared", "services", "deploy")
CARRIERS = (Refusal, PassedOn, LedgerFileRefused, FileRefusal)
"""These carry a code that is given to each: another service's, or a reason of the lists below."""

EDGE = (
    ("defect", 500, "Something is broken here; report it with its request id."),
    ("not_ready", 503, "The database does not answer; `/readyz` only."),
)
"""Codes that the edge answers by itself, without a refusal."""


def refusals() -> str:
    return page(
        "Refusals", INTRODUCTION,
        "## Codes of routes and commands\n\n" + table(("code", "status", "remedy", "whose"), _codes()),
        "## A customer ledger that is not taken as a whole\n\nAlso codes of `POST /imports` and `nuan import`, status 422.\n\n"
        + table(("code", "what was found", "remedy", "处理"), _ledger_files()),
        "## A row of a customer ledger\n\nThe rest of the ledger comes in ([the rules](ledger-columns.md)).\n\n"
        + table(("reason", "remedy", "处理"), _ledger_rows(REASONS.items())),
        "## A sound row that contradicts what is here\n\n"
        + table(("reason", "remedy", "处理"), _ledger_rows(import_decision.REASONS.items())),
        "## A bank file that is not taken as a whole\n\n"
        "Also codes of the routes that take files, status 422. The level is where such a fault usually lies.\n\n"
        + table(("code", "level", "meaning"), ((code(name), *told) for name, told in BANK_REASONS.items())),
    )  # fmt: skip


def refusal_classes() -> list[type[Refusal]]:
    """Every refusal that is declared, by code."""
    for package in (shared, services, deploy):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations" not in module.name and not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    found = {kind for kind in _below(Refusal) if kind.__module__.split(".")[0] in PACKAGES}
    return sorted(found, key=lambda kind: (kind.code, kind.__module__, kind.__name__))


def _below(kind: type[Refusal]) -> Iterator[type[Refusal]]:
    for child in kind.__subclasses__():
        yield child
        yield from _below(child)


def _codes() -> Iterator[tuple[str, object, str, str]]:
    by_code: dict[str, list[type[Refusal]]] = {}
    for kind in refusal_classes():
        if kind not in CARRIERS:
            by_code.setdefault(kind.code, []).append(kind)
    for name, status, remedy in EDGE:
        yield code(name), status, remedy, "every"
    for name, kinds in by_code.items():
        statuses = ", ".join(map(str, dict.fromkeys(kind.status for kind in kinds)))
        remedies = " / ".join(dict.fromkeys(kind.remedy for kind in kinds))
        yield code(name), statuses, remedies, ", ".join(dict.fromkeys(map(_owner, kinds)))


def _owner(kind: type[Refusal]) -> str:
    package, name = kind.__module__.split(".")[:2]
    return {"services": name, "deploy": "*command line*"}.get(package, "every")


def _ledger_files() -> Iterable[tuple[str, str, str, str]]:
    return ((code(name), found, remedy, zh) for name, (found, zh, remedy) in FILE_REASONS.items())


def _ledger_rows(reasons: Iterable[tuple[str, Remedy]]) -> Iterable[tuple[str, str, str]]:
    return ((code(name), remedy.en, remedy.zh) for name, remedy in reasons)
