"""The events that the bank gateway takes, and what it does with each."""

from __future__ import annotations

from services.bank_gateway.use_cases.count_posted_debits import count_posted_debits
from services.bank_gateway.use_cases.end_mandates import end_mandates
from services.bank_gateway.use_cases.keep_collection_rules import keep_collection_rules
from services.bank_gateway.use_cases.take_over_mandates import take_over_mandates
from shared.chassis.consumer import by_account, of_company
from shared.messages.accounts import AccountsTransferred, CollectionRulesDeclared, MandatesTakenOver
from shared.messages.payments import DebitsPosted

HANDLERS = {
    "accounts": {
        "MandatesTakenOver": by_account(MandatesTakenOver, take_over_mandates),
        "AccountsTransferred": by_account(AccountsTransferred, end_mandates),
        "CollectionRulesDeclared": of_company(CollectionRulesDeclared, keep_collection_rules),
    },
    "payments": {"DebitsPosted": by_account(DebitsPosted, count_posted_debits)},
}
IGNORED = {
    "accounts": (
        "AccountsOpened",
        "BillsIssued",
        "BillsCorrected",
        "AccountsCut",
        "AccountsMoved",
        "AccountsRestored",
        "PrepaymentsCarriedOver",
    ),
    "payments": ("PaymentsReceived", "PaymentsReversed", "DebtsChanged", "RefundsChanged"),
}
