"""Applications for a suspension that are granted or declined."""

from __future__ import annotations

from services.accounts.api.approval_kinds import ApprovalKind
from services.accounts.api.suspension_applications import AnswersSchema, answering
from services.accounts.use_cases.answer_suspensions import answer_suspensions

KIND = ApprovalKind("答复报停申请 · answer applications for a suspension", AnswersSchema, answering, answer_suspensions)
