"""Homes that are used otherwise."""

from __future__ import annotations

from services.accounts.api.approval_kinds import ApprovalKind
from services.accounts.api.lifecycle import ChangeClassSchema, class_change
from services.accounts.use_cases.change_class import change_class

KIND = ApprovalKind("变更用热性质 · change the class of homes", ChangeClassSchema, class_change, change_class)
