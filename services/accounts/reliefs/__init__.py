"""The kinds of relief, one declaration a module."""

from __future__ import annotations

import sys

from services.accounts.domain.relief import ReliefUnknown
from services.accounts.domain.relief_kind import ReliefKind
from shared.kernel.registry import declarations

RELIEF_KINDS: dict[str, ReliefKind] = declarations(sys.modules[__name__], attribute="RELIEF_KIND")


def relief_kind(code: str) -> ReliefKind:
    """The declaration of that code. Refused: `relief_unknown`."""
    if code not in RELIEF_KINDS:
        raise ReliefUnknown(f"known are {', '.join(RELIEF_KINDS)}", place="kind", value=code)
    return RELIEF_KINDS[code]
