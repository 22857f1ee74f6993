-- Money and what is owed. Rows are inserted and never edited; the few running sums that are updated are
-- guarded by a CHECK each and can be recomputed from the rows. docs/decisions/0008 tells the ledger's form.

CREATE TABLE accounts (
    account_no text PRIMARY KEY CONSTRAINT accounts_no_form CHECK (account_no ~ '^[0-9]{10}$'),
    opened_on  date NOT NULL,
    version    bigint NOT NULL DEFAULT 0,
    -- The open hold of a bank: on the row that every command locks, so that nobody can miss it.
    hold_id    bigint,
    -- The present owner as a payer: 'self', after a transfer 'self:2' and so on.
    household  text NOT NULL DEFAULT 'self'
) WITH (fillfactor = 80);

-- The owners of accounts that changed hands, by their names.
CREATE TABLE owners (
    account_no text NOT NULL CONSTRAINT owners_account REFERENCES accounts,
    payer      text NOT NULL,
    name       text NOT NULL CONSTRAINT owners_name CHECK (name <> ''),
    since      date,
    PRIMARY KEY (account_no, payer)
);

CREATE TABLE terms (
    terms_id text PRIMARY KEY,
    body     jsonb NOT NULL
);

-- One part of one payer's share of a bill: the whole share, an instalment, an extra line.
CREATE TABLE receivables (
    receivable_id bigint PRIMARY KEY,
    command_id    bigint NOT NULL,
    account_no    text NOT NULL CONSTRAINT receivables_account REFERENCES accounts,
    bill_no       bigint NOT NULL,
    part          smallint NOT NULL,
    season        smallint NOT NULL CONSTRAINT receivables_season CHECK (season BETWEEN 1950 AND 2100),
    payer         text NOT NULL,
    kind          text NOT NULL CONSTRAINT receivables_kind CHECK (kind IN ('season', 'opening')),
    price_class   text NOT NULL,
    suspended     boolean NOT NULL,
    terms_id      text NOT NULL CONSTRAINT receivables_terms REFERENCES terms,
    amount_fen    bigint NOT NULL CONSTRAINT receivables_amount CHECK (amount_fen > 0),
    due_on        date NOT NULL,
    posted_on     date NOT NULL,
    -- What corrections took off; suspended is as the last of them left it.
    reduced_fen   bigint NOT NULL DEFAULT 0 CONSTRAINT receivables_reduced CHECK (reduced_fen BETWEEN 0 AND amount_fen),
    settled_fen   bigint NOT NULL DEFAULT 0
                  CONSTRAINT receivables_settled CHECK (settled_fen BETWEEN 0 AND amount_fen - reduced_fen),
    -- Nothing is open of this payer's share, late fee included; the row is not read when money comes.
    closed        boolean NOT NULL DEFAULT false,
    CONSTRAINT receivables_closed CHECK (NOT closed OR settled_fen = amount_fen - reduced_fen),
    CONSTRAINT receivables_part_once UNIQUE (bill_no, payer, part)
) WITH (fillfactor = 80);
CREATE INDEX receivables_of_account ON receivables (account_no);

-- Corrections of bills, by the number that accounts gave them: each is in the books once. An extra line (above zero) is
-- a receivable of its own; what one takes off (below zero) stands in reductions, part by part.
CREATE TABLE corrections (
    correction_id bigint PRIMARY KEY,
    command_id    bigint NOT NULL,
    account_no    text NOT NULL CONSTRAINT corrections_account REFERENCES accounts,
    bill_no       bigint NOT NULL,
    payer         text NOT NULL,
    season        smallint NOT NULL,
    kind          text NOT NULL CONSTRAINT corrections_kind CHECK (kind IN ('correction', 'credit_note')),
    amount_fen    bigint NOT NULL,
    suspended     boolean NOT NULL,
    posted_on     date NOT NULL,
    CONSTRAINT corrections_credit_note_lowers CHECK (kind <> 'credit_note' OR amount_fen < 0)
);
CREATE INDEX corrections_of_account ON corrections (account_no);
CREATE TABLE reductions (
    correction_id bigint NOT NULL CONSTRAINT reductions_correction REFERENCES corrections,
    receivable_id bigint NOT NULL CONSTRAINT reductions_receivable REFERENCES receivables,
    amount_fen    bigint NOT NULL CONSTRAINT reductions_amount CHECK (amount_fen > 0),
    reduced_on    date NOT NULL,
    PRIMARY KEY (receivable_id, correction_id)
);

