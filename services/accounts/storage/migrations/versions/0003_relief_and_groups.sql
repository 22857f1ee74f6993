-- Relief that is paid back or priced, government lists and claims, groups of an employer.

-- Nothing is open of a share, late fee included; NULL: told before anybody asked, when open_fen = 0 has to do.
ALTER TABLE debts ADD COLUMN settled boolean;
GRANT UPDATE (settled) ON debts TO {app};

-- The new word only widens what the old rows kept: they need not be read again.
ALTER TABLE bill_corrections DROP CONSTRAINT bill_corrections_kind;
ALTER TABLE bill_corrections ADD CONSTRAINT bill_corrections_kind
    CHECK (kind IN ('correction', 'credit_note', 'assumption', 'reimbursement')) NOT VALID;

-- A price of its own (one of price and price_class, or share_pct off), or a sum for each m²; the days for which it holds;
-- who is named in the proof.
ALTER TABLE relief_cases
    ADD COLUMN price numeric(10,4),
    ADD COLUMN price_class text,
    ADD COLUMN per_m2 numeric(10,4),
    ADD COLUMN from_on date,
    ADD COLUMN until_on date,
    ADD COLUMN holder text,
    ADD COLUMN relative text,
    ADD CONSTRAINT relief_cases_price CHECK (price > 0) NOT VALID,
    ADD CONSTRAINT relief_cases_per_m2 CHECK (per_m2 > 0) NOT VALID,
    ADD CONSTRAINT relief_cases_own_price CHECK (
        mechanism = 'PRICE_CLASS' OR price IS NULL AND price_class IS NULL) NOT VALID,
    ADD CONSTRAINT relief_cases_days CHECK (from_on < until_on) NOT VALID;

-- A relief ends once, before its season does; until_on is the first day for which it does not hold.
CREATE TABLE relief_endings (
    case_id    bigint PRIMARY KEY CONSTRAINT relief_endings_case REFERENCES relief_cases,
    command_id bigint NOT NULL CONSTRAINT relief_endings_command REFERENCES commands,
    until_on   date NOT NULL,
    reason     text NOT NULL CONSTRAINT relief_endings_reason CHECK (reason <> '')
);
CREATE TRIGGER relief_endings_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON relief_endings
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
GRANT SELECT, INSERT ON relief_endings TO {app};

-- Ended, it may be granted anew: what is one share of one payer is told by the command, which holds the account.
ALTER TABLE relief_cases DROP CONSTRAINT relief_cases_once;
CREATE INDEX relief_cases_of_account ON relief_cases (account_no, season);
