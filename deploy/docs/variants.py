"""The declarations that are found in folders: channels, layouts of ledgers, layouts of banks."""

from __future__ import annotations

from collections.abc import Iterator

from deploy.docs.markdown import code, codes, page, table
from services.accounts import formats as ledger_formats
from services.accounts.api.approval_kinds import kinds
from services.accounts.queries.listings import listings
from services.accounts.reliefs import RELIEF_KINDS
from services.bank_gateway.domain.bank_format import BankFormat
from services.bank_gateway.domain.day_format import DayFormat
from services.bank_gateway.domain.file_shape import FileShape
from services.bank_gateway.domain.record import Record
from services.bank_gateway.formats import DAY_FORMATS, FORMATS
from services.payments.channels import CHANNELS
from shared.kernel.registry import declarations

INTRODUCTION = """\
A variant is one file in a folder, found there and named nowhere else ([why](../decisions/0013-variants.md)). Another bank, channel or
city is another file beside these."""

CHANNELS_TOLD = """\
In `services/payments/channels/`. Money arrives in the ledger account that is named. `legacy` is what an old system held when its ledger
was imported; nobody can pay through it."""

RELIEFS_TOLD = (
    "In `services/accounts/reliefs/`: [relief and payers](../relief.md). What a kind comes to is the policy's."
)

APPROVALS_TOLD = (
    "In `services/accounts/api/approval_kinds/`: [two people](../approvals.md). What is marked, one person does in "
    "trials alone."
)

LISTS_TOLD = "In `services/accounts/queries/listings/`: [lists and exports](../lists.md)."

LEDGER_FORMATS = declarations(ledger_formats, attribute="LEDGER_FORMAT")


def variants() -> str:
    return page(
        "Variants", INTRODUCTION,
        f"## Channels\n\n{CHANNELS_TOLD}\n\n"
        + table(("channel", "name", "ledger account", "cash is rounded", "online"), _channels()),
        "## Ledgers of an old system\n\nIn `services/accounts/formats/`; recognised by their first bytes. Columns and rules: "
        f"[ledger columns](../ledger-columns.md).\n\n{codes(declared.name for declared in LEDGER_FORMATS.values())}",
        f"## Kinds of relief\n\n{RELIEFS_TOLD}\n\n" + table(("kind", "what", "mechanisms", "has to be shown"), _reliefs()),
        f"## What a second person must agree to\n\n{APPROVALS_TOLD}\n\n"
        + table(("kind", "what", "always needs two"),
                ((code(name), kind.title, "yes" if kind.always else "") for name, kind in kinds().items())),
        f"## Lists\n\n{LISTS_TOLD}\n\n" + table(("list", "what", "columns", "filters"), _lists()),
        "## Batches of banks\n\nIn `services/bank_gateway/formats/`.",
        *(part for declared in FORMATS.values() for part in _bank_format(declared)),
        "## Day-end files of banks\n\nIn the same folder.",
        *(part for declared in DAY_FORMATS.values() for part in _day_format(declared)),
    )  # fmt: skip


def _channels() -> Iterator[tuple[str, ...]]:
    for channel in CHANNELS.values():
        yield (code(channel.code), channel.name, code(channel.ledger),
               "yes" if channel.is_cash else "", "yes" if channel.is_online else "")  # fmt: skip


def _reliefs() -> Iterator[tuple[str, ...]]:
    for kind in RELIEF_KINDS.values():
        yield code(kind.code), f"{kind.title} · {kind.title_en}", codes(kind.mechanisms), kind.proof


def _lists() -> Iterator[tuple[str, ...]]:
    for name, listing in listings().items():
        yield code(name), listing.title, codes(listing.column_names()), codes(listing.filters)


def _bank_format(declared: BankFormat) -> Iterator[str]:
    yield f"### {declared.name}: {declared.title}"
    yield (f"[Page of the layout](../banks/{declared.name}.md). Parameters of the company: {codes(declared.parameters)}. "
           f"Encoding {code(declared.layout.encoding)}.")  # fmt: skip
    yield from _shape("Send file", declared.send)
    yield from _shape("Result file", declared.answer)
    rows = [(*map(code, texts), verdict.outcome, verdict.reason) for texts, verdict in declared.verdicts.items()]
    yield table((*declared.result, "outcome", "class"), rows)


def _day_format(declared: DayFormat) -> Iterator[str]:
    yield f"### {declared.name}: {declared.title}"
    yield (f"[Page of the layout](../banks/{declared.name}.md). Encoding {code(declared.layout.encoding)}; "
           f"reversals are of type {codes(declared.reversals)}.")  # fmt: skip
    yield from _shape("File", declared.shape)


def _shape(title: str, shape: FileShape) -> Iterator[str]:
    yield f"{title} {code(shape.name)}"
    for record in (shape.head, shape.detail, shape.trailer):
        if record is not None:
            yield _record(record)


def _record(record: Record) -> str:
    rows = [(n, code(f.name), f.kind.form, code(f.means)) for n, f in enumerate(record.fields, start=1)]
    return f"*{record.name}*\n\n" + table(("#", "field", "form", "holds"), rows)
