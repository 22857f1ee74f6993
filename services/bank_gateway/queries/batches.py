"""A batch as it stands: what was asked, what came back, how much of it is in the books."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from services.bank_gateway.domain.debit_batch import CLOSED, HANDED_OVER, RETURNED, answer_due_on, is_overdue
from services.bank_gateway.domain.masking import masked_number
from services.bank_gateway.storage.batches import OVERDUE, Batch, read_batch
from services.bank_gateway.storage.files import StoredFile, read_file
from services.bank_gateway.storage.items import remarks_of
from shared.chassis.collection_rules import rules_on
from shared.chassis.unit_of_work import Work
from shared.kernel.money import format_yuan


def sent_file(work: Work, batch_no: int) -> StoredFile | None:
    """The file that goes, or went, to the bank; none while it is not written. Refuses `batch_not_found`."""
    batch = read_batch(work, batch_no)
    return None if batch.file_id is None else read_file(work, batch.file_id)


def batch_view(work: Work, batch_no: int) -> dict[str, Any]:
    """Everything about a batch but its items. Refuses `batch_not_found`.

    ``posting`` is there while results are told to payments and it has not posted all of them yet.
    """
    batch = read_batch(work, batch_no)
    results = _results(work, batch)
    return {
        "batch_no": batch.batch_no,
        "bank": batch.bank,
        "profile": batch.profile,
        "state": batch.state,
        "waits_for": batch.next_step,
        "as_of": batch.as_of.isoformat(),
        **_answer(batch.state, batch.as_of, batch.unknown_count, timeout_days=_timeout_days(work), today=work.today),
        "file_no": batch.file_no,
        "adopted": batch.adopted,
        "count": batch.item_count,
        "amount": format_yuan(batch.amount_fen),
        "sent": batch.item_count if batch.state in (HANDED_OVER, RETURNED, CLOSED) else 0,
        "remarks": _counts(work, "SELECT reason, count(*) FROM claim_remarks WHERE batch_no = %s GROUP BY 1", batch),
        "withdrawn": _counts(work, "SELECT reason, count(*) FROM withdrawals WHERE batch_no = %s GROUP BY 1", batch),
        "claims": _claims(work, batch),
        "file": _file(work, batch),
        **results,
        "history": _history(work, batch),
    }


def _results(work: Work, batch: Batch) -> dict[str, Any]:
    row = work.rows(
        "SELECT coalesce(sum(succeeded_count), 0)::integer, coalesce(sum(failed_count), 0)::integer,"
        " coalesce(sum(collected_fen), 0)::bigint, coalesce(sum(told_count), 0)::integer"
        " FROM result_files WHERE batch_no = %s",
        (batch.batch_no,),
    )[0]
    succeeded, failed, collected_fen, told = row
    posted, settled_fen, credit_fen = work.rows(
        "SELECT posted_count, settled_fen, credit_fen FROM batch_progress WHERE batch_no = %s", (batch.batch_no,)
    )[0]
    classes: dict[str, int] = {}
    for (counts,) in work.rows("SELECT classes FROM result_files WHERE batch_no = %s", (batch.batch_no,)):
        for reason, count in counts.items():
            classes[reason] = classes.get(reason, 0) + count
    unfinished = told < succeeded + failed or posted < succeeded
    return {
        "succeeded": succeeded, "failed": failed, "unknown": batch.unknown_count,
        "collected": format_yuan(collected_fen), "classes": dict(sorted(classes.items())),
        "posted": posted, "settled": format_yuan(settled_fen), "credit": format_yuan(credit_fen),
        "posting": {"told": told, "of": succeeded + failed, "posted": posted, "to_post": succeeded} if unfinished else None,
    }  # fmt: skip


def _claims(work: Work, batch: Batch) -> dict[str, int]:
    pages, claimed = work.rows(
        "SELECT count(*), count(*) FILTER (WHERE claimed) FROM batch_pages WHERE batch_no = %s", (batch.batch_no,)
    )[0]
    waiting = work.rows(
        "SELECT coalesce(sum(cardinality(item_nos)), 0)::integer FROM releases WHERE batch_no = %s AND NOT done",
        (batch.batch_no,),
    )[0][0]
    return {"pages": pages, "claimed_pages": claimed, "to_release": waiting}


def _counts(work: Work, sql: str, batch: Batch) -> dict[str, int]:
    return dict(sorted(work.rows(sql, (batch.batch_no,))))


def _file(work: Work, batch: Batch) -> dict[str, Any] | None:
    if batch.file_id is None:
        return None
    file = read_file(work, batch.file_id)
    return {
        "name": file.name,
        "bytes": file.size,
        "sha256": file.sha256.hex(),
        "current": batch.file_version == batch.version,
    }


def _history(work: Work, batch: Batch) -> list[dict[str, Any]]:
    rows = work.rows(
        "SELECT m.verb, m.from_state, m.to_state, m.reason, c.actor, c.business_on, c.at FROM batch_moves m"
        " JOIN commands c USING (command_id) WHERE m.batch_no = %s ORDER BY c.at, m.move_id",
        (batch.batch_no,),
    )
    return [
        {
            "verb": verb,
            "from": before,
            "to": after,
            "reason": reason,
            "by": actor,
            "on": day.isoformat(),
            "at": at.isoformat(),
        }
        for verb, before, after, reason, actor, day, at in rows
    ]


def _timeout_days(work: Work) -> int:
    return rules_on(work, work.today).batch_timeout_days


def _answer(state: str, as_of: date, unknown_count: int, *, timeout_days: int, today: date) -> dict[str, Any]:
    """Until when the bank's answer is in time, and whether it is late."""
    due_on = answer_due_on(as_of, timeout_days)
    late = is_overdue(state, unknown_count=unknown_count, due_on=due_on, today=today)
    return {"answer_due_on": due_on.isoformat(), "overdue": late}


