"""POS"""

from services.payments.domain.channel import Channel

CHANNEL = Channel(code="pos", name="POS", ledger="pos", is_cash=False, is_online=False)
