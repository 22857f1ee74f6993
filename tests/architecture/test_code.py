"""What a reader may rely on without looking: no clock and no framework in a domain, moves only along a lifecycle,
every verb has its tests, one verb is one file."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from pathlib import Path

import pytest

from shared.chassis.settings import SERVICES
from tests.architecture.code import ROOT, domains, imports_of, modules, tree_of

FRAMEWORKS = ("flask", "flask_smorest", "sqlalchemy", "psycopg", "kombu", "requests", "marshmallow", "gunicorn",
              "structlog", "prometheus_client", "shared.chassis", "os", "socket", "subprocess", "random", "uuid",
              "secrets", "threading")  # fmt: skip
FORBIDDEN = tuple(f"{name}." for name in FRAMEWORKS)
LOOKS_AT_A_FILE = {("services.bank_gateway.domain.check", "os")}
"""Judging a bank's file begins with what kind of file it is."""
CLOCKS = {"now", "today", "utcnow", "time", "monotonic", "perf_counter", "time_ns", "localtime", "gmtime"}


def test_domains_are_found() -> None:
    assert len(domains()) > 30


@pytest.mark.parametrize("module", domains())
def test_a_domain_knows_no_framework_no_machine_and_no_chance(module: str) -> None:
    for name in imports_of(module):
        assert not f"{name}.".startswith(FORBIDDEN) or (module, name) in LOOKS_AT_A_FILE, f"{module} imports {name}"


@pytest.mark.parametrize("module", domains())
def test_a_domain_never_asks_for_the_time(module: str) -> None:
    asked = [ast.unparse(node.func) for node in ast.walk(tree_of(module)) if isinstance(node, ast.Call)]
    clocks = [call for call in asked if re.fullmatch(r"(datetime|date|time|datetime\.datetime|datetime\.date)\.\w+", call)
              and call.rsplit(".", 1)[1] in CLOCKS]  # fmt: skip
    assert clocks == []
    assert "time" not in imports_of(module)


BUSINESS = [module for module in modules(*(f"services/{service}" for service in SERVICES))
            if ".migrations" not in module and not module.endswith("__main__")]  # fmt: skip


READS_A_SPREADSHEET = "services.accounts.formats.workbook.cell_text"
"""A workbook holds its numbers as floats; what they were is found again there, once."""


