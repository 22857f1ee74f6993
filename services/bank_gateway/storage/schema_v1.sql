-- Banks, mandates, debit batches and their files, results, and the reconciliation of a bank's day. Rows are
-- inserted and never edited; what moves is the state of a batch or a case, each move with a history row.
-- Tables with a row for every item carry no foreign keys: their rows are only made by joins with what they name,
-- and a key would cost as much again as the row (docs/performance.md).

-- A bank is whoever takes our files: one bank, or a clearing house that collects from many.
CREATE TABLE banks (
    bank       text PRIMARY KEY CONSTRAINT banks_code_form CHECK (bank = 'unassigned' OR bank ~ '^[A-Z][A-Z0-9_]{1,19}$'),
    title      text NOT NULL,
    profile    text,
    parameters jsonb NOT NULL,
    CONSTRAINT banks_profile CHECK ((profile IS NULL) = (bank = 'unassigned'))
);
-- Mandates whose bank nobody has declared yet wait here; the declaration takes them over.
INSERT INTO banks VALUES ('unassigned', '未归属银行', NULL, '{}');

-- The names under which mandates know a bank, and the number by which its files know that name.
CREATE TABLE bank_names (
    name      text PRIMARY KEY,
    bank      text NOT NULL CONSTRAINT bank_names_bank REFERENCES banks,
    bank_code text NOT NULL DEFAULT ''
);

CREATE TABLE bank_declarations (
    declaration_id bigint PRIMARY KEY,
    command_id     bigint NOT NULL CONSTRAINT bank_declarations_command REFERENCES commands,
    bank           text NOT NULL CONSTRAINT bank_declarations_bank REFERENCES banks,
    body           jsonb NOT NULL
);

CREATE TABLE mandates (
    mandate_id   bigint PRIMARY KEY,
    command_id   bigint NOT NULL CONSTRAINT mandates_command REFERENCES commands,
    account_no   text NOT NULL CONSTRAINT mandates_account_form CHECK (account_no ~ '^[0-9]{10}$'),
    bank         text NOT NULL CONSTRAINT mandates_bank REFERENCES banks,
    bank_name    text NOT NULL,
    bank_account text NOT NULL CONSTRAINT mandates_bank_account CHECK (length(bank_account) BETWEEN 1 AND 60),
    holder       text NOT NULL CONSTRAINT mandates_holder CHECK (length(holder) BETWEEN 1 AND 200),
    id_type      text NOT NULL,
    id_no        text NOT NULL,
    agreed_on    date NOT NULL,
    revoked_on   date,
    revoked_by   bigint CONSTRAINT mandates_revoked_by REFERENCES commands DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT mandates_revoked CHECK ((revoked_on IS NULL) = (revoked_by IS NULL))
);
CREATE UNIQUE INDEX mandates_one_live ON mandates (account_no) WHERE revoked_on IS NULL;
CREATE INDEX mandates_of_bank ON mandates (bank, account_no) WHERE revoked_on IS NULL;

-- Every file that came or went. Bytes that were accepted once are not accepted again, under whatever name; only a
-- bank's day may be compared as often as one likes.
CREATE TABLE files (
    file_id    bigint PRIMARY KEY,
    command_id bigint NOT NULL CONSTRAINT files_command REFERENCES commands,
    sha256     bytea NOT NULL CONSTRAINT files_sha256_length CHECK (length(sha256) = 32),
    name       text NOT NULL,
    bytes      bigint NOT NULL CONSTRAINT files_bytes CHECK (bytes >= 0),
    direction  text NOT NULL CONSTRAINT files_direction CHECK (direction IN ('in', 'out')),
    kind       text NOT NULL CONSTRAINT files_kind CHECK (kind IN ('send', 'result', 'adoption', 'bank_day')),
    outcome    text NOT NULL CONSTRAINT files_outcome CHECK (outcome IN ('written', 'accepted', 'refused')),
    bank       text CONSTRAINT files_bank REFERENCES banks,
    batch_no   bigint,
    refusal    jsonb,
    CONSTRAINT files_written CHECK ((outcome = 'written') = (direction = 'out')),
    CONSTRAINT files_refusal CHECK ((outcome = 'refused') = (refusal IS NOT NULL))
);
CREATE UNIQUE INDEX files_accepted_once ON files (sha256) WHERE outcome = 'accepted' AND kind <> 'bank_day';
CREATE INDEX files_of_batch ON files (batch_no) WHERE batch_no IS NOT NULL;

CREATE SEQUENCE batch_numbers;

