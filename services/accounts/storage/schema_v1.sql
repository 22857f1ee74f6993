-- Customers, premises, heat accounts, tariff policies, billing runs and bills. What was billed and decided is inserted
-- and never edited; the few columns that are updated are granted one by one at the end.

-- Numbers for accounts that are opened without one. The old system's numbers begin with a district's code below 90.
CREATE SEQUENCE account_nos START 9000000001 MAXVALUE 9999999999;

-- The holder of a contract, as written when the account was opened. A person with several homes stands here once for
-- each: who is the same person is told by the ID number, and nobody is merged by a guess.
CREATE TABLE customers (
    customer_id bigint PRIMARY KEY,
    command_id  bigint NOT NULL CONSTRAINT customers_command REFERENCES commands,
    name        text NOT NULL CONSTRAINT customers_name CHECK (name <> ''),
    id_type     text CONSTRAINT customers_id_type CHECK (id_type IN ('id_card', 'uscc', 'passport')),
    id_no       text,
    phone       text,
    CONSTRAINT customers_id_whole CHECK ((id_type IS NULL) = (id_no IS NULL))
);

-- A flat, a shop, a garage. Areas are m², the height metres; unit is '' where a building has no entrances.
CREATE TABLE premises (
    premises_id    bigint PRIMARY KEY,
    command_id     bigint NOT NULL CONSTRAINT premises_command REFERENCES commands,
    compound       text NOT NULL CONSTRAINT premises_compound CHECK (compound <> ''),
    building       text NOT NULL CONSTRAINT premises_building CHECK (building <> ''),
    unit           text NOT NULL DEFAULT '',
    room           text NOT NULL CONSTRAINT premises_room CHECK (room <> ''),
    floor          smallint,
    heat_station   text,
    building_area  numeric(12,2) NOT NULL CONSTRAINT premises_building_area CHECK (building_area > 0),
    inner_area     numeric(12,2) CONSTRAINT premises_inner_area CHECK (inner_area > 0),
    usable_area    numeric(12,2) CONSTRAINT premises_usable_area CHECK (usable_area > 0),
    certified_area numeric(12,2) CONSTRAINT premises_certified_area CHECK (certified_area > 0),
    storey_height  numeric(6,3) CONSTRAINT premises_storey_height CHECK (storey_height > 0),
    CONSTRAINT premises_flat_once UNIQUE (compound, building, unit, room),
    CONSTRAINT premises_area_order CHECK (inner_area <= building_area AND usable_area <= coalesce(inner_area, building_area))
);

-- Contract, home and class of use. price_class is a word of the tariff policy; a home whose class the policy does not
-- know is parked by the billing run, not refused here.
CREATE TABLE heat_accounts (
    account_no     text PRIMARY KEY CONSTRAINT heat_accounts_no_form CHECK (account_no ~ '^[0-9]{10}$'),
    command_id     bigint NOT NULL CONSTRAINT heat_accounts_command REFERENCES commands,
    customer_id    bigint NOT NULL CONSTRAINT heat_accounts_customer REFERENCES customers,
    premises_id    bigint NOT NULL CONSTRAINT heat_accounts_premises REFERENCES premises,
    price_class    text NOT NULL,
    state          text NOT NULL CONSTRAINT heat_accounts_state
                   CHECK (state IN ('not_connected', 'active', 'suspended', 'cut', 'disconnected')),
    opened_on      date NOT NULL,
    -- The first day with heat; NULL when it lies far back, or has not come.
    connected_on   date,
    warranty_until date,
    -- The first season of the suspension (its first year).
    suspended_from smallint CONSTRAINT heat_accounts_suspended_from CHECK (suspended_from BETWEEN 1950 AND 2100),
    -- The present owner as a payer: 'self', after a transfer 'self:2' and so on.
    household      text NOT NULL DEFAULT 'self' CONSTRAINT heat_accounts_household CHECK (household ~ '^self(:[0-9]+)?$'),
    -- From this season on its periods say how it is charged; NULL: it was always simply heated.
    varies_from    smallint CONSTRAINT heat_accounts_varies_from CHECK (varies_from BETWEEN 1950 AND 2100),
    -- NULL: nothing is said.
    low_income     boolean,
    employer       text,
    remark         text,
    -- SHA-256 of the ledger row that it was imported from: the same row again changes nothing, another one is refused.
    ledger_row     bytea CONSTRAINT heat_accounts_ledger_row CHECK (length(ledger_row) = 32),
    CONSTRAINT heat_accounts_suspension CHECK ((state = 'suspended') = (suspended_from IS NOT NULL)),
    CONSTRAINT heat_accounts_warranty CHECK (warranty_until >= connected_on)
) WITH (fillfactor = 80);
CREATE INDEX heat_accounts_of_premises ON heat_accounts (premises_id);

