"""现金"""

from services.payments.domain.channel import Channel

CHANNEL = Channel(code="cash", name="现金", ledger="cash", is_cash=True)