-- A debit batch. ``file_no`` is its number in the bank's words, on the day of ``sent_on``; ``party`` who we are
-- there. ``parameters`` are the bank's as they were when it was built: the file can be written again from them.
CREATE TABLE batches (
    batch_no       bigint PRIMARY KEY,
    bank           text NOT NULL CONSTRAINT batches_bank REFERENCES banks,
    profile        text NOT NULL,
    party          text NOT NULL,
    parameters     jsonb NOT NULL,
    as_of          date NOT NULL,
    file_no        text NOT NULL,
    -- Item n has the number first_number + n among all items of this party on this day: its key is made of it.
    first_number   bigint NOT NULL,
    adopted        boolean NOT NULL,
    hand_over      boolean NOT NULL,
    state          text NOT NULL CONSTRAINT batches_state
        CHECK (state IN ('claiming', 'built', 'handed_over', 'returned', 'closed', 'withdrawn')),
    -- What is to be done next without anybody asking; a worker goes on with it when nobody has for a minute.
    next_step      text CONSTRAINT batches_next_step CHECK (next_step IN ('claim', 'write', 'hand_over', 'publish')),
    attended_until timestamptz NOT NULL DEFAULT now() + interval '1 minute',
    item_count     integer NOT NULL DEFAULT 0 CONSTRAINT batches_count CHECK (item_count >= 0),
    amount_fen     bigint NOT NULL DEFAULT 0 CONSTRAINT batches_amount CHECK (amount_fen >= 0),
    unknown_count  integer NOT NULL DEFAULT 0 CONSTRAINT batches_unknown CHECK (unknown_count >= 0),
    -- Grows with every withdrawal; the file of an older version must not leave.
    version        integer NOT NULL DEFAULT 1,
    file_id        bigint CONSTRAINT batches_file REFERENCES files DEFERRABLE INITIALLY DEFERRED,
    file_version   integer,
    CONSTRAINT batches_identity_once UNIQUE (profile, party, as_of, file_no),
    CONSTRAINT batches_ended CHECK (state NOT IN ('closed', 'withdrawn') OR next_step IS NULL),
    CONSTRAINT batches_file_version CHECK ((file_id IS NULL) = (file_version IS NULL))
) WITH (fillfactor = 50);
CREATE INDEX batches_to_go_on ON batches (batch_no) WHERE next_step IS NOT NULL;
CREATE INDEX batches_of_bank ON batches (bank, batch_no);

CREATE TABLE batch_moves (
    move_id    bigint PRIMARY KEY,
    command_id bigint NOT NULL CONSTRAINT batch_moves_command REFERENCES commands,
    batch_no   bigint NOT NULL,
    verb       text NOT NULL,
    from_state text NOT NULL,
    to_state   text NOT NULL,
    reason     text NOT NULL
);
CREATE INDEX batch_moves_of_batch ON batch_moves (batch_no, move_id);

-- What payments has posted of a batch, as it told.
CREATE TABLE batch_progress (
    batch_no     bigint PRIMARY KEY CONSTRAINT batch_progress_batch REFERENCES batches,
    posted_count integer NOT NULL DEFAULT 0,
    settled_fen  bigint NOT NULL DEFAULT 0,
    credit_fen   bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50);

-- The claims of a batch, page by page: fixed before payments is asked, so that a repeat asks for the same.
-- Item n of page p is item (p - 1) × 5,000 + n. Without mandates the items of the page are there already.
CREATE TABLE batch_pages (
    batch_no    bigint NOT NULL CONSTRAINT batch_pages_batch REFERENCES batches DEFERRABLE INITIALLY DEFERRED,
    page        integer NOT NULL,
    mandate_ids bigint[],
    claimed     boolean NOT NULL DEFAULT false,
    PRIMARY KEY (batch_no, page)
) WITH (fillfactor = 90);

-- What the bank is asked for. ``echo`` are the fields that must come back, in the words of the file.
CREATE TABLE batch_items (
    batch_no     bigint NOT NULL,
    item_no      integer NOT NULL,
    key          text NOT NULL,
    account_no   text NOT NULL,
    mandate_id   bigint,
    bank_account text NOT NULL,
    amount_fen   bigint NOT NULL CONSTRAINT batch_items_amount CHECK (amount_fen > 0),
    echo         text NOT NULL,
    CONSTRAINT batch_items_once PRIMARY KEY (batch_no, item_no),
    CONSTRAINT batch_items_key_once UNIQUE (batch_no, key)
);

