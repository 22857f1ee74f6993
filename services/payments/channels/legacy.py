"""旧系统移交"""

from services.payments.domain.channel import Channel

CHANNEL = Channel(code="legacy", name="旧系统移交", ledger="legacy", is_open=False)
