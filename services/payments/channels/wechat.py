"""微信支付"""

from services.payments.domain.channel import Channel

CHANNEL = Channel(code="wechat", name="微信支付", ledger="wechat", is_online=True)
