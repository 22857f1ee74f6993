"""What lies beyond our own database: payments, and the folder of files."""

from __future__ import annotations

from dataclasses import dataclass

from services.bank_gateway.gateways.folder import WorkFolder
from services.bank_gateway.gateways.payments import Payments


@dataclass(frozen=True, slots=True)
class Outside:
    payments: Payments
    folder: WorkFolder
