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

-- Employers and others that pay for many: name is the payer of its members' shares.
CREATE TABLE payer_groups (
    group_id   bigint PRIMARY KEY,
    command_id bigint NOT NULL CONSTRAINT payer_groups_command REFERENCES commands,
    code       text NOT NULL CONSTRAINT payer_groups_code CHECK (code ~ '^[A-Z0-9_-]{1,20}$'),
    name       text NOT NULL CONSTRAINT payer_groups_name CHECK (name <> '' AND name !~ '^self(:|$)'),
    uscc       text,
    CONSTRAINT payer_groups_code_once UNIQUE (code),
    CONSTRAINT payer_groups_name_once UNIQUE (name)
);
CREATE TRIGGER payer_groups_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payer_groups
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The members of a season: each is a relief case whose payer is the group, and leaves when that ends.
CREATE TABLE group_members (
    case_id    bigint PRIMARY KEY CONSTRAINT group_members_case REFERENCES relief_cases,
    command_id bigint NOT NULL CONSTRAINT group_members_command REFERENCES commands,
    group_id   bigint NOT NULL CONSTRAINT group_members_group REFERENCES payer_groups,
    account_no text NOT NULL,
    season     smallint NOT NULL
);
CREATE INDEX group_members_of_group ON group_members (group_id, season, account_no);
CREATE INDEX group_members_of_account ON group_members (account_no);
CREATE TRIGGER group_members_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON group_members
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
GRANT SELECT, INSERT ON payer_groups, group_members TO {app};

-- What one payer is asked for at once, of one season. A line is by how much a share is more, or less, than what batches
-- before it asked for.
CREATE TABLE claim_batches (
    batch_no   bigint PRIMARY KEY,
    command_id bigint NOT NULL CONSTRAINT claim_batches_command REFERENCES commands DEFERRABLE INITIALLY DEFERRED,
    payer      text NOT NULL CONSTRAINT claim_batches_payer CHECK (payer <> ''),
    season     smallint NOT NULL CONSTRAINT claim_batches_season CHECK (season BETWEEN 1950 AND 2100),
    drawn_on   date NOT NULL,
    sent_on    date,
    state      text NOT NULL CONSTRAINT claim_batches_state CHECK (state IN ('drawn_up', 'sent', 'disputed', 'withdrawn')),
    CONSTRAINT claim_batches_sent CHECK (state IN ('drawn_up', 'withdrawn') OR sent_on IS NOT NULL)
);
CREATE INDEX claim_batches_of_payer ON claim_batches (payer, season);
CREATE TABLE claim_lines (
    batch_no   bigint NOT NULL CONSTRAINT claim_lines_batch REFERENCES claim_batches,
    bill_no    bigint NOT NULL,
    payer      text NOT NULL,
    account_no text NOT NULL,
    amount_fen bigint NOT NULL CONSTRAINT claim_lines_amount CHECK (amount_fen <> 0),
    PRIMARY KEY (batch_no, bill_no, payer),
    CONSTRAINT claim_lines_bill FOREIGN KEY (bill_no, payer) REFERENCES bills
);
CREATE INDEX claim_lines_of_share ON claim_lines (bill_no, payer);
CREATE TABLE claim_moves (
    move_id    bigint PRIMARY KEY,
    command_id bigint NOT NULL CONSTRAINT claim_moves_command REFERENCES commands,
    batch_no   bigint NOT NULL CONSTRAINT claim_moves_batch REFERENCES claim_batches,
    verb       text NOT NULL,
    from_state text NOT NULL,
    to_state   text NOT NULL,
    moved_on   date NOT NULL,
    note       text NOT NULL CONSTRAINT claim_moves_note CHECK (note <> '')
);
CREATE INDEX claim_moves_of_batch ON claim_moves (batch_no);
CREATE TRIGGER claim_lines_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON claim_lines
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER claim_moves_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON claim_moves
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER claim_batches_not_deleted BEFORE DELETE OR TRUNCATE ON claim_batches
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
GRANT SELECT, INSERT ON claim_batches, claim_lines, claim_moves TO {app};
GRANT UPDATE (state, sent_on) ON claim_batches TO {app};
CREATE TRIGGER claim_batches_audited AFTER UPDATE ON claim_batches FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*)
    EXECUTE FUNCTION audit_change('batch_no');

-- Few bills have a share of another payer; theirs are found by the payer.
CREATE TABLE payer_shares (
    payer      text NOT NULL,
    season     smallint NOT NULL,
    bill_no    bigint NOT NULL,
    account_no text NOT NULL,
    PRIMARY KEY (payer, season, bill_no)
);
INSERT INTO payer_shares SELECT payer, season, bill_no, account_no FROM bills WHERE payer !~ '^self(:|$)' AND kind <> 'opening';
GRANT SELECT, INSERT ON payer_shares TO {app};
