"""差额补贴: homes that nobody else helps pay less for each m², and the city bears the difference (Shenyang)."""

from services.accounts.domain.policy_parameters import PolicyInForce
from services.accounts.domain.policy_rows import ReliefScheme
from services.accounts.domain.relief_kind import SPLIT_BILL, ReliefKind, scheme


def _scheme_of(values: PolicyInForce) -> ReliefScheme | None:
    per_m2 = values.differential_subsidy_per_m2
    return scheme("differential_subsidy", payer="finance", price=per_m2) if per_m2 else None


RELIEF_KIND = ReliefKind(
    code="differential_subsidy",
    title="差额补贴",
    title_en="differential subsidy",
    proof="无报销无补贴声明 · declaration that nobody reimburses the fee",
    mechanisms=(SPLIT_BILL,),
    scheme_of=_scheme_of,
    owner_matched=False,
    alone=True,
    of_area=True,
)
