"""优惠价: the home is charged by a price of its own, without another payer."""

from services.accounts.domain.relief_kind import PRICE_CLASS, ReliefKind, of_policy

RELIEF_KIND = ReliefKind(
    code="special_price",
    title="优惠价",
    title_en="price of its own",
    proof="批准文件 · the decision that grants the price",
    mechanisms=(PRICE_CLASS,),
    scheme_of=of_policy("special_price"),
    of_government=False,
    owner_matched=False,
)
