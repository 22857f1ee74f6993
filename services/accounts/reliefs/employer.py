"""单位代缴: the employer bears a share up to a standard area (Heilongjiang, 2008), by the policy's two parameters."""

from services.accounts.domain.policy_parameters import PolicyInForce
from services.accounts.domain.policy_rows import ReliefScheme
from services.accounts.domain.relief_kind import REIMBURSE, SPLIT_BILL, ReliefKind, scheme


def _scheme_of(values: PolicyInForce) -> ReliefScheme:
    return scheme("employer", pct=values.employer_share_pct, cap_m2=values.employer_cap_m2)


RELIEF_KIND = ReliefKind(
    code="employer",
    title="单位代缴",
    title_en="employer's share",
    proof="单位证明 · letter of the employer",
    mechanisms=(SPLIT_BILL, REIMBURSE),
    scheme_of=_scheme_of,
    of_government=False,
    owner_matched=False,
)
