-- Working days, deadlines, documents, work orders.

-- The holidays and make-up workdays of a year, as its notice tells them; what was declared last of a year holds.
CREATE TABLE calendar_years (
    declaration_id bigint PRIMARY KEY,
    command_id     bigint NOT NULL CONSTRAINT calendar_years_command REFERENCES commands,
    year           smallint NOT NULL CONSTRAINT calendar_years_year CHECK (year BETWEEN 1950 AND 2199),
    document       text NOT NULL CONSTRAINT calendar_years_document CHECK (document <> '')
);
CREATE INDEX calendar_years_of_year ON calendar_years (year, declaration_id);
CREATE TABLE calendar_days (
    declaration_id bigint NOT NULL CONSTRAINT calendar_days_declaration REFERENCES calendar_years,
    day            date NOT NULL,
    kind           text NOT NULL CONSTRAINT calendar_days_kind CHECK (kind IN ('holiday', 'workday')),
    name           text NOT NULL CONSTRAINT calendar_days_name CHECK (name <> ''),
    PRIMARY KEY (declaration_id, day),
    CONSTRAINT calendar_days_weekend CHECK (kind = 'holiday' OR extract(isodow FROM day) > 5)
);

-- A suspension that somebody asked for, until it is answered; granted, it is a period of the account.
CREATE TABLE suspension_applications (
    application_id bigint PRIMARY KEY,
    command_id     bigint NOT NULL CONSTRAINT suspension_applications_command REFERENCES commands,
    account_no     text NOT NULL CONSTRAINT suspension_applications_account REFERENCES heat_accounts,
    season         smallint NOT NULL CONSTRAINT suspension_applications_season CHECK (season BETWEEN 1950 AND 2100),
    -- NULL: as the policy renews.
    seasons        smallint CONSTRAINT suspension_applications_seasons CHECK (seasons BETWEEN 1 AND 20),
    asked_on       date NOT NULL,
    state          text NOT NULL CONSTRAINT suspension_applications_state
                   CHECK (state IN ('asked', 'granted', 'declined', 'withdrawn', 'lapsed')),
    -- The first day of the period that was granted.
    granted_on     date,
    CONSTRAINT suspension_applications_granted CHECK ((granted_on IS NOT NULL) = (state IN ('granted', 'lapsed')))
);
CREATE UNIQUE INDEX suspension_applications_one_open ON suspension_applications (account_no) WHERE state = 'asked';
CREATE INDEX suspension_applications_of_account ON suspension_applications (account_no, application_id);
CREATE TABLE suspension_moves (
    move_id        bigint PRIMARY KEY,
    command_id     bigint NOT NULL CONSTRAINT suspension_moves_command REFERENCES commands,
    application_id bigint NOT NULL CONSTRAINT suspension_moves_application REFERENCES suspension_applications,
    verb           text NOT NULL,
    from_state     text,
    to_state       text NOT NULL,
    moved_on       date NOT NULL,
    note           text NOT NULL
);
CREATE INDEX suspension_moves_of_application ON suspension_moves (application_id);

-- What a contract for a connection asks for before heat is let in, and the receipt by which it was paid.
CREATE TABLE connection_charges (
    application_id   bigint PRIMARY KEY CONSTRAINT connection_charges_application REFERENCES connection_applications,
    command_id       bigint NOT NULL CONSTRAINT connection_charges_command REFERENCES commands,
    connection_fen   bigint NOT NULL CONSTRAINT connection_charges_connection CHECK (connection_fen >= 0),
    first_season_fen bigint NOT NULL CONSTRAINT connection_charges_first_season CHECK (first_season_fen >= 0),
    -- The legal document that allows a connection fee.
    document         text,
    CONSTRAINT connection_charges_something CHECK (connection_fen + first_season_fen > 0),
    CONSTRAINT connection_charges_documented CHECK (connection_fen = 0 OR document IS NOT NULL)
);
CREATE TABLE connection_payments (
    application_id bigint PRIMARY KEY CONSTRAINT connection_payments_charge REFERENCES connection_charges,
    command_id     bigint NOT NULL CONSTRAINT connection_payments_command REFERENCES commands,
    receipt        text NOT NULL CONSTRAINT connection_payments_receipt CHECK (receipt <> ''),
    paid_on        date NOT NULL,
    CONSTRAINT connection_payments_receipt_once UNIQUE (receipt)
);

-- How many homes a building has, by the developer's table; what was told last holds.
CREATE TABLE building_homes (
    version_id bigint PRIMARY KEY,
    command_id bigint NOT NULL CONSTRAINT building_homes_command REFERENCES commands,
    compound   text NOT NULL CONSTRAINT building_homes_compound CHECK (compound <> ''),
    building   text NOT NULL CONSTRAINT building_homes_building CHECK (building <> ''),
    homes      integer NOT NULL CONSTRAINT building_homes_count CHECK (homes BETWEEN 1 AND 100000),
    reason     text NOT NULL CONSTRAINT building_homes_reason CHECK (reason <> '')
);
CREATE INDEX building_homes_of_building ON building_homes (compound, building, version_id);
CREATE INDEX connection_applications_open_in_building ON connection_applications
    ((account::jsonb ->> 'compound'), (account::jsonb ->> 'building'))
    WHERE state IN ('applied', 'surveyed', 'contracted');

