"""Payments tells which successes of a batch are in the books; the batch counts them."""

from __future__ import annotations

from services.bank_gateway.storage.batches import BatchNotFound
from shared.chassis.unit_of_work import Work
from shared.messages.payments import DebitsPosted


def count_posted_debits(event: DebitsPosted, work: Work) -> None:
    """Refuses `batch_not_found`."""
    settled_fen = sum(item.settled_fen for item in event.items)
    credit_fen = sum(item.credit_fen for item in event.items)
    counted = work.rows(
        "UPDATE batch_progress SET posted_count = posted_count + %s, settled_fen = settled_fen + %s,"
        " credit_fen = credit_fen + %s WHERE batch_no = %s RETURNING 1",
        (len(event.items), settled_fen, credit_fen, event.batch_no),
    )
    if not counted:
        raise BatchNotFound("payments posted debits of a batch that is not here", batch_no=event.batch_no)