-- Days on which an account is not active: suspended, cut off for arrears, disconnected. The day until_on is active again;
-- NULL has no end yet. No two periods of an account share a day. A suspension counts from from_season on.
CREATE TABLE inactive_periods (
    period_id   bigint PRIMARY KEY,
    command_id  bigint NOT NULL CONSTRAINT inactive_periods_command REFERENCES commands,
    account_no  text NOT NULL CONSTRAINT inactive_periods_account REFERENCES heat_accounts,
    state       text NOT NULL CONSTRAINT inactive_periods_state CHECK (state IN ('suspended', 'cut', 'disconnected')),
    from_on     date NOT NULL,
    until_on    date,
    from_season smallint CONSTRAINT inactive_periods_from_season CHECK (from_season BETWEEN 1950 AND 2100),
    -- What a late suspension costs on top of what it keeps, in its first season.
    late_pct    numeric(7,4) CONSTRAINT inactive_periods_late CHECK (late_pct > 0),
    CONSTRAINT inactive_periods_order CHECK (from_on <= until_on),
    CONSTRAINT inactive_periods_season CHECK ((state = 'suspended') = (from_season IS NOT NULL)),
    CONSTRAINT inactive_periods_late_suspension CHECK (late_pct IS NULL OR state = 'suspended'),
    CONSTRAINT inactive_periods_apart EXCLUDE USING gist (
        int8range(account_no::bigint, account_no::bigint, '[]') WITH &&, daterange(from_on, until_on) WITH &&)
        DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX inactive_periods_of_account ON inactive_periods (account_no);

-- Dunning notices: to whom of the account's payers, and over how much.
CREATE TABLE notices (
    notice_id  bigint PRIMARY KEY,
    command_id bigint NOT NULL CONSTRAINT notices_command REFERENCES commands,
    account_no text NOT NULL CONSTRAINT notices_account REFERENCES heat_accounts,
    payer      text NOT NULL,
    amount_fen bigint NOT NULL CONSTRAINT notices_amount CHECK (amount_fen > 0),
    served_on  date NOT NULL
);
CREATE INDEX notices_of_account ON notices (account_no, served_on);

-- The heat of a season as a home's meter showed it. A later reading of the season takes the place of an earlier one.
CREATE TABLE heat_readings (
    reading_id        bigint PRIMARY KEY,
    command_id        bigint NOT NULL CONSTRAINT heat_readings_command REFERENCES commands,
    account_no        text NOT NULL CONSTRAINT heat_readings_account REFERENCES heat_accounts,
    season            smallint NOT NULL CONSTRAINT heat_readings_season CHECK (season BETWEEN 1950 AND 2100),
    quantity          numeric(12,3) NOT NULL CONSTRAINT heat_readings_quantity CHECK (quantity >= 0),
    unit              text NOT NULL CONSTRAINT heat_readings_unit CHECK (unit IN ('kWh', 'GJ')),
    correction_factor numeric(8,4) CONSTRAINT heat_readings_factor CHECK (correction_factor > 0),
    read_on           date NOT NULL,
    reason            text NOT NULL CONSTRAINT heat_readings_reason CHECK (reason <> '')
);
CREATE INDEX heat_readings_of_account ON heat_readings (account_no, season);
CREATE TRIGGER heat_readings_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON heat_readings
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
GRANT SELECT, INSERT ON heat_readings TO {app};

-- On which days a season's heat really ran, both with heat; what was told last holds.
CREATE TABLE season_supplies (
    supply_id      bigint PRIMARY KEY,
    command_id     bigint NOT NULL CONSTRAINT season_supplies_command REFERENCES commands,
    season         smallint NOT NULL CONSTRAINT season_supplies_season CHECK (season BETWEEN 1950 AND 2100),
    supplied_from  date NOT NULL,
    supplied_until date NOT NULL,
    reason         text NOT NULL CONSTRAINT season_supplies_reason CHECK (reason <> ''),
    CONSTRAINT season_supplies_order CHECK (supplied_from <= supplied_until)
);
CREATE TRIGGER season_supplies_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON season_supplies
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
GRANT SELECT, INSERT ON season_supplies TO {app};

-- The parts that the area of a home is made of, from a day on: [[component, 0.01 m²], …]; [] is a home without parts.
CREATE TABLE premises_components (
    version_id  bigint PRIMARY KEY,
    command_id  bigint NOT NULL CONSTRAINT premises_components_command REFERENCES commands,
    premises_id bigint NOT NULL CONSTRAINT premises_components_premises REFERENCES premises,
    valid_from  date NOT NULL,
    components  jsonb NOT NULL CONSTRAINT premises_components_list CHECK (jsonb_typeof(components) = 'array'),
    reason      text NOT NULL CONSTRAINT premises_components_reason CHECK (reason <> '')
);
CREATE INDEX premises_components_of_premises ON premises_components (premises_id, version_id);
CREATE TRIGGER premises_components_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON premises_components
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
GRANT SELECT, INSERT ON premises_components TO {app};

-- Suspended homes that were found using heat: they owe the full fee of that season.
CREATE TABLE inspections (
    inspection_id bigint PRIMARY KEY,
    command_id    bigint NOT NULL CONSTRAINT inspections_command REFERENCES commands,
    account_no    text NOT NULL CONSTRAINT inspections_account REFERENCES heat_accounts,
    season        smallint NOT NULL,
    found_on      date NOT NULL,
    reason        text NOT NULL,
    CONSTRAINT inspections_once UNIQUE (account_no, season)
);

-- What the areas of a home are from a day on. The first version is what it was opened with; premises holds the last.
CREATE TABLE premises_areas (
    version_id     bigint PRIMARY KEY,
    command_id     bigint NOT NULL CONSTRAINT premises_areas_command REFERENCES commands,
    premises_id    bigint NOT NULL CONSTRAINT premises_areas_premises REFERENCES premises,
    valid_from     date NOT NULL,
    building_area  numeric(12,2) NOT NULL,
    inner_area     numeric(12,2),
    usable_area    numeric(12,2),
    certified_area numeric(12,2),
    reason         text NOT NULL
);
CREATE INDEX premises_areas_of_premises ON premises_areas (premises_id, valid_from);

-- Applications for a new connection. account is the account that is asked for, as the codec writes it; account_no is that
-- of the account which it became.
CREATE TABLE connection_applications (
    application_id bigint PRIMARY KEY,
    command_id     bigint NOT NULL CONSTRAINT connection_applications_command REFERENCES commands,
    state          text NOT NULL CONSTRAINT connection_applications_state
                   CHECK (state IN ('applied', 'surveyed', 'contracted', 'accepted', 'rejected', 'withdrawn')),
    account        text NOT NULL,
    account_no     text CONSTRAINT connection_applications_account REFERENCES heat_accounts,
    CONSTRAINT connection_applications_accepted CHECK ((state = 'accepted') = (account_no IS NOT NULL))
);
CREATE TABLE connection_moves (
    move_id        bigint PRIMARY KEY,
    command_id     bigint NOT NULL CONSTRAINT connection_moves_command REFERENCES commands,
    application_id bigint NOT NULL CONSTRAINT connection_moves_application REFERENCES connection_applications,
    verb           text NOT NULL,
    from_state     text,
    to_state       text NOT NULL,
    moved_on       date NOT NULL,
    note           text NOT NULL
);
CREATE INDEX connection_moves_of_application ON connection_moves (application_id);

-- The owners of accounts that changed hands, each a payer of his own; since is NULL for the first. assumed_by names the
-- agreement by which he took the debt over.
CREATE TABLE ownerships (
    account_no  text NOT NULL CONSTRAINT ownerships_account REFERENCES heat_accounts,
    payer       text NOT NULL,
    command_id  bigint NOT NULL CONSTRAINT ownerships_command REFERENCES commands,
    customer_id bigint NOT NULL CONSTRAINT ownerships_customer REFERENCES customers,
    since       date,
    assumed_by  text,
    PRIMARY KEY (account_no, payer)
);

-- The lifecycle's history: who and when are the command's.
CREATE TABLE account_moves (
    move_id      bigint PRIMARY KEY,
    command_id   bigint NOT NULL CONSTRAINT account_moves_command REFERENCES commands,
    account_no   text NOT NULL CONSTRAINT account_moves_account REFERENCES heat_accounts,
    verb         text NOT NULL,
    from_state   text,
    to_state     text NOT NULL,
    effective_on date NOT NULL,
    reason       text NOT NULL
);
CREATE INDEX account_moves_of_account ON account_moves (account_no);

-- The tariff policy in force is the one that was activated last; body is the whole policy, as it was read then.
CREATE TABLE policies (
    policy_id    bigint PRIMARY KEY,
    command_id   bigint NOT NULL CONSTRAINT policies_command REFERENCES commands,
    name         text NOT NULL,
    version      text NOT NULL,
    body         text NOT NULL,
    activated_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Seasons whose dates or prices were decreed for themselves; the last declaration holds.
CREATE TABLE seasons (
    season_id   bigint PRIMARY KEY,
    command_id  bigint NOT NULL CONSTRAINT seasons_command REFERENCES commands,
    season      smallint NOT NULL CONSTRAINT seasons_season CHECK (season BETWEEN 1950 AND 2100),
    start_on    date NOT NULL,
    end_on      date NOT NULL,
    prices      jsonb NOT NULL,
    declared_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT seasons_order CHECK (start_on < end_on)
);

-- The part of a derivation that all homes of a class share, and the terms that bills travel with, by their content.
CREATE TABLE tariffs (
    tariff_id text PRIMARY KEY,
    body      jsonb NOT NULL
);
CREATE TABLE terms (
    terms_id text PRIMARY KEY,
    body     jsonb NOT NULL
);

CREATE TABLE billing_runs (
    run_id     bigint PRIMARY KEY,
    command_id bigint NOT NULL CONSTRAINT billing_runs_command REFERENCES commands,
    season     smallint NOT NULL CONSTRAINT billing_runs_season CHECK (season BETWEEN 1950 AND 2100),
    mode       text NOT NULL CONSTRAINT billing_runs_mode CHECK (mode IN ('issue', 'preview')),
    policy_id  bigint NOT NULL CONSTRAINT billing_runs_policy REFERENCES policies,
    season_id  bigint CONSTRAINT billing_runs_declared REFERENCES seasons,
    accounts   integer NOT NULL CONSTRAINT billing_runs_accounts CHECK (accounts >= 0),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- A range of account numbers, both ends included, or the accounts that were named. done_by is the command that billed
-- the chunk, written in its transaction; the command's instant is the chunk's.
CREATE TABLE billing_chunks (
    run_id           bigint NOT NULL CONSTRAINT billing_chunks_run REFERENCES billing_runs,
    chunk            integer NOT NULL,
    first_account_no text NOT NULL,
    last_account_no  text NOT NULL,
    account_nos      text[],
    accounts         integer NOT NULL,
    done_by          bigint,
    billed           integer NOT NULL DEFAULT 0,
    already          integer NOT NULL DEFAULT 0,
    parked           integer NOT NULL DEFAULT 0,
    -- By price class: [number of bills, their sum in fen].
    sums             jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (run_id, chunk)
);
CREATE INDEX billing_chunks_open ON billing_chunks (run_id, chunk) WHERE done_by IS NULL;

-- Accounts that a run could not bill, and why. The next run tries them again.
CREATE TABLE billing_parked (
    run_id     bigint NOT NULL CONSTRAINT billing_parked_run REFERENCES billing_runs,
    account_no text NOT NULL CONSTRAINT billing_parked_account REFERENCES heat_accounts,
    reason     text NOT NULL,
    detail     text NOT NULL,
    PRIMARY KEY (run_id, account_no)
);

-- One payer's share of one bill. amount_fen is 0 where a policy charges nothing: the home counts as billed.
CREATE TABLE bills (
    bill_no     bigint NOT NULL,
    payer       text NOT NULL,
    command_id  bigint NOT NULL CONSTRAINT bills_command REFERENCES commands,
    run_id      bigint,
    account_no  text NOT NULL CONSTRAINT bills_account REFERENCES heat_accounts,
    season      smallint NOT NULL CONSTRAINT bills_season CHECK (season BETWEEN 1950 AND 2100),
    kind        text NOT NULL CONSTRAINT bills_kind CHECK (kind IN ('season', 'opening', 'share')),
    price_class text NOT NULL,
    suspended   boolean NOT NULL,
    amount_fen  bigint NOT NULL CONSTRAINT bills_amount CHECK (amount_fen BETWEEN 0 AND 99999999999999),
    posted_on   date NOT NULL,
    -- [[amount_fen, due_on], …] in the order of the due days.
    parts       jsonb NOT NULL,
    -- Terms and tariffs are never deleted and are there before their bills: no key is checked a million times.
    terms_id    text NOT NULL,
    tariff_id   text,
    -- How the amount came about; with the tariff's body it can be worked out again.
    derivation  jsonb,
    -- False once another bill took its place.
    live        boolean NOT NULL DEFAULT true,
    PRIMARY KEY (bill_no, payer),
    CONSTRAINT bills_derived CHECK ((kind = 'season') = (tariff_id IS NOT NULL AND derivation IS NOT NULL AND run_id IS NOT NULL))
) WITH (fillfactor = 95);
CREATE UNIQUE INDEX bills_one_live ON bills (account_no, season, payer) WHERE live;

-- A bill is never edited: a correction says by how much one payer's share is more or less than what was billed so far.
-- derivation is that of the whole season's charge after it. A share that begins with a correction has a bill of 0.
CREATE TABLE bill_corrections (
    correction_id bigint PRIMARY KEY,
    command_id    bigint NOT NULL CONSTRAINT bill_corrections_command REFERENCES commands,
    bill_no       bigint NOT NULL,
    payer         text NOT NULL,
    account_no    text NOT NULL CONSTRAINT bill_corrections_account REFERENCES heat_accounts,
    season        smallint NOT NULL,
    kind          text NOT NULL CONSTRAINT bill_corrections_kind CHECK (kind IN ('correction', 'credit_note', 'assumption')),
    amount_fen    bigint NOT NULL,
    suspended     boolean NOT NULL,
    posted_on     date NOT NULL,
    due_on        date NOT NULL,
    reason        text NOT NULL CONSTRAINT bill_corrections_reason CHECK (reason <> ''),
    tariff_id     text NOT NULL,
    derivation    jsonb NOT NULL,
    CONSTRAINT bill_corrections_bill FOREIGN KEY (bill_no, payer) REFERENCES bills,
    CONSTRAINT bill_corrections_due CHECK (due_on >= posted_on)
);
CREATE INDEX bill_corrections_of_account ON bill_corrections (account_no, season);

-- What payments says is open of a bill (principal). A bill without a row has not been paid from.
CREATE TABLE debts (
    bill_no    bigint NOT NULL,
    payer      text NOT NULL,
    account_no text NOT NULL,
    version    bigint NOT NULL,
    open_fen   bigint NOT NULL CONSTRAINT debts_open CHECK (open_fen >= 0),
    PRIMARY KEY (bill_no, payer),
    CONSTRAINT debts_bill FOREIGN KEY (bill_no, payer) REFERENCES bills
) WITH (fillfactor = 80);

-- People who work here. failures counts wrong passwords since the last right one.
CREATE TABLE staff (
    login         text PRIMARY KEY CONSTRAINT staff_login_form CHECK (login ~ '^[a-z][a-z0-9._-]{1,39}$'),
    command_id    bigint NOT NULL CONSTRAINT staff_command REFERENCES commands,
    person        text NOT NULL CONSTRAINT staff_person CHECK (person <> ''),
    password_hash text NOT NULL CONSTRAINT staff_password_hash CHECK (password_hash LIKE '$argon2id$%'),
    roles         text[] NOT NULL CONSTRAINT staff_roles CHECK (cardinality(roles) > 0),
    active        boolean NOT NULL DEFAULT true,
    failures      integer NOT NULL DEFAULT 0,
    locked_until  timestamptz
);

-- Days of a season for which something is owed back: share_of/share_by of that day's fee. A day may be claimed by many
-- facts; the highest counts, once.
CREATE TABLE entitlement_days (
    claim_id   bigint PRIMARY KEY,
    command_id bigint NOT NULL CONSTRAINT entitlement_days_command REFERENCES commands,
    account_no text NOT NULL CONSTRAINT entitlement_days_account REFERENCES heat_accounts,
    season     smallint NOT NULL,
    day        date NOT NULL,
    cause      text NOT NULL CONSTRAINT entitlement_days_cause CHECK (cause IN ('temperature', 'rooms', 'outage', 'short_season')),
    share_of   bigint NOT NULL CONSTRAINT entitlement_days_share CHECK (share_of > 0),
    share_by   bigint NOT NULL CONSTRAINT entitlement_days_by CHECK (share_by > 0),
    facts      jsonb NOT NULL
);
CREATE INDEX entitlement_days_of_account ON entitlement_days (account_no, season);
CREATE TRIGGER entitlement_days_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON entitlement_days
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
GRANT SELECT, INSERT ON entitlement_days TO {app};

-- Who else bears a share of a home's charge for a season. cap_m2 NULL: the whole area counts.
CREATE TABLE relief_cases (
    case_id     bigint PRIMARY KEY,
    command_id  bigint NOT NULL CONSTRAINT relief_cases_command REFERENCES commands,
    account_no  text NOT NULL CONSTRAINT relief_cases_account REFERENCES heat_accounts,
    season      smallint NOT NULL,
    kind        text NOT NULL CONSTRAINT relief_cases_kind CHECK (kind <> ''),
    payer       text NOT NULL CONSTRAINT relief_cases_payer CHECK (payer NOT IN ('', 'self')),
    share_pct   numeric(7,4) NOT NULL CONSTRAINT relief_cases_share CHECK (share_pct BETWEEN 0 AND 100),
    cap_m2      numeric(12,2) CONSTRAINT relief_cases_cap CHECK (cap_m2 > 0),
    mechanism   text NOT NULL CONSTRAINT relief_cases_mechanism CHECK (mechanism IN ('SPLIT_BILL', 'REIMBURSE', 'PRICE_CLASS')),
    proof_until date,
    reason      text NOT NULL CONSTRAINT relief_cases_reason CHECK (reason <> ''),
    CONSTRAINT relief_cases_once UNIQUE (account_no, season, kind, payer)
);
CREATE TRIGGER relief_cases_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON relief_cases
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
GRANT SELECT, INSERT ON relief_cases TO {app};

-- Two people for what matters. A request is never edited; its decision repeats the hash of what was read and the
-- person who asked, so that maker ≠ checker is a constraint and not a habit.
CREATE TABLE approvals (
    approval_id  bigint PRIMARY KEY,
    command_id   bigint NOT NULL CONSTRAINT approvals_command REFERENCES commands,
    kind         text NOT NULL,
    content      text NOT NULL,
    content_hash bytea NOT NULL CONSTRAINT approvals_hash CHECK (content_hash = sha256(convert_to(content, 'UTF8'))),
    amount_fen   bigint NOT NULL,
    reason       text NOT NULL CONSTRAINT approvals_reason CHECK (reason <> ''),
    maker        text NOT NULL,
    maker_person text NOT NULL CONSTRAINT approvals_maker_person CHECK (maker_person <> ''),
    CONSTRAINT approvals_decided_as_asked UNIQUE (approval_id, content_hash, maker_person)
);
CREATE TABLE approval_decisions (
    approval_id       bigint PRIMARY KEY,
    command_id        bigint NOT NULL CONSTRAINT approval_decisions_command REFERENCES commands,
    state             text NOT NULL CONSTRAINT approval_decisions_state CHECK (state IN ('approved', 'rejected', 'withdrawn')),
    content_hash      bytea NOT NULL,
    maker_person      text NOT NULL,
    decided_by        text NOT NULL,
    decided_by_person text NOT NULL CONSTRAINT approval_decisions_person CHECK (decided_by_person <> ''),
    remark            text,
    CONSTRAINT approval_decisions_of FOREIGN KEY (approval_id, content_hash, maker_person)
        REFERENCES approvals (approval_id, content_hash, maker_person),
    CONSTRAINT approval_decisions_two_people CHECK ((state = 'withdrawn') = (decided_by_person = maker_person))
);
-- The limits of a kind that were declared last are in force; NULL is any amount.
CREATE TABLE approval_limits (
    command_id bigint NOT NULL CONSTRAINT approval_limits_command REFERENCES commands,
    kind       text NOT NULL,
    role       text NOT NULL,
    limit_fen  bigint CONSTRAINT approval_limits_amount CHECK (limit_fen >= 0),
    PRIMARY KEY (command_id, kind, role)
);
CREATE INDEX approval_limits_of_kind ON approval_limits (kind, command_id);

CREATE TRIGGER approvals_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON approvals
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER approval_decisions_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON approval_decisions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER approval_limits_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON approval_limits
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
GRANT SELECT, INSERT ON approvals, approval_decisions, approval_limits TO {app};

CREATE TRIGGER account_moves_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON account_moves
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER policies_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON policies
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER seasons_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON seasons
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER tariffs_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON tariffs
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER terms_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON terms
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER billing_runs_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON billing_runs
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER billing_parked_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON billing_parked
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER connection_moves_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON connection_moves
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER connection_applications_not_deleted BEFORE DELETE OR TRUNCATE ON connection_applications
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ownerships_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ownerships
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER bill_corrections_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON bill_corrections
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER notices_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON notices
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER inspections_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON inspections
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER premises_areas_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON premises_areas
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER inactive_periods_not_deleted BEFORE DELETE OR TRUNCATE ON inactive_periods
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER bills_not_deleted BEFORE DELETE OR TRUNCATE ON bills
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER heat_accounts_not_deleted BEFORE DELETE OR TRUNCATE ON heat_accounts
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

GRANT USAGE ON SEQUENCE account_nos TO {app};
GRANT SELECT, INSERT ON customers, premises, heat_accounts, account_moves, policies, seasons, tariffs, terms, billing_runs,
    billing_chunks, billing_parked, bills, debts, staff TO {app};
GRANT SELECT, INSERT ON inactive_periods, notices, inspections, premises_areas, bill_corrections TO {app};
GRANT SELECT, INSERT ON connection_applications, connection_moves TO {app};
GRANT UPDATE (state, account_no) ON connection_applications TO {app};
GRANT UPDATE (until_on) ON inactive_periods TO {app};
GRANT UPDATE (building_area, inner_area, usable_area, certified_area) ON premises TO {app};
GRANT SELECT, INSERT ON ownerships TO {app};
GRANT UPDATE (state, suspended_from, varies_from, customer_id, household) ON heat_accounts TO {app};
GRANT UPDATE (done_by, billed, already, parked, sums) ON billing_chunks TO {app};
GRANT UPDATE (live) ON bills TO {app};
GRANT UPDATE (version, open_fen) ON debts TO {app};
GRANT UPDATE (active, failures, locked_until) ON staff TO {app};
