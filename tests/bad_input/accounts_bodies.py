"""A body that each route of accounts takes, so that what a test breaks in it is the one thing that is wrong with it.

A route that is not here fails `test_every_accounts_route.py`.
"""

from __future__ import annotations

from typing import Any

H, K = "0110000001", "0110000002"
"""Two homes that are there."""
WHY: dict[str, Any] = {"reason": "复核"}
SOME: dict[str, Any] = {**WHY, "accounts": [H]}
HOME: dict[str, Any] = {
    "account_no": "0110000009", "name": "王秀英", "id_type": "id_card", "id_no": "11010519491231002X", "phone": "13912345678",
    "compound": "幸福小区", "building": "3", "unit": "2", "room": "999", "floor": 9, "building_area": "89.63", "inner_area": "70.00",
    "usable_area": "65.00", "storey_height": "2.90", "price_class": "residential", "warranty_until": "2027-11-01", "employer": "机床厂",
}  # fmt: skip

BODIES: dict[str, dict[str, Any]] = {
    "POST /accounts": {"accounts": [{**HOME, "connected_on": "2024-11-01"}]},
    "POST /account-batches": {"verb": "suspend", "mode": "preview", "request": {**WHY, "season": "2025-2026"}, "accounts": [H, K]},
    "POST /accounts/area-components": {**WHY, "homes": [{"account_no": H, "components": [{"component": "main", "area": "89.63"}]}]},
    "POST /accounts/areas": {**WHY, "areas": [{"account_no": H, "building_area": "90.00", "inner_area": "80.00"}]},
    "POST /accounts/class-changes": {**WHY, "changes": [{"account_no": H, "price_class": "school", "since": "2025-10-20"}]},
    "POST /accounts/cuts": SOME,
    "POST /accounts/disconnections": SOME,
    "POST /accounts/unknown-homes": {**WHY, "homes": [{**HOME, "account_no": "0110000007", "room": "997"}], "finding": "heat_used",
                                     "used_since": "2025-11-01"},
    "POST /accounts/divisions": {**WHY, "divisions": [{
        "account_no": H, "remaining": {"building_area": "50.00"},
        "part": {"building_area": "39.63", "account_no": "0110000007", "room": "101B", "unit": "2", "price_class": "residential",
                 "name": "李雷", "id_type": "passport", "id_no": "E12345678", "phone": "13912345678"},
    }]},
    "POST /accounts/inspections": SOME,
    "POST /accounts/lock-releases": {**SOME, "kind": "legal_dispute"},
    "POST /accounts/locks": {**SOME, "kind": "legal_dispute"},
    "POST /accounts/metered-heat": {**WHY, "readings": [{"account_no": H, "quantity": "1200.5", "unit": "kWh",
                                                         "correction_factor": "1.05"}]},
    "POST /accounts/mergers": {**WHY, "mergers": [{"account_no": H, "other_no": K}]},
    "POST /accounts/notices": {"accounts": [H], "preview": False},
    "POST /accounts/outages": {**SOME, "hours": "30"},
    "POST /accounts/reliefs": {**WHY, "reliefs": [{"account_no": H, "kind": "low_income", "payer": "民政局", "share_pct": "50",
                                                   "proof_until": "2026-05-01"}]},
    "POST /accounts/reliefs/endings": {**WHY, "endings": [{"account_no": H, "kind": "low_income", "payer": "民政局",
                                                           "until_on": "2025-11-20"}]},
    "POST /accounts/resumptions": SOME,
    "POST /accounts/suspensions": {**WHY, "suspensions": [{"account_no": H, "season": "2025-2026", "seasons": 1}]},
    "POST /accounts/temperatures": {**WHY, "measured": [{"account_no": H, "days": 2, "celsius": "15.0", "official": False}]},
    "POST /accounts/transfers": {**WHY, "transfers": [{"account_no": H, "name": "李雷", "id_type": "passport", "id_no": "E12345678",
                                                       "phone": "13912345678", "split": "days"}]},
    "POST /approval-delegations": {**WHY, "to_login": "li", "from_on": "2025-11-01", "until_on": "2025-11-20"},
    "POST /approval-delegations/ends": {**WHY, "delegation_id": 7},
    "POST /approval-limits": {"kind": "declare_season", "limits": [{"role": "finance", "limit": "10000.00"}]},
    "POST /approval-rules": {**WHY, "rules": [{"kind": "declare_season", "from_amount": "0.00", "from_homes": 1, "decide_within_days": 3}]},
    "POST /approvals": {**WHY, "kind": "declare_season", "content": {"season": "2026-2027", "start_on": "2026-11-01",
                                                                   "end_on": "2027-03-31"}},
    "POST /approvals/decisions": {"decisions": [{"approval_id": 7, "verb": "approve", "content_hash": "0" * 64, "effect_hash": "0" * 64,
                                                 "remark": "同意"}]},
    "POST /approvals/withdrawals": {"approval_id": 7, "remark": "不需要了"},
    "POST /billing-runs": {"season": "2025-2026", "accounts": [H, K], "mode": "preview"},
    "POST /blacklist": {**WHY, "persons": [{"id_type": "passport", "id_no": "E12345678"}]},
    "POST /blacklist/removals": {**WHY, "entries": [7]},
    "POST /branches/assignments": {**WHY, "assignments": [{"compound": "幸福小区", "branch": "西区所", "valid_from": "2025-10-01"}]},
    "POST /buildings": {**WHY, "buildings": [{"compound": "幸福小区", "building": "3", "homes": 60}]},
    "POST /calendar/years": {"year": 2031, "document": "国办发明电〔2030〕1号",
                             "days": [{"day": "2031-01-01", "kind": "holiday", "name": "元旦"}]},
    "POST /claims": {"payer": "民政局", "season": "2025-2026"},
    "POST /claims/moves": {"verb": "send", "claims": [7], "note": "函〔2025〕17号"},
    "POST /connections": {**WHY, "applications": [{**HOME, "account_no": "0110000008", "room": "998"}]},
    "POST /connections/acceptances": {**WHY, "acceptances": [{"application_id": 7, "warranty_until": "2027-11-01"}]},
    "POST /connections/contracts": {
        **WHY, "applications": [7], "charges": [{"application_id": 7, "connection_fee": "100.00", "first_season": "2330.38"}],
    },
    "POST /connections/lapses": {**WHY, "applications": [7]},
    "POST /connections/notices": {**WHY, "applications": [7]},
    "POST /connections/payments": {**WHY, "payments": [{"application_id": 7, "receipt": "SJ-2025-0001"}]},
    "POST /connections/surveys": {**WHY, "applications": [7], "feasible": True},
    "POST /connections/withdrawals": {**WHY, "applications": [7]},
    "POST /documents/withdrawals": {**WHY, "documents": [7]},
    "POST /exports": {"resource": "accounts", "format": "csv", "filters": {"compound": "幸福小区"}, "columns": ["account_no"]},
    "POST /month-ends": {**WHY, "month": "2025-09"},
    "POST /partners/webhooks": {"partner": "幸福物业", "url": "https://hooks.partner.com/nuan", "events": ["BillsIssued"]},
    "POST /partners/webhooks/<webhook_id>/disablements": WHY,
    "POST /partners/webhooks/<webhook_id>/replays": {"from_pos": 1},
    "POST /partners/webhooks/<webhook_id>/resumptions": WHY,
    "POST /partners/webhooks/<webhook_id>/secrets": {"overlap_hours": 24},
    "POST /plans": {"plans": [{"season": "2025-2026", "scope": "compound", "name": "幸福小区", "month": "2025-11",
                                "planned_rate": "60.00"}]},
    "POST /payer-groups": {"groups": [{"code": "TEX", "name": "纺织厂", "uscc": "91110000YX00000012"}]},
    "POST /payer-groups/<code>/carried-members": WHY,
    "POST /payer-groups/<code>/members": {**WHY, "members": [{
        "account_no": H, "share_pct": "50", "cap_m2": "95.00", "mechanism": "REIMBURSE", "from_on": "2025-11-01", "until_on": "2026-02-01",
    }]},
    "POST /policies": {"name": "default", "set": {}},
    "POST /policies/rehearsals": {"name": "default", "set": {}, "season": "2025-2026", "after": H, "limit": 10},
    "POST /season-turns/closing": {**WHY, "season": "2024-2025"},
    "POST /season-turns/closures": {**WHY, "season": "2024-2025"},
    "POST /season-turns/reopenings": {**WHY, "season": "2024-2025"},
    "POST /season-turns/unbilled": {"season": "2024-2025", "homes": [{"account_no": H, **WHY}]},
    "POST /seasons": {"season": "2026-2027", "start_on": "2026-11-01", "end_on": "2027-03-31", "price_residential": "26.00"},
    "POST /seasons/corrected-prices": {**WHY, "season": "2025-2026", "price_residential": "27.00", "after": H},
    "POST /seasons/price-differences": {"season": "2025-2026", "after": H},
    "POST /seasons/settled-prices": {**WHY, "season": "2025-2026", "price_residential": "27.00", "after": H},
    "POST /seasons/supplied": {**WHY, "season": "2024-2025", "supplied_from": "2024-11-01", "supplied_until": "2025-03-25"},
    "POST /sign-in": {"login": "nobody", "password": "wrong but long enough"},
    "POST /staff": {"login": "wang.wu", "person": "王五", "password": "a password of one's own", "roles": ["cashier"]},
    "POST /suspension-applications": {**WHY, "applications": [{"account_no": H, "season": "2025-2026", "seasons": 1}]},
    "POST /suspension-applications/answers": {**WHY, "applications": [7], "granted": True},
    "POST /suspension-applications/lapses": {**WHY, "applications": [7]},
    "POST /suspension-applications/withdrawals": {**WHY, "applications": [7]},
    "POST /work-orders": {**SOME, "kind": "close_valve"},
    "POST /work-orders/assignments": {**WHY, "work_orders": [7], "assignee": "一班"},
    "POST /work-orders/cancellations": {**WHY, "work_orders": [7]},
    "POST /work-orders/failures": {**WHY, "work_orders": [7]},
    "POST /work-orders/results": {**WHY, "results": [{"work_order_id": 7, "done_by": "赵六", "done_on": "2025-10-20", "valve": "close",
                                                      "seal_no": "F-0001", "found": "closed"}]},
}  # fmt: skip

WITHOUT_JSON: dict[str, str] = {
    "POST /account-batches/files": "an upload: tests/accounts/test_account_batches.py",
    "POST /documents": "an upload: tests/accounts/test_documents.py",
    "POST /imports": "an upload: tests/accounts/test_import_upload.py",
    "POST /plans/imports": "an upload: tests/accounts/test_plan_collection.py",
    "POST /relief-lists": "an upload: tests/accounts/test_import_reliefs.py",
    "POST /session/renew": "takes nothing",
    "POST /staff/<login>/deactivate": "takes nothing",
}
"""Routes that take no JSON, each with the reason or with where its bad inputs are tested."""