-- Money that came, or went back: a reversal is a row with the amount below zero that names what it reverses.
CREATE TABLE payments (
    payment_id  bigint PRIMARY KEY,
    command_id  bigint NOT NULL,
    account_no  text NOT NULL CONSTRAINT payments_account REFERENCES accounts,
    payer       text NOT NULL,
    channel     text NOT NULL,
    amount_fen  bigint NOT NULL CONSTRAINT payments_amount CHECK (amount_fen <> 0),
    received_on date NOT NULL,
    partner     text,
    serial      text,
    outlet      text,
    receipt_no  bigint,
    reverses    bigint CONSTRAINT payments_reverses REFERENCES payments,
    reason      text,
    -- Taken by force while a bank was collecting: it waits as credit for the result of this hold.
    under_hold  bigint,
    CONSTRAINT payments_sign CHECK ((reverses IS NULL) = (amount_fen > 0)),
    CONSTRAINT payments_reversal_reason CHECK (reverses IS NULL OR reason IS NOT NULL),
    CONSTRAINT payments_reversal_bare CHECK (reverses IS NULL OR (serial IS NULL AND receipt_no IS NULL AND under_hold IS NULL)),
    CONSTRAINT payments_serial_of_partner CHECK (serial IS NULL OR partner IS NOT NULL),
    CONSTRAINT payments_receipt_form CHECK ((outlet IS NULL) = (receipt_no IS NULL) AND (receipt_no IS NULL OR receipt_no > 0))
);
-- Partial: most payments are no reversal, have no partner or no receipt, and do not pay for those indexes.
CREATE UNIQUE INDEX payments_reversed_once ON payments (reverses) WHERE reverses IS NOT NULL;
CREATE UNIQUE INDEX payments_serial_once ON payments (channel, partner, serial) NULLS NOT DISTINCT WHERE serial IS NOT NULL;
CREATE UNIQUE INDEX payments_receipt_once ON payments (outlet, receipt_no) WHERE receipt_no IS NOT NULL;
CREATE INDEX payments_of_account ON payments (account_no);
CREATE INDEX payments_under_hold ON payments (under_hold) WHERE under_hold IS NOT NULL;
CREATE INDEX payments_of_partner_day ON payments (partner, received_on) WHERE partner IS NOT NULL;

-- Money meeting a receivable. Signs follow the payment's: taking it back inserts the same with minus.
CREATE TABLE settlements (
    settlement_id bigint PRIMARY KEY,
    command_id    bigint NOT NULL,
    receivable_id bigint NOT NULL CONSTRAINT settlements_receivable REFERENCES receivables,
    payment_id    bigint NOT NULL CONSTRAINT settlements_payment REFERENCES payments,
    settled_on    date NOT NULL,
    paid_fen      bigint NOT NULL,
    discount_fen  bigint NOT NULL DEFAULT 0,
    rounding_fen  bigint NOT NULL DEFAULT 0,
    late_fee_fen  bigint NOT NULL DEFAULT 0,
    by_credit     boolean NOT NULL DEFAULT false,
    reverses      bigint CONSTRAINT settlements_reverses REFERENCES settlements,
    -- Taken back because the bill was corrected: the payment stays, what it settled became its credit.
    correction_id bigint,
    CONSTRAINT settlements_sign CHECK (reverses IS NOT NULL OR correction_id IS NOT NULL OR (
        least(paid_fen, discount_fen, rounding_fen, late_fee_fen) >= 0
        AND greatest(paid_fen, discount_fen, rounding_fen, late_fee_fen) > 0))
);
CREATE UNIQUE INDEX settlements_reversed_once ON settlements (reverses) WHERE reverses IS NOT NULL;
CREATE INDEX settlements_of_receivable ON settlements (receivable_id);
CREATE INDEX settlements_of_payment ON settlements (payment_id);

