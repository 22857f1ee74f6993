"""Areas that were measured again."""

from __future__ import annotations

from services.accounts.api.approval_kinds import ApprovalKind
from services.accounts.api.lifecycle import CorrectAreaSchema, area_correction
from services.accounts.use_cases.correct_area import correct_area

KIND = ApprovalKind("更正面积 · correct areas", CorrectAreaSchema, area_correction, correct_area)