@pytest.mark.parametrize("module", [module for module in BUSINESS if module != READS_A_SPREADSHEET])
def test_money_is_never_a_float(module: str) -> None:
    """A duration may be one; an amount, an area, a rate may not."""
    for node in ast.walk(tree_of(module)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float":
            pytest.fail(f"{module}:{node.lineno} makes a float")
        if isinstance(node, ast.Constant) and type(node.value) is float and ".domain" in module:
            pytest.fail(f"{module}:{node.lineno} holds a float")


@pytest.mark.parametrize("module", BUSINESS)
def test_nothing_rests_on_an_assertion_that_an_option_of_python_removes(module: str) -> None:
    asserted = [node.lineno for node in ast.walk(tree_of(module)) if isinstance(node, ast.Assert)]
    assert asserted == []


@pytest.mark.parametrize("module", BUSINESS)
def test_a_state_is_assigned_by_a_lifecycle_alone(module: str) -> None:
    """Whoever gives a thing another state asks its table for it."""
    for function in [node for node in ast.walk(tree_of(module)) if isinstance(node, ast.FunctionDef)]:
        assigned = [node for node in ast.walk(function) if isinstance(node, (ast.Assign, ast.AugAssign))]
        targets = [target for node in assigned for target in getattr(node, "targets", [getattr(node, "target", None)])]
        flat = [part for target in targets for part in (target.elts if isinstance(target, ast.Tuple) else [target])]
        if any(isinstance(target, ast.Attribute) and target.attr == "state" for target in flat):
            assert ".after(" in ast.unparse(function), f"{module}.{function.name} assigns a state and asks no lifecycle"


STATE_IN_SQL = re.compile(
    r"UPDATE\s+(\w+)[^;]*?SET[^;]*?\bstate\s*=\s*('\w+'|%s|%\(\w+\)s|v\.state)", re.IGNORECASE | re.DOTALL
)


def test_a_state_is_written_in_one_module_a_thing() -> None:
    """A table's state changes in the one storage module of its aggregate (or of its service's rows)."""
    found: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for module in BUSINESS:
        texts = [node.value for node in ast.walk(tree_of(module))
                 if isinstance(node, ast.Constant) and isinstance(node.value, str)]  # fmt: skip
        for text in texts:
            for match in STATE_IN_SQL.finditer(text):
                found[module.split(".")[1], match[1]].add(module)
    assert {("bank_gateway", "batches"), ("bank_gateway", "cases"), ("payments", "holds")} <= set(found)
    for (service, table), written in found.items():
        assert len(written) == 1, f"{table} of {service} gets its state in {written}"
        assert ".storage." in next(iter(written)), (table, written)


# One verb, one file, one stem

USE_CASES = [module for module in modules(*(f"services/{service}/use_cases" for service in SERVICES))
             if not module.endswith("use_cases")]  # fmt: skip


@pytest.mark.parametrize("module", USE_CASES)
def test_a_use_case_is_a_function_of_its_files_name_and_says_what_it_does(module: str) -> None:
    stem = module.rsplit(".", 1)[1]
    functions = {node.name: node for node in tree_of(module).body if isinstance(node, ast.FunctionDef)}
    public = [name for name in functions if not name.startswith("_")]
    assert stem in public, f"{module} has no function {stem}"
    first = ast.get_docstring(functions[stem]) or ast.get_docstring(tree_of(module))
    assert first, f"{module} says nothing"


@pytest.mark.parametrize("module", USE_CASES)
def test_a_use_case_calls_no_other_use_case(module: str) -> None:
    others = [name for name in imports_of(module) if ".use_cases." in name and name != module]
    assert others == []


TESTS = {path: path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("*.py") if path != Path(__file__)}


@pytest.mark.parametrize("module", USE_CASES)
def test_a_use_case_has_a_test_that_names_it(module: str) -> None:
    """A test module of the verb's name, or a test of its service that speaks of it."""
    service, stem = module.split(".")[1], module.rsplit(".", 1)[1]
    word = re.compile(rf"(?<![a-z]){stem}(?![a-z])")
    own = [(path, text) for path, text in TESTS.items() if service in path.parts or f"services.{service}." in text]
    assert [path for path, text in own if word.search(path.stem) or word.search(text)]


# Messages


def test_every_event_type_is_taken_or_passed_over_by_name_by_every_service_that_listens() -> None:
    """A type that a service has never heard of is parked: so the list of those it ignores is complete."""
    import importlib

    from shared.chassis.bus import SUBSCRIPTIONS

    told = {service: {event.NAME for event in importlib.import_module(f"shared.messages.{service}").EVENTS}
            for service in SERVICES}  # fmt: skip
    for service, producers in SUBSCRIPTIONS.items():
        consumer = importlib.import_module(f"services.{service}.consumer")
        for producer in producers:
            taken, ignored = set(consumer.HANDLERS.get(producer, {})), set(consumer.IGNORED.get(producer, ()))
            assert taken | ignored == told[producer], f"{service} of {producer}"
            assert not taken & ignored
            for name, handler in consumer.HANDLERS.get(producer, {}).items():
                assert name == handler.message.NAME


def test_every_event_of_accounts_is_told_to_partners_or_withheld_from_them_by_name() -> None:
    """Whether partners may know of it is decided where it is made (`services/accounts/domain/partner_events.py`)."""
    from services.accounts.domain.partner_events import TOLD, WITHHELD
    from shared.messages.accounts import EVENTS

    assert {event.NAME for event in EVENTS} == set(TOLD) | set(WITHHELD)
    assert not set(TOLD) & set(WITHHELD)