-- Money of a payment that met no debt (its number is the payment's), or that a correction set free. used_fen moves to
-- debts (or back), never beyond what there was. A refund goes back through the channel of refund_via, where it is named.
CREATE TABLE credits (
    credit_id     bigint PRIMARY KEY,
    payment_id    bigint NOT NULL CONSTRAINT credits_payment REFERENCES payments,
    account_no    text NOT NULL CONSTRAINT credits_account REFERENCES accounts,
    payer         text NOT NULL,
    received_on   date NOT NULL,
    amount_fen    bigint NOT NULL CONSTRAINT credits_amount CHECK (amount_fen > 0),
    used_fen      bigint NOT NULL DEFAULT 0 CONSTRAINT credits_used CHECK (used_fen BETWEEN 0 AND amount_fen),
    correction_id bigint CONSTRAINT credits_correction REFERENCES corrections,
    refund_via    bigint CONSTRAINT credits_refund_via REFERENCES payments,
    CONSTRAINT credits_own CHECK ((correction_id IS NULL) = (credit_id = payment_id))
);
CREATE INDEX credits_of_corrected_payment ON credits (payment_id) WHERE correction_id IS NOT NULL;
CREATE INDEX credits_of_account ON credits (account_no) WHERE used_fen < amount_fen;

-- Days on which a home was cut off for arrears: where the terms say so, none of them is late. restored_on has heat again.
CREATE TABLE cuts (
    account_no  text NOT NULL CONSTRAINT cuts_account REFERENCES accounts,
    cut_on      date NOT NULL,
    restored_on date CONSTRAINT cuts_order CHECK (restored_on >= cut_on),
    PRIMARY KEY (account_no, cut_on)
);

-- An account that a bank is collecting from: one open hold at most, and no other channel may take its debts.
CREATE TABLE holds (
    hold_id     bigint PRIMARY KEY,
    command_id  bigint NOT NULL,
    account_no  text NOT NULL CONSTRAINT holds_account REFERENCES accounts,
    bank        text NOT NULL,
    batch_no    bigint NOT NULL,
    item_no     integer NOT NULL,
    amount_fen  bigint NOT NULL CONSTRAINT holds_amount CHECK (amount_fen > 0),
    as_of       date NOT NULL,
    state       text NOT NULL DEFAULT 'open' CONSTRAINT holds_state CHECK (state IN ('open', 'settled', 'released')),
    CONSTRAINT holds_item_once UNIQUE (batch_no, item_no)
);
CREATE UNIQUE INDEX holds_one_open ON holds (account_no) WHERE state = 'open';

-- Receipt numbers of an outlet, without gaps: the number is taken in the transaction that uses it.
CREATE TABLE outlets (
    outlet  text PRIMARY KEY,
    next_no bigint NOT NULL DEFAULT 1 CONSTRAINT outlets_next CHECK (next_no > 0)
) WITH (fillfactor = 50);

CREATE TABLE ledger_accounts (
    code text PRIMARY KEY,
    kind text NOT NULL CONSTRAINT ledger_accounts_kind CHECK (kind IN ('asset', 'liability', 'income', 'expense', 'equity')),
    name text NOT NULL
);
INSERT INTO ledger_accounts VALUES
    ('receivable', 'asset', '应收热费'), ('cash', 'asset', '库存现金'), ('pos', 'asset', 'POS 在途'),
    ('wechat', 'asset', '微信在途'), ('alipay', 'asset', '支付宝在途'), ('transfer', 'asset', '银行转账'),
    ('bank', 'asset', '银行代收代扣在途'), ('legacy', 'asset', '旧系统移交资金'),
    ('credit', 'liability', '预收热费'), ('heat_income', 'income', '供热收入'),
    ('late_fee_income', 'income', '违约金收入'), ('discount', 'expense', '提前交费优惠'),
    ('rounding', 'income', '现金尾差'), ('opening_balance', 'equity', '期初移交'),
    ('debt_assumed', 'equity', '债务转移');

-- The double-entry ledger: a posting moves an amount from the account it credits to the account it debits, so a
-- one-sided entry cannot be written. Its entry is the command; account_no, payer and season are its dimensions.
CREATE TABLE postings (
    posting_id bigint PRIMARY KEY,
    command_id bigint NOT NULL CONSTRAINT postings_command REFERENCES commands,
    posted_on  date NOT NULL,
    debit      text NOT NULL,
    credit     text NOT NULL,
    amount_fen bigint NOT NULL CONSTRAINT postings_amount CHECK (amount_fen > 0),
    account_no text NOT NULL,
    payer      text NOT NULL,
    season     smallint,
    reference  bigint NOT NULL,
    CONSTRAINT postings_two_sides CHECK (debit <> credit)
);
CREATE INDEX postings_of_account ON postings (account_no);

CREATE FUNCTION check_postings() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE bad text;
BEGIN
    SELECT code INTO bad FROM (SELECT debit AS code FROM fresh UNION SELECT credit FROM fresh) used
        WHERE NOT EXISTS (SELECT FROM ledger_accounts known WHERE known.code = used.code) LIMIT 1;
    IF bad IS NOT NULL THEN
        RAISE EXCEPTION 'no ledger account %', bad USING ERRCODE = 'foreign_key_violation';
    END IF;
    -- One look-up by key for each command: as a join it would read all commands ever made.
    IF EXISTS (SELECT FROM (SELECT DISTINCT command_id FROM fresh) entries WHERE pg_current_xact_id() <>
               (SELECT txid FROM commands WHERE commands.command_id = entries.command_id)) THEN
        RAISE EXCEPTION 'an entry is sealed when its command commits' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER postings_checked AFTER INSERT ON postings REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION check_postings();

-- What takes back is the mirror of what it takes back, to the fen. Nothing else pays for these: they wait for a reversal.
CREATE FUNCTION check_reversal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM payments p WHERE p.payment_id = NEW.reverses AND p.reverses IS NULL AND
        (p.account_no, p.payer, p.channel, p.amount_fen) = (NEW.account_no, NEW.payer, NEW.channel, -NEW.amount_fen)) THEN
        RAISE EXCEPTION 'payment % is not the mirror of %', NEW.payment_id, NEW.reverses USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER payments_reversal_mirrors AFTER INSERT ON payments FOR EACH ROW
    WHEN (NEW.reverses IS NOT NULL) EXECUTE FUNCTION check_reversal();

