"""Refunds in the books: credit is promised, paid out, or given back to the payer."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from services.payments.channels import CHANNELS, channel
from services.payments.domain import ledger
from services.payments.domain.refund import ExceedsRefundable, NoWayBack
from services.payments.storage.accounts import lock_accounts
from services.payments.storage.books import Books
from services.payments.storage.refunds import Refund, move_refunds
from shared.chassis.unit_of_work import Work
from shared.kernel.money import format_yuan
from shared.messages.payments import ChangedRefund, RefundsChanged

Moved = Sequence[tuple[Refund, tuple[str, ...], str | None]]
"""Refunds with their verbs and a remark."""


def promise(work: Work, refunds: Sequence[Refund]) -> list[Refund]:
    """The credit of all these refunds becomes money that is to be paid, or of none.

    Refuses `exceeds_refundable`, `no_way_back`.
    """
    return _promised(work, refunds, otherwise=_refuse)


def promise_what_is_there(work: Work, refunds: Sequence[Refund]) -> list[Refund]:
    """The same, and a refund whose credit was used meanwhile, or that has no way back, is passed over with the reason."""
    return _promised(work, refunds, otherwise=lambda refund, reason: (refund, ("pass_over",), reason))


def _promised(work: Work, refunds: Sequence[Refund],
              otherwise: Callable[[Refund, str], tuple[Refund, tuple[str, ...], str | None]]) -> list[Refund]:  # fmt: skip
    books = _books(work, refunds)
    left_fen, no_way = _left_fen(work, refunds), _through_taken_back(work, refunds)
    moved = []
    for refund in refunds:
        if refund.refund_id in no_way or not CHANNELS[refund.channel].is_open:
            moved.append(otherwise(refund, NoWayBack.code))
        elif left_fen.get(refund.credit_id, 0) < refund.amount_fen:
            moved.append(otherwise(refund, ExceedsRefundable.code))
        else:
            left_fen[refund.credit_id] -= refund.amount_fen
            books.use_credit(refund.credit_id, refund.amount_fen)
            _post(books, refund, ledger.CREDIT, ledger.REFUND_PAYABLE)
            moved.append((refund, ("approve",), None))
    return _moved(work, books, moved)


def pay_out(work: Work, refunds: Sequence[Refund]) -> list[Refund]:
    """The money is on its way; cash is handed over, and that is known at once."""
    books = _books(work, refunds)
    moved: list[tuple[Refund, tuple[str, ...], str | None]] = []
    for refund in refunds:
        handed_over = channel(refund.channel).is_cash
        if handed_over:
            _post(books, refund, ledger.REFUND_PAYABLE, channel(refund.channel).ledger)
        moved.append((refund, ("pay_out", "confirm") if handed_over else ("pay_out",), None))
    return _moved(work, books, moved)


def settle(work: Work, results: Sequence[tuple[Refund, str, str | None]]) -> list[Refund]:
    """What became of the money, by the verb: confirm, lose_sight, fail or come_back; with a remark."""
    books = _books(work, [refund for refund, _, _ in results])
    for refund, verb, _ in results:
        out = channel(refund.channel).ledger
        if verb == "confirm":
            _post(books, refund, ledger.REFUND_PAYABLE, out)
        elif verb in ("fail", "come_back"):
            books.use_credit(refund.credit_id, -refund.amount_fen)
            _post(books, refund, ledger.REFUND_PAYABLE if verb == "fail" else out, ledger.CREDIT)
    return _moved(work, books, [(refund, (verb,), remark) for refund, verb, remark in results])


def _books(work: Work, refunds: Sequence[Refund]) -> Books:
    return Books(work, lock_accounts(work, {refund.account_no for refund in refunds}))


def _left_fen(work: Work, refunds: Sequence[Refund]) -> dict[int, int]:
    """By credit, what is left of it. Its account is locked."""
    rows = work.rows(
        "SELECT credit_id, amount_fen - used_fen FROM credits WHERE credit_id = ANY(%s)",
        ([refund.credit_id for refund in refunds],),
    )
    return dict(rows)


def _through_taken_back(work: Work, refunds: Sequence[Refund]) -> set[int]:
    """Those of the refunds whose payment was taken back since they were asked for: it carries nothing any more."""
    rows = work.rows(
        "SELECT r.refund_id FROM refunds r JOIN payments back ON back.reverses = r.via AND back.channel = r.channel"
        " WHERE r.refund_id = ANY(%s)",
        ([refund.refund_id for refund in refunds],),
    )
    return {row[0] for row in rows}


def _post(books: Books, refund: Refund, source: str, target: str) -> None:
    """Money that is owed to somebody (or lies in a channel) leaves ``source`` for ``target``."""
    books.post(ledger.moved(source, target, refund.amount_fen, account_no=refund.account_no, payer=refund.payer,
                            season=None, reference=refund.refund_id))  # fmt: skip


def _moved(work: Work, books: Books, moved: Moved) -> list[Refund]:
    after = move_refunds(work, moved)
    told = [refund for refund in after if refund.state != "passed_over"]
    versions = {refund.account_no: books.version_of(refund.account_no) for refund in told}
    books.close()
    if told:
        work.emit(RefundsChanged(tuple(
            ChangedRefund(r.account_no, versions[r.account_no], r.refund_id, r.payer, r.channel, r.amount_fen, r.state,
                          work.today)
            for r in told
        )))  # fmt: skip
    return after


def _refuse(refund: Refund, reason: str) -> tuple[Refund, tuple[str, ...], str | None]:
    facts = {"account_no": refund.account_no, "amount": format_yuan(refund.amount_fen)}
    if reason == NoWayBack.code:
        raise NoWayBack(
            "the payment was taken back, or nobody is paid through this channel", channel=refund.channel, **facts
        )
    raise ExceedsRefundable("this credit was used meanwhile", **facts)
