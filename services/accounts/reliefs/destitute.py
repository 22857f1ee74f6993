"""特困"""

from services.accounts.domain.relief_kind import PRICE_CLASS, REIMBURSE, SPLIT_BILL, ReliefKind, of_policy

RELIEF_KIND = ReliefKind(
    code="destitute",
    title="特困",
    title_en="destitute",
    proof="特困人员救助供养证 · certificate of support for the destitute",
    mechanisms=(SPLIT_BILL, REIMBURSE, PRICE_CLASS),
    scheme_of=of_policy("destitute"),
)
