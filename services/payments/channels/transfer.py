"""转账"""

from services.payments.domain.channel import Channel

CHANNEL = Channel(code="transfer", name="转账", ledger="transfer")
