"""残疾"""

from services.accounts.domain.relief_kind import PRICE_CLASS, REIMBURSE, SPLIT_BILL, ReliefKind, of_policy

RELIEF_KIND = ReliefKind(
    code="disabled",
    title="残疾",
    title_en="disabled",
    proof="残疾人证 · certificate of disability",
    mechanisms=(SPLIT_BILL, REIMBURSE, PRICE_CLASS),
    scheme_of=of_policy("disabled"),
)
