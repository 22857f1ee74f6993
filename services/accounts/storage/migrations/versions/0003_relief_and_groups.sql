-- Relief that is paid back or priced, government lists and claims, groups of an employer.

-- Nothing is open of a share, late fee included; NULL: told before anybody asked, when open_fen = 0 has to do.
ALTER TABLE debts ADD COLUMN settled boolean;
GRANT UPDATE (settled) ON debts TO {app};

-- The new word only widens what the old rows kept: they need not be read again.
ALTER TABLE bill_corrections DROP CONSTRAINT bill_corrections_kind;
ALTER TABLE bill_corrections ADD CONSTRAINT bill_corrections_kind
    CHECK (kind IN ('correction', 'credit_note', 'assumption', 'reimbursement')) NOT VALID;
