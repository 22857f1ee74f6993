"""低保"""

from services.accounts.domain.relief_kind import PRICE_CLASS, REIMBURSE, SPLIT_BILL, ReliefKind, of_policy

RELIEF_KIND = ReliefKind(
    code="low_income",
    title="低保",
    title_en="low income",
    proof="最低生活保障证 · certificate of minimum living allowance",
    mechanisms=(SPLIT_BILL, REIMBURSE, PRICE_CLASS),
    scheme_of=of_policy("low_income"),
)
