"""POS"""

from services.payments.domain.channel import Channel

CHANNEL = Channel(code="pos", name="POS", ledger="pos")
