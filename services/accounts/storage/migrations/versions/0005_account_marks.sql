-- What marks an account beyond its state: how its home was before a change that counts by days, where it came from and
-- went to, use of heat without a right to it, locks, the blacklist, and verbs that are done to many in the background.

-- Until the day until_on (excluded) the home was otherwise: of another class, or of other areas before a merge or split.
-- The home of today stands in heat_accounts and premises; what is NULL here was as it is in the version that follows.
CREATE TABLE former_homes (
    former_id      bigint PRIMARY KEY,
    command_id     bigint NOT NULL CONSTRAINT former_homes_command REFERENCES commands,
    account_no     text NOT NULL CONSTRAINT former_homes_account REFERENCES heat_accounts,
    cause          text NOT NULL CONSTRAINT former_homes_cause CHECK (cause IN ('class', 'merge', 'split')),
    until_on       date NOT NULL,
    price_class    text,
    building_area  numeric(12,2) CONSTRAINT former_homes_building_area CHECK (building_area > 0),
    inner_area     numeric(12,2),
    usable_area    numeric(12,2),
    certified_area numeric(12,2),
    reason         text NOT NULL CONSTRAINT former_homes_reason CHECK (reason <> ''),
    CONSTRAINT former_homes_class CHECK ((cause = 'class') = (price_class IS NOT NULL)),
    CONSTRAINT former_homes_areas CHECK ((cause <> 'class') = (building_area IS NOT NULL))
);
CREATE INDEX former_homes_of_account ON former_homes (account_no, until_on, former_id);
CREATE TRIGGER former_homes_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON former_homes
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
GRANT SELECT, INSERT ON former_homes TO {app};
GRANT UPDATE (price_class, connected_on, warranty_until) ON heat_accounts TO {app};

-- account_no goes on; other_no ended in it (merge) or came out of it (split). An account ends once and begins once.
CREATE TABLE account_joins (
    join_id    bigint PRIMARY KEY,
    command_id bigint NOT NULL CONSTRAINT account_joins_command REFERENCES commands,
    kind       text NOT NULL CONSTRAINT account_joins_kind CHECK (kind IN ('merge', 'split')),
    account_no text NOT NULL CONSTRAINT account_joins_account REFERENCES heat_accounts,
    other_no   text NOT NULL CONSTRAINT account_joins_other REFERENCES heat_accounts,
    on_day     date NOT NULL,
    reason     text NOT NULL CONSTRAINT account_joins_reason CHECK (reason <> ''),
    CONSTRAINT account_joins_two CHECK (account_no <> other_no),
    CONSTRAINT account_joins_once UNIQUE (other_no, kind)
);
CREATE INDEX account_joins_of_account ON account_joins (account_no);
CREATE TRIGGER account_joins_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON account_joins
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
GRANT SELECT, INSERT ON account_joins TO {app};

-- A home that has no right to heat was found using it: from the day that is presumed or proven to the day it was found.
CREATE TABLE illegal_uses (
    use_id     bigint PRIMARY KEY,
    command_id bigint NOT NULL CONSTRAINT illegal_uses_command REFERENCES commands,
    account_no text NOT NULL CONSTRAINT illegal_uses_account REFERENCES heat_accounts,
    season     smallint NOT NULL CONSTRAINT illegal_uses_season CHECK (season BETWEEN 1950 AND 2100),
    state      text NOT NULL CONSTRAINT illegal_uses_state CHECK (state IN ('not_connected', 'cut', 'disconnected')),
    finding    text NOT NULL CONSTRAINT illegal_uses_finding CHECK (finding IN ('valve_open', 'heat_used')),
    used_since date NOT NULL,
    found_on   date NOT NULL,
    reason     text NOT NULL CONSTRAINT illegal_uses_reason CHECK (reason <> ''),
    CONSTRAINT illegal_uses_order CHECK (used_since <= found_on)
);
CREATE INDEX illegal_uses_of_account ON illegal_uses (account_no, season);
CREATE TRIGGER illegal_uses_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON illegal_uses
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
GRANT SELECT, INSERT ON illegal_uses TO {app};

-- While a lock has no release, the verbs that its kind blocks are refused.
CREATE TABLE account_locks (
    lock_id    bigint PRIMARY KEY,
    command_id bigint NOT NULL CONSTRAINT account_locks_command REFERENCES commands,
    account_no text NOT NULL CONSTRAINT account_locks_account REFERENCES heat_accounts,
    kind       text NOT NULL CONSTRAINT account_locks_kind CHECK (kind <> ''),
    locked_on  date NOT NULL,
    reason     text NOT NULL CONSTRAINT account_locks_reason CHECK (reason <> '')
);
CREATE INDEX account_locks_of_account ON account_locks (account_no);
CREATE TABLE account_lock_releases (
    lock_id     bigint PRIMARY KEY CONSTRAINT account_lock_releases_lock REFERENCES account_locks,
    command_id  bigint NOT NULL CONSTRAINT account_lock_releases_command REFERENCES commands,
    released_on date NOT NULL,
    reason      text NOT NULL CONSTRAINT account_lock_releases_reason CHECK (reason <> '')
);
CREATE TRIGGER account_locks_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON account_locks
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER account_lock_releases_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON account_lock_releases
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
GRANT SELECT, INSERT ON account_locks, account_lock_releases TO {app};