-- What payments said of an item other than yes: passed over with its reason, or claimed with another amount than
-- an old system had asked for.
CREATE TABLE claim_remarks (
    batch_no    bigint NOT NULL,
    item_no     integer NOT NULL,
    account_no  text NOT NULL,
    reason      text NOT NULL,
    claimed_fen bigint,
    detail      text NOT NULL DEFAULT '',
    CONSTRAINT claim_remarks_once PRIMARY KEY (batch_no, item_no)
);

-- Claims to be given back in payments: written first, called after, done when payments has answered.
CREATE TABLE releases (
    release_no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    command_id bigint NOT NULL CONSTRAINT releases_command REFERENCES commands DEFERRABLE INITIALLY DEFERRED,
    batch_no   bigint NOT NULL,
    item_nos   integer[] NOT NULL,
    reason     text NOT NULL,
    done       boolean NOT NULL DEFAULT false
);
CREATE INDEX releases_to_do ON releases (batch_no) WHERE NOT done;

CREATE TABLE withdrawals (
    batch_no   bigint NOT NULL,
    item_no    integer NOT NULL,
    command_id bigint NOT NULL,
    reason     text NOT NULL,
    CONSTRAINT withdrawals_once PRIMARY KEY (batch_no, item_no)
);

-- The bank's word on an item, once it is certain.
CREATE TABLE results (
    batch_no      bigint NOT NULL,
    item_no       integer NOT NULL,
    file_id       bigint NOT NULL,
    account_no    text NOT NULL,
    reason        text NOT NULL,
    code          text NOT NULL,
    collected_fen bigint NOT NULL,
    CONSTRAINT results_once PRIMARY KEY (batch_no, item_no),
    CONSTRAINT results_collected CHECK ((reason = 'ok') = (collected_fen > 0) AND collected_fen >= 0),
    CONSTRAINT results_certain CHECK (reason <> 'unknown')
);

-- Results that nobody can read for certain: these items stay open until another file tells.
CREATE TABLE unknown_results (
    file_id  bigint NOT NULL CONSTRAINT unknown_results_file REFERENCES files DEFERRABLE INITIALLY DEFERRED,
    batch_no bigint NOT NULL,
    item_no  integer NOT NULL,
    code     text NOT NULL,
    PRIMARY KEY (file_id, item_no)
);

-- An accepted result file, and how far its results are told to payments: up to ``told_until``, in order of items.
CREATE TABLE result_files (
    file_id         bigint PRIMARY KEY CONSTRAINT result_files_file REFERENCES files DEFERRABLE INITIALLY DEFERRED,
    batch_no        bigint NOT NULL CONSTRAINT result_files_batch REFERENCES batches,
    succeeded_count integer NOT NULL,
    failed_count    integer NOT NULL,
    unknown_count   integer NOT NULL,
    collected_fen   bigint NOT NULL,
    classes         jsonb NOT NULL,
    told_until      integer NOT NULL DEFAULT 0,
    told_count      integer NOT NULL DEFAULT 0,
    done            boolean NOT NULL DEFAULT false,
    CONSTRAINT result_files_told CHECK (told_count BETWEEN 0 AND succeeded_count + failed_count),
    CONSTRAINT result_files_done CHECK (done = (told_count = succeeded_count + failed_count))
) WITH (fillfactor = 50);
CREATE INDEX result_files_to_tell ON result_files (file_id) WHERE NOT done;
CREATE INDEX result_files_of_batch ON result_files (batch_no);

-- One comparison of a bank's day with our book. The equations are the table's own: what does not add up to the
-- fen cannot be written.
CREATE TABLE reconciliations (
    reconciliation_no      bigint PRIMARY KEY,
    command_id             bigint NOT NULL CONSTRAINT reconciliations_command REFERENCES commands,
    bank                   text NOT NULL CONSTRAINT reconciliations_bank REFERENCES banks,
    day                    date NOT NULL,
    file_id                bigint CONSTRAINT reconciliations_file REFERENCES files,
    bank_count             integer NOT NULL,
    bank_fen               bigint NOT NULL,
    book_count             integer NOT NULL,
    book_fen               bigint NOT NULL,
    matched_count          integer NOT NULL,
    matched_fen            bigint NOT NULL,
    bank_only_count        integer NOT NULL,
    bank_only_fen          bigint NOT NULL,
    book_only_count        integer NOT NULL,
    book_only_fen          bigint NOT NULL,
    amount_differs_count   integer NOT NULL,
    amount_differs_fen     bigint NOT NULL,
    amount_differs_book_fen bigint NOT NULL,
    date_differs_count     integer NOT NULL,
    date_differs_fen       bigint NOT NULL,
    duplicate_serial_count integer NOT NULL,
    duplicate_serial_fen   bigint NOT NULL,
    CONSTRAINT reconciliations_bank_lines CHECK
        (bank_count = matched_count + bank_only_count + amount_differs_count + date_differs_count + duplicate_serial_count),
    CONSTRAINT reconciliations_bank_money CHECK
        (bank_fen = matched_fen + bank_only_fen + amount_differs_fen + date_differs_fen + duplicate_serial_fen),
    CONSTRAINT reconciliations_book_rows CHECK
        (book_count = matched_count + book_only_count + amount_differs_count + date_differs_count),
    CONSTRAINT reconciliations_book_money CHECK
        (book_fen = matched_fen + book_only_fen + amount_differs_book_fen + date_differs_fen)
);
CREATE INDEX reconciliations_of_day ON reconciliations (bank, day);

