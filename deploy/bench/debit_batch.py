"""A debit batch that a bank was sent: the bench's send file and result, the batch adopted from it, its holds in payments."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import psycopg

from deploy.bench.homes import CALLER, account_no
from deploy.bench.season import DAY, OWN_IDS, PATTERN, one_number, writing
from deploy.bench.stage import Stage
from deploy.local.databases import conninfo
from services.bank_gateway.gateways.folder import WorkFolder
from services.bank_gateway.use_cases.adopt_batch import AdoptBatch, adopt_batch
from services.bank_gateway.use_cases.declare_bank import DeclareBank, declare_bank
from shared.chassis.codec import strict_json

BANK, TITLE, BANK_CODE, MERCHANT = "CHINAPAY", "银联电子支付", "0102", "808080201304412"
STEM = f"{MERCHANT}_{DAY:%Y%m%d}_000001"
PURPOSE = "供暖费2025-2026"
REFUSED_ONE_IN = 20
"""So many accounts have not enough money."""


class Sent(NamedTuple):
    """``result`` is the file to come; ``parts`` its rows without trailer, cut for as many workers."""

    batch_no: int
    result: Path
    parts: list[Path]


def send_batch(where: Stage, count: int, *, parts: int) -> Sent:
    """Adopt a batch over all homes, as handed over and claimed; its result lies beside the stage's folders."""
    send, result = where.folder / f"{STEM}_Q.txt", where.folder / f"{STEM}_P.txt"
    pieces = [where.folder / f"part-{number}" for number in range(parts)]
    _write_files(where, count, send, result, pieces)
    batch_no = _adopt(where, send)
    send.unlink()
    _hold(where, batch_no)
    return Sent(batch_no, result, pieces)


def _write_files(where: Stage, count: int, send: Path, result: Path, pieces: list[Path]) -> None:
    amount_fen = succeeded = succeeded_fen = 0
    share = -(-count // len(pieces))
    with send.open("w", encoding="gbk", newline="") as sent, result.open("w", encoding="gbk", newline="") as came:
        sent.write(f"{MERCHANT}|000001|{count}|{_owed_fen(where)}\n")
        for piece, first in zip(pieces, range(1, count + 1, share), strict=False):
            with piece.open("w", encoding="gbk", newline="") as part:
                for number, fen in _debts(where, first, min(first + share - 1, count)):
                    key, account, flagged = f"{DAY:%Y%m%d}{number:08d}", account_no(number), f"0|62220{number:014d}"
                    taken = number % REFUSED_ONE_IN != 0
                    amount_fen += fen
                    succeeded, succeeded_fen = succeeded + taken, succeeded_fen + fen * taken
                    sent.write(f"{DAY:%Y%m%d}|{key}|{BANK_CODE}|{flagged}|住户{number}|01|2101{number:014d}|{fen}|"
                               f"{PURPOSE}|{account}\n")  # fmt: skip
                    word = "1001|00" if taken else "1002|51"
                    line = f"{BANK_CODE}|{DAY:%Y%m%d}|{key}|{word}|{flagged}|{fen}|{PURPOSE}|{account}\n"
                    came.write(line)
                    part.write(line)
        came.write(f"{count}|{amount_fen}|{succeeded}|{succeeded_fen}\n")


def _debts(where: Stage, first: int, last: int) -> Iterator[tuple[int, int]]:
    """Number of the home and what it owes, in order."""
    with (
        closing(psycopg.connect(conninfo(where.databases["payments"]))) as connection,
        connection.cursor("debts") as cursor,
    ):
        cursor.itersize = 10_000
        cursor.execute(
            "SELECT account_no, amount_fen FROM receivables WHERE account_no BETWEEN %s AND %s ORDER BY account_no",
            (account_no(first), account_no(last)),
        )
        for account, fen in cursor:
            yield int(account), fen


def _owed_fen(where: Stage) -> int:
    query = f"SELECT sum(amount_fen) FROM receivables WHERE account_no <> '{account_no(PATTERN)}'"
    return one_number(where.databases["payments"], query)


def _adopt(where: Stage, send: Path) -> int:
    runtime = where.runtime("bank_gateway")
    bank = DeclareBank(BANK, TITLE, "chinapay", {"merchant": MERCHANT}, {TITLE: BANK_CODE})
    runtime.commands.run(declare_bank, bank, caller=CALLER)
    with send.open("rb") as content, WorkFolder(where.folder / "adopting").receive(content, name=send.name) as file:
        answer = runtime.commands.run(adopt_batch, AdoptBatch(file, BANK), caller=CALLER)
    runtime.engine.dispose()
    return int(strict_json(answer.body.decode())["batch_no"])


def _hold(where: Stage, batch_no: int) -> None:
    """What claiming leaves behind, in sets: item n is that of home n."""
    with writing(where.databases["payments"]) as (payments, command):
        payments.execute(
            "INSERT INTO holds (hold_id, command_id, account_no, bank, batch_no, item_no, amount_fen, as_of)"
            " SELECT %s + account_no::integer, %s, account_no, %s, %s, account_no::integer, amount_fen, %s"
            " FROM receivables WHERE account_no <> %s",
            (OWN_IDS, command, BANK, batch_no, DAY, account_no(PATTERN)),
        )
        payments.execute("UPDATE accounts a SET hold_id = h.hold_id FROM holds h WHERE h.account_no = a.account_no")
    with writing(where.databases["bank_gateway"]) as (gateway, _):
        gateway.execute("UPDATE batch_pages SET claimed = true")
        gateway.execute("UPDATE batches SET next_step = NULL")
