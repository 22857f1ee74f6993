"""The events that payments takes, and what it does with each."""

from __future__ import annotations

from services.payments.use_cases.correct_bills import correct_bills
from services.payments.use_cases.cut_accounts import cut_accounts
from services.payments.use_cases.keep_collection_rules import keep_collection_rules
from services.payments.use_cases.open_accounts import open_accounts
from services.payments.use_cases.open_receivables import open_receivables
from services.payments.use_cases.post_debits import post_debits
from services.payments.use_cases.restore_accounts import restore_accounts
from services.payments.use_cases.take_over_prepayments import take_over_prepayments
from services.payments.use_cases.transfer_accounts import transfer_accounts
from shared.chassis.consumer import by_account, of_company
from shared.messages.accounts import (
    AccountsCut,
    AccountsOpened,
    AccountsRestored,
    AccountsTransferred,
    BillsCorrected,
    BillsIssued,
    CollectionRulesDeclared,
    PrepaymentsCarriedOver,
)
from shared.messages.bank_gateway import DebitsReturned

HANDLERS = {
    "accounts": {
        "AccountsOpened": by_account(AccountsOpened, open_accounts),
        "BillsIssued": by_account(BillsIssued, open_receivables),
        "BillsCorrected": by_account(BillsCorrected, correct_bills),
        "AccountsTransferred": by_account(AccountsTransferred, transfer_accounts),
        "AccountsCut": by_account(AccountsCut, cut_accounts),
        "AccountsRestored": by_account(AccountsRestored, restore_accounts),
        "PrepaymentsCarriedOver": by_account(PrepaymentsCarriedOver, take_over_prepayments),
        "CollectionRulesDeclared": of_company(CollectionRulesDeclared, keep_collection_rules),
    },
    "bank_gateway": {"DebitsReturned": by_account(DebitsReturned, post_debits)},
}
IGNORED = {"accounts": ("AccountsMoved", "MandatesTakenOver")}
