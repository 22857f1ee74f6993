"""Relief: somebody else bears a share."""

from __future__ import annotations

from services.accounts.api.approval_kinds import ApprovalKind
from services.accounts.api.reliefs import GrantReliefSchema, granting
from services.accounts.use_cases.grant_relief import grant_relief

KIND = ApprovalKind("减免 · grant relief", GrantReliefSchema, granting, grant_relief)
