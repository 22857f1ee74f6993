"""Whoever dies while a bank's result is taken: it is brought again, and everything is taken once."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from tests.bank_gateway.desk import Desk
from tests.shared.killing import Killed, killed_at

OWED = {f"01100000{n:02d}": 1000 + n for n in range(1, 8)}
FAILED = {"0110000003": "insufficient"}
EVERY = 5
"""So many events lie between two of the moments that are tried; each statement has two."""


def sent(desk: Desk) -> tuple[int, tuple[str, bytes]]:
    """A batch that was handed over, and the bank's result of it."""
    batch_no = desk.collecting(OWED)["batch_no"]
    return batch_no, desk.reference_result(batch_no, FAILED)


def left_behind(desk: Desk, batch_no: int) -> dict[str, Any]:
    batch = desk.get(f"/batches/{batch_no}")
    return {
        "batch": {name: batch[name] for name in ("state", "succeeded", "failed", "unknown")},
        "results": desk.rows("SELECT item_no, account_no, reason, collected_fen FROM results ORDER BY item_no"),
        "files": desk.rows("SELECT name, kind, outcome FROM files WHERE outcome <> 'refused' ORDER BY kind, name"),
        "moves": desk.rows("SELECT verb, from_state, to_state FROM batch_moves ORDER BY move_id"),
        "told": desk.results_told(),
        "spooled": [path.name for path in (desk.folder / "spool").iterdir()],
        "kept": len(list((desk.folder / "kept").iterdir())),
    }


def test_a_result_killed_at_any_moment_and_brought_again_is_taken_once(make_desk: Callable[[], Desk]) -> None:
    whole = make_desk()
    batch_no, result = sent(whole)
    whole.upload("/batches/results", *result, key="first")
    expected = left_behind(whole, batch_no)
    assert (expected["batch"]["succeeded"], expected["batch"]["failed"], len(expected["told"])) == (6, 1, 7)
    moments = []
    for point in itertools.count(1, EVERY):
        desk = make_desk()
        batch_no, result = sent(desk)
        try:
            with killed_at(point) as happened:
                desk.upload("/batches/results", *result, key="first")
        except Killed:
            moments.append(happened[-1])
        else:
            break
        desk.upload("/batches/results", *result, key="first")  # the same request again
        while desk.errands.once():
            pass
        assert left_behind(desk, batch_no) == expected, happened[-1]
    assert len(moments) > 8, moments
