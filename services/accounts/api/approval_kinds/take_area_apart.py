"""The parts that areas are made of."""

from __future__ import annotations

from services.accounts.api.approval_kinds import ApprovalKind
from services.accounts.api.area_components import TakeAreaApartSchema, taking_apart
from services.accounts.use_cases.take_area_apart import take_area_apart

KIND = ApprovalKind("面积拆分 · take areas apart", TakeAreaApartSchema, taking_apart, take_area_apart)
