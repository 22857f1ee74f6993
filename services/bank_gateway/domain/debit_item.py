"""What a mandate becomes in a debit file, and what must come back of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from services.bank_gateway.domain.bank_file import SentItem
from services.bank_gateway.domain.bank_format import BankFormat
from services.bank_gateway.domain.record import Rows

RESIDENT_ID = "身份证"
PURPOSE = "供暖费"

_BETWEEN = "\x1f"  # a control character: in no text of a bank file


@dataclass(frozen=True, slots=True)
class BankTerms:
    """How a bank wants to be asked, as it stood when the batch was built.

    ``parameters`` are those of its layout (who we are there); ``bank_codes`` numbers of banks by the name under
    which mandates know them.
    """

    parameters: Mapping[str, str]
    bank_codes: Mapping[str, str]
    purpose: str = PURPOSE

    def stored(self) -> dict[str, object]:
        return {"parameters": dict(self.parameters), "bank_codes": dict(self.bank_codes), "purpose": self.purpose}


@dataclass(frozen=True, slots=True)
class Debtor:
    """The mandate behind an item."""

    account_no: str
    bank_name: str
    bank_account: str
    holder: str
    id_type: str
    id_no: str


def sent_item(debtor: Debtor, *, key: str, item_no: int, amount_fen: int, terms: BankTerms) -> SentItem:
    return SentItem(
        key=key, account_no=debtor.account_no, bank_account=debtor.bank_account, holder=debtor.holder,
        amount_fen=amount_fen, item_no=item_no, bank_code=terms.bank_codes.get(debtor.bank_name, ""),
        card_flag=card_flag(debtor.bank_account), id_type="01" if debtor.id_type == RESIDENT_ID else "00",
        id_no=debtor.id_no, purpose=terms.purpose,
    )  # fmt: skip


def card_flag(bank_account: str) -> str:
    """``"0"`` a card (16 to 19 digits that begin with 62), ``"1"`` a passbook or another account."""
    is_card = 16 <= len(bank_account) <= 19 and bank_account.startswith("62") and bank_account.isdigit()
    return "0" if is_card else "1"


def echoes_of(rows: Rows, *, bank_format: BankFormat) -> list[str]:
    """What must come back of each row of a send file, or has come back in a result: one text a row.

    Blanks at the end of a field do not count.
    """
    columns = [_without_trailing_blanks(rows.texts(means)) for means in bank_format.echoes]
    return list(map(_BETWEEN.join, zip(*columns, strict=True)))


def _without_trailing_blanks(column: list[str]) -> list[str]:
    together = "".join(column)
    if together.isascii() and " " not in together:
        return column
    return [text.rstrip() for text in column]


def split_echo(echo: str) -> list[str]:
    """The texts of one echo, in the order of the format's ``echoes``."""
    return echo.split(_BETWEEN)