-- A line or a row that does not agree, until somebody or a later day explains it. ``nth`` counts the lines of the
-- bank's file with the same serial.
CREATE TABLE cases (
    case_no           bigint PRIMARY KEY,
    reconciliation_no bigint NOT NULL CONSTRAINT cases_reconciliation REFERENCES reconciliations DEFERRABLE INITIALLY DEFERRED,
    bank              text NOT NULL CONSTRAINT cases_bank REFERENCES banks,
    day               date NOT NULL,
    kind              text NOT NULL CONSTRAINT cases_kind CHECK
        (kind IN ('bank_only', 'book_only', 'amount_differs', 'date_differs', 'duplicate_serial', 'account_differs')),
    serial            text NOT NULL,
    nth               integer NOT NULL,
    account_no        text NOT NULL,
    bank_fen          bigint,
    book_fen          bigint,
    payment_id        bigint,
    state             text NOT NULL DEFAULT 'open' CONSTRAINT cases_state CHECK (state IN ('open', 'posted', 'resolved'))
);
CREATE UNIQUE INDEX cases_one_open ON cases (bank, day, serial, nth, kind) WHERE state = 'open';
CREATE INDEX cases_open_serial ON cases (bank, serial) WHERE state = 'open';

CREATE TABLE case_moves (
    move_id    bigint PRIMARY KEY,
    command_id bigint NOT NULL CONSTRAINT case_moves_command REFERENCES commands DEFERRABLE INITIALLY DEFERRED,
    case_no    bigint NOT NULL CONSTRAINT case_moves_case REFERENCES cases,
    verb       text NOT NULL,
    from_state text NOT NULL,
    to_state   text NOT NULL,
    reason     text NOT NULL
);
CREATE INDEX case_moves_of_case ON case_moves (case_no);

CREATE TRIGGER bank_declarations_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON bank_declarations
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER files_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON files
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER batch_moves_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON batch_moves
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER batch_items_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON batch_items
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER claim_remarks_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON claim_remarks
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER withdrawals_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON withdrawals
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER results_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON results
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER unknown_results_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON unknown_results
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER reconciliations_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON reconciliations
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER case_moves_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON case_moves
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER mandates_not_deleted BEFORE DELETE OR TRUNCATE ON mandates
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER batches_not_deleted BEFORE DELETE OR TRUNCATE ON batches
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

GRANT USAGE ON SEQUENCE batch_numbers TO {app};
GRANT SELECT, INSERT ON banks, bank_names, bank_declarations, mandates, files, batches, batch_moves, batch_progress,
    batch_pages, batch_items, claim_remarks, releases, withdrawals, results, unknown_results, result_files,
    reconciliations, cases, case_moves TO {app};
GRANT UPDATE (title, profile, parameters) ON banks TO {app};
GRANT UPDATE (bank_code) ON bank_names TO {app};
GRANT UPDATE (bank, revoked_on, revoked_by) ON mandates TO {app};
GRANT UPDATE (state, next_step, attended_until, item_count, amount_fen, unknown_count, version, file_id, file_version)
    ON batches TO {app};
GRANT UPDATE ON batch_progress TO {app};
GRANT UPDATE (claimed) ON batch_pages TO {app};
GRANT UPDATE (done) ON releases TO {app};
GRANT UPDATE (told_until, told_count, done) ON result_files TO {app};
GRANT UPDATE (state, payment_id) ON cases TO {app};
-- Files are staged in temporary tables before anything of them is believed.
DO $$ BEGIN EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO {app}', current_database()); END $$;
