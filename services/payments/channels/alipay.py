"""支付宝"""

from services.payments.domain.channel import Channel

CHANNEL = Channel(code="alipay", name="支付宝", ledger="alipay", is_online=True)