def batches(
    work: Work, *, bank: str | None, state: str | None, overdue: bool, before: int, limit: int
) -> dict[str, Any]:
    """The newest first, or only those whose answer is late; ``next`` is what to ask ``before``."""
    timeout_days = _timeout_days(work)
    rows = work.rows(
        "SELECT batch_no, bank, state, as_of, unknown_count, item_count, amount_fen FROM batches"
        " WHERE (%(bank)s::text IS NULL OR bank = %(bank)s) AND (%(state)s::text IS NULL OR state = %(state)s)"
        f" AND (NOT %(overdue)s OR {OVERDUE}) AND batch_no < %(before)s ORDER BY batch_no DESC LIMIT %(limit)s",
        {"bank": bank, "state": state, "overdue": overdue, "before": before, "limit": limit,
         "due_before": work.today - timedelta(days=timeout_days)},
    )  # fmt: skip
    return {
        "batches": [
            {"batch_no": number, "bank": code, "state": stands, "as_of": as_of.isoformat(),
             **_answer(stands, as_of, unknown, timeout_days=timeout_days, today=work.today),
             "count": count, "amount": format_yuan(amount_fen)}
            for number, code, stands, as_of, unknown, count, amount_fen in rows
        ],
        "next": rows[-1][0] if len(rows) == limit else None,
    }  # fmt: skip


def batch_items(work: Work, batch_no: int, *, after: int, limit: int) -> dict[str, Any]:
    """Items in order, with what became of each; account numbers of banks are masked."""
    read_batch(work, batch_no)
    rows = work.rows(
        "SELECT i.item_no, i.key, i.account_no, i.bank_account, i.amount_fen, r.reason, r.collected_fen, w.reason,"
        " EXISTS (SELECT FROM unknown_results u WHERE u.batch_no = i.batch_no AND u.item_no = i.item_no)"
        " FROM batch_items i LEFT JOIN results r USING (batch_no, item_no) LEFT JOIN withdrawals w USING (batch_no, item_no)"
        " WHERE i.batch_no = %s AND i.item_no > %s ORDER BY i.item_no LIMIT %s",
        (batch_no, after, limit),
    )
    return {
        "items": [
            {"item_no": item_no, "key": key, "account_no": account_no, "bank_account": masked_number(bank_account),
             "amount": format_yuan(amount_fen), "state": _state(result, withdrawn, unknown), "reason": result or withdrawn,
             "collected": None if collected_fen is None else format_yuan(collected_fen)}
            for item_no, key, account_no, bank_account, amount_fen, result, collected_fen, withdrawn, unknown in rows
        ],
        "next": rows[-1][0] if len(rows) == limit else None,
    }  # fmt: skip


def _state(result: str | None, withdrawn: str | None, unknown: bool) -> str:
    if result is not None:
        return "succeeded" if result == "ok" else "failed"
    if withdrawn is not None:
        return "withdrawn"
    return "unknown" if unknown else "open"


def batch_remarks(work: Work, batch_no: int, *, reason: str | None, after: int, limit: int) -> dict[str, Any]:
    """Items that payments passed over, claimed with another amount, or that the file cannot carry."""
    read_batch(work, batch_no)
    rows = remarks_of(work, batch_no, reasons=None if reason is None else [reason], after=after, limit=limit)
    return {
        "remarks": [
            {"item_no": item_no, "account_no": account_no, "reason": why, "detail": detail,
             "claimed": None if claimed_fen is None else format_yuan(claimed_fen)}
            for item_no, account_no, why, claimed_fen, detail in rows
        ],
        "next": rows[-1][0] if len(rows) == limit else None,
    }  # fmt: skip