-- Persons with whom nothing new is begun: by their ID number, or by the customer where no number is known.
CREATE TABLE blacklist_entries (
    entry_id    bigint PRIMARY KEY,
    command_id  bigint NOT NULL CONSTRAINT blacklist_entries_command REFERENCES commands,
    id_type     text CONSTRAINT blacklist_entries_id_type CHECK (id_type IN ('id_card', 'uscc', 'passport')),
    id_no       text,
    customer_id bigint CONSTRAINT blacklist_entries_customer REFERENCES customers,
    listed_on   date NOT NULL,
    reason      text NOT NULL CONSTRAINT blacklist_entries_reason CHECK (reason <> ''),
    CONSTRAINT blacklist_entries_id_whole CHECK ((id_type IS NULL) = (id_no IS NULL)),
    CONSTRAINT blacklist_entries_one CHECK ((id_no IS NULL) <> (customer_id IS NULL))
);
CREATE INDEX blacklist_entries_of_id ON blacklist_entries (id_no) WHERE id_no IS NOT NULL;
CREATE INDEX blacklist_entries_of_customer ON blacklist_entries (customer_id) WHERE customer_id IS NOT NULL;
CREATE TABLE blacklist_removals (
    entry_id   bigint PRIMARY KEY CONSTRAINT blacklist_removals_entry REFERENCES blacklist_entries,
    command_id bigint NOT NULL CONSTRAINT blacklist_removals_command REFERENCES commands,
    removed_on date NOT NULL,
    reason     text NOT NULL CONSTRAINT blacklist_removals_reason CHECK (reason <> '')
);
CREATE TRIGGER blacklist_entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON blacklist_entries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER blacklist_removals_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON blacklist_removals
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
GRANT SELECT, INSERT ON blacklist_entries, blacklist_removals TO {app};

-- A verb for many accounts, worked off page by page in the background. request is the verb's body without its accounts,
-- chosen says how they were chosen. done_by is the command that found nothing left to do on the page.
CREATE TABLE account_batches (
    batch_id   bigint PRIMARY KEY,
    command_id bigint NOT NULL CONSTRAINT account_batches_command REFERENCES commands,
    verb       text NOT NULL CONSTRAINT account_batches_verb CHECK (verb <> ''),
    mode       text NOT NULL CONSTRAINT account_batches_mode CHECK (mode IN ('do', 'preview')),
    request    jsonb NOT NULL,
    chosen     jsonb NOT NULL,
    accounts   integer NOT NULL CONSTRAINT account_batches_accounts CHECK (accounts > 0)
);
CREATE TABLE account_batch_pages (
    batch_id    bigint NOT NULL CONSTRAINT account_batch_pages_batch REFERENCES account_batches,
    page        integer NOT NULL,
    account_nos text[] NOT NULL,
    done_by     bigint,
    PRIMARY KEY (batch_id, page)
);
CREATE INDEX account_batch_pages_open ON account_batch_pages (batch_id, page) WHERE done_by IS NULL;
CREATE TABLE account_batch_outcomes (
    batch_id   bigint NOT NULL CONSTRAINT account_batch_outcomes_batch REFERENCES account_batches,
    account_no text NOT NULL,
    command_id bigint NOT NULL CONSTRAINT account_batch_outcomes_command REFERENCES commands,
    outcome    text NOT NULL CONSTRAINT account_batch_outcomes_outcome CHECK (outcome IN ('done', 'already', 'refused')),
    code       text,
    detail     text,
    amount_fen bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (account_no, batch_id),
    CONSTRAINT account_batch_outcomes_why CHECK ((outcome = 'done') = (code IS NULL))
);
CREATE INDEX account_batch_outcomes_of_batch ON account_batch_outcomes (batch_id, account_no);
CREATE TRIGGER account_batches_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON account_batches
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER account_batch_pages_not_deleted BEFORE DELETE OR TRUNCATE ON account_batch_pages
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER account_batch_outcomes_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON account_batch_outcomes
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
GRANT SELECT, INSERT ON account_batches, account_batch_pages, account_batch_outcomes TO {app};
GRANT UPDATE (done_by) ON account_batch_pages TO {app};
