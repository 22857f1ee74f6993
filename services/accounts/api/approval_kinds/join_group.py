"""An employer bears its share of homes."""

from __future__ import annotations

from services.accounts.api.approval_kinds import ApprovalKind
from services.accounts.api.payer_groups import JoinGroupSchema, joining
from services.accounts.use_cases.join_group import join_group

KIND = ApprovalKind("单位成员 · homes join a group", JoinGroupSchema, joining, join_group)
