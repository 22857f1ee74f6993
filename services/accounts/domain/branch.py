"""Branches: the offices that a company's compounds are divided among, as they belong on a day."""

from __future__ import annotations

from shared.kernel.errors import NotFound


class UnknownCompound(NotFound):
    code = "unknown_compound"
    remedy = "Write the compound exactly as its homes have it."


class UnknownBranch(NotFound):
    code = "unknown_branch"
    remedy = "Assign compounds to the branch first (POST /branches/assignments)."