-- What must be done by a day. assumed: it was counted through a year whose calendar was not known.
CREATE TABLE deadlines (
    deadline_id   bigint PRIMARY KEY,
    command_id    bigint NOT NULL CONSTRAINT deadlines_command REFERENCES commands,
    kind          text NOT NULL CONSTRAINT deadlines_kind
                  CHECK (kind IN ('survey', 'notice', 'contract_payment', 'suspension_answer', 'suspension_payment')),
    connection_id bigint CONSTRAINT deadlines_connection REFERENCES connection_applications,
    suspension_id bigint CONSTRAINT deadlines_suspension REFERENCES suspension_applications,
    begun_on      date NOT NULL,
    days          smallint NOT NULL CONSTRAINT deadlines_days CHECK (days >= 0),
    counts        text NOT NULL CONSTRAINT deadlines_counts CHECK (counts IN ('working', 'calendar')),
    due_on        date NOT NULL,
    assumed       boolean NOT NULL,
    ended_on      date,
    ended_by      bigint CONSTRAINT deadlines_ended_by REFERENCES commands,
    outcome       text CONSTRAINT deadlines_outcome CHECK (outcome IN ('met', 'dropped', 'lapsed')),
    CONSTRAINT deadlines_ended CHECK (num_nonnulls(ended_on, ended_by, outcome) IN (0, 3)),
    CONSTRAINT deadlines_order CHECK (begun_on <= due_on),
    CONSTRAINT deadlines_subject CHECK (num_nonnulls(connection_id, suspension_id) = 1),
    CONSTRAINT deadlines_assumed CHECK (counts = 'working' OR NOT assumed)
);
-- The order of the list of deadlines: days since 2000, which a page's cursor can hold.
CREATE INDEX deadlines_by_day ON deadlines ((due_on - date '2000-01-01'), deadline_id);
CREATE INDEX deadlines_waiting ON deadlines ((due_on - date '2000-01-01'), deadline_id) WHERE ended_on IS NULL;
CREATE INDEX deadlines_of_connection ON deadlines (connection_id) WHERE connection_id IS NOT NULL;
CREATE INDEX deadlines_of_suspension ON deadlines (suspension_id) WHERE suspension_id IS NOT NULL;
CREATE INDEX deadlines_assumed ON deadlines (deadline_id) WHERE assumed AND ended_on IS NULL;

-- Files, each content once. They lie here and not beside the database, so that a backup holds a row and its file together.
CREATE TABLE contents (
    sha256     bytea PRIMARY KEY,
    command_id bigint NOT NULL CONSTRAINT contents_command REFERENCES commands DEFERRABLE INITIALLY DEFERRED,
    media_type text NOT NULL CONSTRAINT contents_media_type CHECK (media_type IN ('application/pdf', 'image/jpeg', 'image/png')),
    size_bytes integer NOT NULL,
    content    bytea NOT NULL CONSTRAINT contents_not_empty CHECK (length(content) > 0),
    CONSTRAINT contents_size CHECK (size_bytes = length(content)),
    CONSTRAINT contents_hash CHECK (sha256 = sha256(content))
);
ALTER TABLE contents ALTER COLUMN content SET STORAGE EXTERNAL;
CREATE TABLE documents (
    document_id bigint PRIMARY KEY,
    command_id  bigint NOT NULL CONSTRAINT documents_command REFERENCES commands,
    subject     text NOT NULL CONSTRAINT documents_subject
                CHECK (subject IN ('account', 'connection', 'suspension', 'relief', 'work_order', 'approval')),
    subject_no  text NOT NULL CONSTRAINT documents_subject_no CHECK (subject_no <> ''),
    title       text NOT NULL CONSTRAINT documents_title CHECK (title <> ''),
    name        text NOT NULL CONSTRAINT documents_name CHECK (name <> '' AND name !~ '[/\\[:cntrl:]]'),
    sha256      bytea NOT NULL CONSTRAINT documents_content REFERENCES contents
);
CREATE INDEX documents_of_subject ON documents (subject, subject_no, document_id);
CREATE TABLE document_withdrawals (
    document_id bigint PRIMARY KEY CONSTRAINT document_withdrawals_document REFERENCES documents,
    command_id  bigint NOT NULL CONSTRAINT document_withdrawals_command REFERENCES commands,
    reason      text NOT NULL CONSTRAINT document_withdrawals_reason CHECK (reason <> '')
);

