-- Reimbursed subsidies; payments of one payer for all of its members.

-- What the household gets back of a settled bill is no money that came: both sides of it meet in this account.
INSERT INTO ledger_accounts VALUES ('subsidy', 'equity', '补贴转付');

-- The new word only widens what the old rows kept: they need not be read again.
ALTER TABLE corrections DROP CONSTRAINT corrections_kind;
ALTER TABLE corrections ADD CONSTRAINT corrections_kind CHECK (kind IN ('correction', 'credit_note', 'reimbursement')) NOT VALID;

-- Which credit (known by its payment) a reimbursement brought the household, and, below zero, what was taken back of it.
CREATE TABLE subsidies (
    correction_id bigint NOT NULL CONSTRAINT subsidies_correction REFERENCES corrections,
    payment_id    bigint NOT NULL CONSTRAINT subsidies_payment REFERENCES payments,
    command_id    bigint NOT NULL CONSTRAINT subsidies_command REFERENCES commands,
    account_no    text NOT NULL CONSTRAINT subsidies_account REFERENCES accounts,
    bill_no       bigint NOT NULL,
    payer         text NOT NULL,
    household     text NOT NULL,
    amount_fen    bigint NOT NULL CONSTRAINT subsidies_amount CHECK (amount_fen <> 0),
    PRIMARY KEY (correction_id, payment_id)
);
CREATE INDEX subsidies_of_bill ON subsidies (bill_no);
CREATE INDEX subsidies_of_payment ON subsidies (payment_id);
CREATE TRIGGER subsidies_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON subsidies
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
GRANT SELECT, INSERT ON subsidies TO {app};
