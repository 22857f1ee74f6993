"""优抚"""

from services.accounts.domain.relief_kind import PRICE_CLASS, REIMBURSE, SPLIT_BILL, ReliefKind, of_policy

RELIEF_KIND = ReliefKind(
    code="veteran_benefit",
    title="优抚",
    title_en="veterans' benefit",
    proof="优抚对象证件 · certificate of a beneficiary of veterans' care",
    mechanisms=(SPLIT_BILL, REIMBURSE, PRICE_CLASS),
    scheme_of=of_policy("veteran_benefit"),
)
