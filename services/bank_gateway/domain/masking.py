"""Personal data in answers and logs: enough to recognise, not enough to use."""

from __future__ import annotations

from services.bank_gateway.domain.bank_file import FileRefusal
from services.bank_gateway.domain.bank_format import BankFormat

_ENDS = 4
_SHORT = 8
PERSONAL = frozenset({"bank_account", "holder", "id_no"})


def masked_number(text: str) -> str:
    """``"6299173657255685273"`` → ``"6299…5273"``; what is short is hidden altogether."""
    return f"{text[:_ENDS]}…{text[-_ENDS:]}" if len(text) > _SHORT else "…"


def masked_name(text: str) -> str:
    """``"林云清"`` → ``"林**"``."""
    return text[:1] + "**" if text else ""


def masked_refusal(refusal: FileRefusal, *, bank_format: BankFormat) -> FileRefusal:
    """The same refusal without the personal data of the line that it is about."""
    fields = (*bank_format.answer.detail.fields, *bank_format.send.detail.fields)
    meanings = {field.means for field in fields if field.name == refusal.field}
    if not meanings & PERSONAL:
        return refusal
    mask = masked_name if "holder" in meanings else masked_number
    return FileRefusal(
        refusal.reason, file=refusal.file, level=refusal.level, line=refusal.line, column=refusal.column,
        field=refusal.field, value=refusal.value and mask(refusal.value),
        expected=refusal.expected and (refusal.expected if refusal.reason == "field_format" else mask(refusal.expected)),
    )  # fmt: skip
