"""补贴返还: what another payer reimburses of a settled bill becomes the household's credit; no money comes."""

from services.payments.domain.channel import Channel

CHANNEL = Channel(code="subsidy", name="补贴返还", ledger="subsidy", is_open=False, moves_money=False)
