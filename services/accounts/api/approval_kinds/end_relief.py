"""Relief that ends before its season does."""

from __future__ import annotations

from services.accounts.api.approval_kinds import ApprovalKind
from services.accounts.api.reliefs import EndReliefSchema, ending
from services.accounts.use_cases.end_relief import end_relief

KIND = ApprovalKind("终止减免 · end relief", EndReliefSchema, ending, end_relief)
