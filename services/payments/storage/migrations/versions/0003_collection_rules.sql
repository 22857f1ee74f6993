-- Late fee that is waived, and the rules of collection in force.

-- The rules of collection, as accounts declared them: a row a declaration, the one heard last holds for every day.
CREATE TABLE collection_rules (
    declaration_no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    command_id     bigint NOT NULL,
    policy         text NOT NULL,
    version        text NOT NULL CONSTRAINT collection_rules_version CHECK (length(version) = 64),
    body           jsonb NOT NULL
);
CREATE INDEX collection_rules_of_version ON collection_rules (version);
CREATE TRIGGER collection_rules_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON collection_rules
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
GRANT SELECT, INSERT ON collection_rules TO {app};

-- A late fee that is waived: a list that somebody asked for, decided by a second person as it was read. Rows are never
-- changed; what a waiver takes off on a day follows from the history (services/payments/domain/late_fee_waiver.py).
CREATE TABLE waiver_requests (
    request_id   bigint PRIMARY KEY,
    command_id   bigint NOT NULL,
    requested_on date NOT NULL,
    reason       text NOT NULL CONSTRAINT waiver_requests_reason CHECK (reason <> ''),
    maker        text NOT NULL,
    maker_person text NOT NULL CONSTRAINT waiver_requests_maker_person CHECK (maker_person <> ''),
    content      text NOT NULL,
    content_hash bytea NOT NULL,
    homes        integer NOT NULL CONSTRAINT waiver_requests_homes CHECK (homes > 0),
    -- What all of it would take off on the day of asking: what limits are compared with.
    amount_fen   bigint NOT NULL CONSTRAINT waiver_requests_amount CHECK (amount_fen >= 0),
    CONSTRAINT waiver_requests_hash CHECK (content_hash = sha256(convert_to(content, 'UTF8'))),
    CONSTRAINT waiver_requests_decided_as_asked UNIQUE (request_id, maker_person)
);
CREATE TABLE waivers (
    waiver_id  bigint PRIMARY KEY,
    command_id bigint NOT NULL,
    request_id bigint NOT NULL CONSTRAINT waivers_request REFERENCES waiver_requests,
    account_no text NOT NULL CONSTRAINT waivers_account REFERENCES accounts,
    payer      text NOT NULL,
    season     smallint CONSTRAINT waivers_season CHECK (season BETWEEN 1950 AND 2100),
    mode       text NOT NULL CONSTRAINT waivers_mode CHECK (mode IN ('FIXED', 'PERCENT', 'DELTA', 'NEW_START')),
    pct        numeric CONSTRAINT waivers_pct CHECK (pct > 0 AND pct <= 100),
    amount_fen bigint CONSTRAINT waivers_amount CHECK (amount_fen >= 0),
    start_on   date,
    -- The last day that was asked for; null: as many days after the approval as the terms of the bills give.
    until_on   date,
    CONSTRAINT waivers_value CHECK (num_nonnulls(pct, amount_fen, start_on) = 1 AND (mode = 'PERCENT') = (pct IS NOT NULL)
        AND (mode = 'NEW_START') = (start_on IS NOT NULL)),
    CONSTRAINT waivers_account_once UNIQUE (request_id, account_no)
);
CREATE INDEX waivers_of_account ON waivers (account_no, waiver_id);
CREATE TABLE waiver_decisions (
    request_id        bigint PRIMARY KEY,
    command_id        bigint NOT NULL,
    decided_on        date NOT NULL,
    state             text NOT NULL CONSTRAINT waiver_decisions_state CHECK (state IN ('approved', 'rejected', 'withdrawn')),
    content_hash      bytea NOT NULL,
    maker_person      text NOT NULL,
    decided_by        text NOT NULL,
    decided_by_person text NOT NULL CONSTRAINT waiver_decisions_person CHECK (decided_by_person <> ''),
    remark            text,
    CONSTRAINT waiver_decisions_of FOREIGN KEY (request_id, maker_person)
        REFERENCES waiver_requests (request_id, maker_person),
    CONSTRAINT waiver_decisions_two_people CHECK (state = 'withdrawn' OR decided_by_person <> maker_person)
);
-- The debts that an approved waiver is for, each by the first of its receivables: so it goes along when an owner assumes
-- the debt. paid_before are the payments that had paid some of that late fee by then.
CREATE TABLE waived_shares (
    receivable_id bigint NOT NULL CONSTRAINT waived_shares_receivable REFERENCES receivables,
    waiver_id     bigint NOT NULL CONSTRAINT waived_shares_waiver REFERENCES waivers,
    command_id    bigint NOT NULL,
    approved_on   date NOT NULL,
    until_on      date NOT NULL CONSTRAINT waived_shares_order CHECK (until_on >= approved_on),
    paid_before   bigint[] NOT NULL,
    PRIMARY KEY (receivable_id, waiver_id)
);
CREATE INDEX waived_shares_of_waiver ON waived_shares (waiver_id);
CREATE TABLE waiver_revocations (
    waiver_id  bigint PRIMARY KEY CONSTRAINT waiver_revocations_waiver REFERENCES waivers,
    command_id bigint NOT NULL,
    revoked_on date NOT NULL,
    reason     text NOT NULL CONSTRAINT waiver_revocations_reason CHECK (reason <> '')
);
CREATE TRIGGER waiver_requests_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON waiver_requests
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER waivers_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON waivers
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER waiver_decisions_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON waiver_decisions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER waived_shares_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON waived_shares
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER waiver_revocations_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON waiver_revocations
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
GRANT SELECT, INSERT ON waiver_requests, waivers, waiver_decisions, waived_shares, waiver_revocations TO {app};
