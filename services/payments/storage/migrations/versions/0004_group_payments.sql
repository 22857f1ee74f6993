-- Reimbursed subsidies; payments of one payer for all of its members.

-- What the household gets back of a settled bill is no money that came: both sides of it meet in this account.
INSERT INTO ledger_accounts VALUES ('subsidy', 'equity', '补贴转付'), ('group_credit', 'liability', '单位预收热费');

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

-- In which accounts a payer who is no household has a share: what a group payment looks through.
CREATE TABLE payer_accounts (
    payer      text NOT NULL CONSTRAINT payer_accounts_payer CHECK (payer <> '' AND payer !~ '^self(:|$)'),
    account_no text NOT NULL CONSTRAINT payer_accounts_account REFERENCES accounts,
    PRIMARY KEY (payer, account_no)
);
INSERT INTO payer_accounts SELECT DISTINCT payer, account_no FROM receivables WHERE payer !~ '^self(:|$)';
GRANT SELECT, INSERT ON payer_accounts TO {app};

-- One payment of a payer for all of its shares. What it settles are payments of the accounts, each named in group_shares;
-- credit_fen is what met no share. A reversal is a row below zero that names what it reverses.
CREATE TABLE group_payments (
    group_payment_id bigint PRIMARY KEY,
    command_id       bigint NOT NULL CONSTRAINT group_payments_command REFERENCES commands,
    payer            text NOT NULL CONSTRAINT group_payments_payer CHECK (payer <> '' AND payer !~ '^self(:|$)'),
    channel          text NOT NULL,
    amount_fen       bigint NOT NULL CONSTRAINT group_payments_amount CHECK (amount_fen <> 0),
    credit_fen       bigint NOT NULL CONSTRAINT group_payments_credit CHECK (abs(credit_fen) <= abs(amount_fen)),
    received_on      date NOT NULL,
    partner          text,
    serial           text,
    outlet           text,
    receipt_no       bigint,
    reverses         bigint CONSTRAINT group_payments_reverses REFERENCES group_payments,
    reason           text,
    CONSTRAINT group_payments_sign CHECK ((reverses IS NULL) = (amount_fen > 0)),
    CONSTRAINT group_payments_reversal_reason CHECK (reverses IS NULL OR reason IS NOT NULL),
    CONSTRAINT group_payments_serial_of_partner CHECK ((partner IS NULL) = (serial IS NULL)),
    CONSTRAINT group_payments_receipt_form CHECK ((outlet IS NULL) = (receipt_no IS NULL) AND (receipt_no IS NULL OR receipt_no > 0))
);
CREATE UNIQUE INDEX group_payments_reversed_once ON group_payments (reverses) WHERE reverses IS NOT NULL;
CREATE UNIQUE INDEX group_payments_serial_once ON group_payments (channel, partner, serial) WHERE serial IS NOT NULL;
CREATE UNIQUE INDEX group_payments_receipt_once ON group_payments (outlet, receipt_no) WHERE receipt_no IS NOT NULL;
CREATE INDEX group_payments_of_payer ON group_payments (payer);

CREATE TABLE group_shares (
    payment_id       bigint PRIMARY KEY CONSTRAINT group_shares_payment REFERENCES payments,
    group_payment_id bigint NOT NULL CONSTRAINT group_shares_group REFERENCES group_payments,
    -- The money had waited as the payer's credit.
    by_credit        boolean NOT NULL
);
CREATE INDEX group_shares_of_group ON group_shares (group_payment_id);

-- What is left of group payments: the payer's own credit, which the next bills of its members use.
CREATE TABLE group_credits (
    group_payment_id bigint PRIMARY KEY CONSTRAINT group_credits_payment REFERENCES group_payments,
    payer            text NOT NULL,
    received_on      date NOT NULL,
    amount_fen       bigint NOT NULL CONSTRAINT group_credits_amount CHECK (amount_fen > 0),
    used_fen         bigint NOT NULL DEFAULT 0 CONSTRAINT group_credits_used CHECK (used_fen BETWEEN 0 AND amount_fen)
);
CREATE INDEX group_credits_of_payer ON group_credits (payer) WHERE used_fen < amount_fen;

CREATE TRIGGER group_payments_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON group_payments
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER group_shares_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON group_shares
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER group_credits_not_deleted BEFORE DELETE OR TRUNCATE ON group_credits
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
GRANT SELECT, INSERT ON group_payments, group_shares, group_credits TO {app};
GRANT UPDATE (used_fen) ON group_credits TO {app};

-- A reversal of a group payment is its mirror.
CREATE FUNCTION check_group_reversal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM group_payments p WHERE p.group_payment_id = NEW.reverses AND p.reverses IS NULL AND
        (p.payer, p.channel, p.amount_fen, p.credit_fen) = (NEW.payer, NEW.channel, -NEW.amount_fen, -NEW.credit_fen)) THEN
        RAISE EXCEPTION 'group payment % is not the mirror of %', NEW.group_payment_id, NEW.reverses
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER group_payments_reversal_mirrors AFTER INSERT ON group_payments FOR EACH ROW
    WHEN (NEW.reverses IS NOT NULL) EXECUTE FUNCTION check_group_reversal();

-- Receipt numbers are on payments or on group payments: none is missing, none is given out twice.
CREATE OR REPLACE FUNCTION check_receipts() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE first_no bigint := CASE TG_OP WHEN 'INSERT' THEN 1 ELSE OLD.next_no END;
BEGIN
    IF NEW.next_no - first_no <>
        (SELECT count(*) FROM payments WHERE outlet = NEW.outlet AND receipt_no >= first_no)
        + (SELECT count(*) FROM group_payments WHERE outlet = NEW.outlet AND receipt_no >= first_no) THEN
        RAISE EXCEPTION 'receipt numbers of % have a gap', NEW.outlet USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