-- What hands must do at a home. Where it is stands here as it was when the order was opened, for the lists of the crews.
CREATE TABLE work_orders (
    work_order_id bigint PRIMARY KEY,
    command_id    bigint NOT NULL CONSTRAINT work_orders_command REFERENCES commands,
    kind          text NOT NULL CONSTRAINT work_orders_kind
                  CHECK (kind IN ('close_valve', 'open_valve', 'separate', 'join', 'look')),
    cause         text NOT NULL CONSTRAINT work_orders_cause CHECK (cause <> ''),
    account_no    text CONSTRAINT work_orders_account REFERENCES heat_accounts,
    connection_id bigint CONSTRAINT work_orders_connection REFERENCES connection_applications,
    heat_station  text,
    compound      text NOT NULL,
    building      text NOT NULL,
    unit          text NOT NULL,
    room          text NOT NULL,
    opened_on     date NOT NULL,
    note          text NOT NULL CONSTRAINT work_orders_note CHECK (note <> ''),
    state         text NOT NULL CONSTRAINT work_orders_state
                  CHECK (state IN ('opened', 'assigned', 'done', 'failed', 'cancelled')),
    assignee      text,
    CONSTRAINT work_orders_subject CHECK (num_nonnulls(account_no, connection_id) = 1),
    CONSTRAINT work_orders_assigned CHECK (state <> 'assigned' OR assignee IS NOT NULL)
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX work_orders_one_waiting ON work_orders (account_no, kind) WHERE state IN ('opened', 'assigned', 'failed');
CREATE INDEX work_orders_of_account ON work_orders (account_no, work_order_id);
CREATE INDEX work_orders_of_connection ON work_orders (connection_id) WHERE connection_id IS NOT NULL;
CREATE INDEX work_orders_waiting ON work_orders (work_order_id) WHERE state IN ('opened', 'assigned', 'failed');
CREATE INDEX work_orders_at_building ON work_orders (compound, building, work_order_id);
CREATE INDEX work_orders_at_station ON work_orders (heat_station, work_order_id);
CREATE INDEX work_orders_of_assignee ON work_orders (assignee, work_order_id);
CREATE TABLE work_order_moves (
    move_id       bigint PRIMARY KEY,
    command_id    bigint NOT NULL CONSTRAINT work_order_moves_command REFERENCES commands,
    work_order_id bigint NOT NULL CONSTRAINT work_order_moves_order REFERENCES work_orders,
    verb          text NOT NULL,
    from_state    text,
    to_state      text NOT NULL,
    moved_on      date NOT NULL,
    assignee      text,
    note          text NOT NULL
);
CREATE INDEX work_order_moves_of_order ON work_order_moves (work_order_id);
-- What was done, by whom and when. A seal is a number that is used once.
CREATE TABLE work_results (
    work_order_id bigint PRIMARY KEY CONSTRAINT work_results_order REFERENCES work_orders,
    command_id    bigint NOT NULL CONSTRAINT work_results_command REFERENCES commands,
    done_by       text NOT NULL CONSTRAINT work_results_done_by CHECK (done_by <> ''),
    done_on       date NOT NULL,
    valve         text NOT NULL CONSTRAINT work_results_valve CHECK (valve <> ''),
    seal_no       text CONSTRAINT work_results_seal CHECK (seal_no <> ''),
    removed_seal  text CONSTRAINT work_results_removed_seal CHECK (removed_seal <> ''),
    found         text CONSTRAINT work_results_found CHECK (found IN ('closed', 'open')),
    photo_id      bigint CONSTRAINT work_results_photo REFERENCES documents,
    CONSTRAINT work_results_seal_once UNIQUE (seal_no)
);

CREATE TRIGGER calendar_years_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON calendar_years
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER calendar_days_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON calendar_days
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER suspension_applications_not_deleted BEFORE DELETE OR TRUNCATE ON suspension_applications
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER suspension_moves_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON suspension_moves
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER connection_charges_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON connection_charges
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER connection_payments_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON connection_payments
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER building_homes_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON building_homes
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER deadlines_not_deleted BEFORE DELETE OR TRUNCATE ON deadlines
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER contents_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON contents
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER documents_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON documents
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER document_withdrawals_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON document_withdrawals
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER work_orders_not_deleted BEFORE DELETE OR TRUNCATE ON work_orders
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER work_order_moves_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON work_order_moves
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER work_results_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON work_results
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER suspension_applications_audited AFTER UPDATE ON suspension_applications FOR EACH ROW
    WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION audit_change('application_id');
CREATE TRIGGER deadlines_audited AFTER UPDATE ON deadlines FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*)
    EXECUTE FUNCTION audit_change('deadline_id');
CREATE TRIGGER work_orders_audited AFTER UPDATE ON work_orders FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*)
    EXECUTE FUNCTION audit_change('work_order_id');

GRANT SELECT, INSERT ON calendar_years, calendar_days, suspension_applications, suspension_moves, connection_charges,
    connection_payments, building_homes, deadlines, contents, documents, document_withdrawals, work_orders,
    work_order_moves, work_results TO {app};
GRANT UPDATE (state, granted_on) ON suspension_applications TO {app};
GRANT UPDATE (due_on, assumed, ended_on, ended_by, outcome) ON deadlines TO {app};
GRANT UPDATE (state, assignee) ON work_orders TO {app};