CREATE FUNCTION check_taken_back() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM settlements s WHERE s.settlement_id = NEW.reverses AND s.reverses IS NULL AND
        (s.receivable_id, s.payment_id, s.by_credit, s.paid_fen, s.discount_fen, s.rounding_fen, s.late_fee_fen)
        = (NEW.receivable_id, NEW.payment_id, NEW.by_credit, -NEW.paid_fen, -NEW.discount_fen, -NEW.rounding_fen,
           -NEW.late_fee_fen)) THEN
        RAISE EXCEPTION 'settlement % is not the mirror of %', NEW.settlement_id, NEW.reverses
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER settlements_reversal_mirrors AFTER INSERT ON settlements FOR EACH ROW
    WHEN (NEW.reverses IS NOT NULL) EXECUTE FUNCTION check_taken_back();

-- A hold ends once.
CREATE FUNCTION refuse_second_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'hold % has ended', OLD.hold_id USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER holds_end_once BEFORE UPDATE ON holds FOR EACH ROW
    WHEN (OLD.state <> 'open') EXECUTE FUNCTION refuse_second_end();

-- Numbers that an outlet gave out are on receipts when the work commits: none is missing, none is given out twice.
CREATE FUNCTION check_receipts() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE first_no bigint := CASE TG_OP WHEN 'INSERT' THEN 1 ELSE OLD.next_no END;
BEGIN
    IF NEW.next_no - first_no <> (SELECT count(*) FROM payments WHERE outlet = NEW.outlet AND receipt_no >= first_no) THEN
        RAISE EXCEPTION 'receipt numbers of % have a gap', NEW.outlet USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER outlets_without_gaps AFTER INSERT OR UPDATE ON outlets DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION check_receipts();

CREATE TRIGGER postings_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON postings
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER payments_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payments
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER settlements_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON settlements
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
-- Who owes a receivable never changes by itself. An owner of the account may assume the debt of the one before him: the
-- service may call this, and has no right to write the column.
CREATE FUNCTION assume_debts(assumed bigint[], next_owner text) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE moved integer;
BEGIN
    UPDATE receivables r SET payer = next_owner WHERE r.receivable_id = ANY(assumed)
        AND EXISTS (SELECT FROM owners o WHERE o.account_no = r.account_no AND o.payer = next_owner)
        AND EXISTS (SELECT FROM owners o WHERE o.account_no = r.account_no AND o.payer = r.payer);
    GET DIAGNOSTICS moved = ROW_COUNT;
    IF moved <> cardinality(assumed) THEN
        RAISE EXCEPTION 'a debt moves from an owner to another owner of the account' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN moved;
END $$;
REVOKE ALL ON FUNCTION assume_debts FROM PUBLIC;
GRANT EXECUTE ON FUNCTION assume_debts TO {app};

CREATE TRIGGER corrections_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON corrections
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER reductions_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON reductions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER terms_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON terms
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_accounts_not_deleted BEFORE DELETE OR TRUNCATE ON ledger_accounts
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER credits_not_deleted BEFORE DELETE OR TRUNCATE ON credits
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER holds_not_deleted BEFORE DELETE OR TRUNCATE ON holds
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER outlets_not_deleted BEFORE DELETE OR TRUNCATE ON outlets
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER receivables_not_deleted BEFORE DELETE OR TRUNCATE ON receivables
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

GRANT SELECT, INSERT ON owners, corrections, reductions, cuts TO {app};
GRANT UPDATE (restored_on) ON cuts TO {app};
GRANT SELECT ON accounts, terms, receivables, payments, settlements, credits, holds, outlets, ledger_accounts, postings TO {app};
GRANT INSERT ON accounts, terms, receivables, payments, settlements, credits, holds, outlets, postings TO {app};
GRANT UPDATE (version, hold_id, household) ON accounts TO {app};
GRANT UPDATE (settled_fen, reduced_fen, suspended, closed) ON receivables TO {app};
GRANT UPDATE (used_fen) ON credits TO {app};
GRANT UPDATE (state) ON holds TO {app};
GRANT UPDATE (next_no) ON outlets TO {app};
