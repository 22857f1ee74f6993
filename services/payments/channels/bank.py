"""银行代收代扣"""

from services.payments.domain.channel import Channel

CHANNEL = Channel(code="bank", name="银行代收代扣", ledger="bank", has_partner=True)
