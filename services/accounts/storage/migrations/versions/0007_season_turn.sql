-- Closed seasons, frozen month ends, plans of collection, and what they are reported by.

-- What money met of a bill as of a day, as payments told it; below zero where it was taken back. version is the account's
-- in payments: each is told of a share once. season is the bill's.
CREATE TABLE collections (
    bill_no      bigint NOT NULL,
    payer        text NOT NULL,
    version      bigint NOT NULL,
    collected_on date NOT NULL,
    account_no   text NOT NULL,
    season       smallint NOT NULL,
    paid_fen     bigint NOT NULL,
    discount_fen bigint NOT NULL,
    rounding_fen bigint NOT NULL,
    late_fee_fen bigint NOT NULL,
    PRIMARY KEY (bill_no, payer, version, collected_on),
    CONSTRAINT collections_bill FOREIGN KEY (bill_no, payer) REFERENCES bills
);
CREATE INDEX collections_of_account ON collections (account_no);

-- Which branch a compound belongs to, from a day on; the later row holds.
CREATE TABLE branch_compounds (
    assignment_id bigint PRIMARY KEY,
    command_id    bigint NOT NULL CONSTRAINT branch_compounds_command REFERENCES commands,
    compound      text NOT NULL CONSTRAINT branch_compounds_compound CHECK (compound <> ''),
    branch        text NOT NULL CONSTRAINT branch_compounds_branch CHECK (branch <> ''),
    valid_from    date NOT NULL,
    reason        text NOT NULL CONSTRAINT branch_compounds_reason CHECK (reason <> '')
);
CREATE INDEX branch_compounds_of_compound ON branch_compounds (compound, valid_from, assignment_id);

-- The history of a season's books. A season without a row is open. figures are what stood at the moment of the move.
CREATE TABLE season_turns (
    turn_id    bigint PRIMARY KEY,
    command_id bigint NOT NULL CONSTRAINT season_turns_command REFERENCES commands,
    season     smallint NOT NULL CONSTRAINT season_turns_season CHECK (season BETWEEN 1950 AND 2100),
    verb       text NOT NULL,
    from_state text NOT NULL CONSTRAINT season_turns_from CHECK (from_state IN ('open', 'closing', 'closed')),
    to_state   text NOT NULL CONSTRAINT season_turns_to CHECK (to_state IN ('open', 'closing', 'closed')),
    moved_on   date NOT NULL,
    reason     text NOT NULL CONSTRAINT season_turns_reason CHECK (reason <> ''),
    figures    jsonb NOT NULL
);
CREATE INDEX season_turns_of_season ON season_turns (season, turn_id);

-- Homes that a season leaves without a bill, and why: somebody answers for it by name.
CREATE TABLE left_unbilled (
    naming_id  bigint PRIMARY KEY,
    command_id bigint NOT NULL CONSTRAINT left_unbilled_command REFERENCES commands,
    season     smallint NOT NULL CONSTRAINT left_unbilled_season CHECK (season BETWEEN 1950 AND 2100),
    account_no text NOT NULL CONSTRAINT left_unbilled_account REFERENCES heat_accounts,
    reason     text NOT NULL CONSTRAINT left_unbilled_reason CHECK (reason <> '')
);
CREATE INDEX left_unbilled_of_account ON left_unbilled (account_no, season);

-- What was open of a season's bills when it was closed: the arrears that the next season begins with.
CREATE TABLE carried_items (
    turn_id    bigint NOT NULL CONSTRAINT carried_items_turn REFERENCES season_turns,
    bill_no    bigint NOT NULL,
    payer      text NOT NULL,
    account_no text NOT NULL,
    open_fen   bigint NOT NULL CONSTRAINT carried_items_open CHECK (open_fen > 0),
    PRIMARY KEY (turn_id, bill_no, payer),
    CONSTRAINT carried_items_bill FOREIGN KEY (bill_no, payer) REFERENCES bills
);

-- A month's report, frozen: once for each month. content_hash covers its rows and previous_hash, that of the month end
-- before it (NULL for the first).
CREATE TABLE month_ends (
    month         date PRIMARY KEY CONSTRAINT month_ends_month CHECK (extract(day FROM month) = 1),
    command_id    bigint NOT NULL CONSTRAINT month_ends_command REFERENCES commands,
    day           date NOT NULL,
    season        smallint NOT NULL CONSTRAINT month_ends_season CHECK (season BETWEEN 1950 AND 2100),
    reason        text NOT NULL CONSTRAINT month_ends_reason CHECK (reason <> ''),
    groups        integer NOT NULL CONSTRAINT month_ends_groups CHECK (groups >= 0),
    previous_hash bytea CONSTRAINT month_ends_previous_hash CHECK (length(previous_hash) = 32),
    content_hash  bytea NOT NULL CONSTRAINT month_ends_content_hash CHECK (length(content_hash) = 32),
    CONSTRAINT month_ends_last_day CHECK (day = (month + interval '1 month' - interval '1 day')::date)
);

-- standing: what was true on the month's last day. restated: by how much the month end before it would be another one had
-- it been taken now. Areas are 0.01 m²; '' is a home without the thing.
CREATE TABLE month_end_rows (
    month                date NOT NULL CONSTRAINT month_end_rows_month REFERENCES month_ends,
    kind                 text NOT NULL CONSTRAINT month_end_rows_kind CHECK (kind IN ('standing', 'restated')),
    row_no               integer NOT NULL,
    branch               text NOT NULL,
    compound             text NOT NULL,
    building             text NOT NULL,
    unit                 text NOT NULL,
    heat_station         text NOT NULL,
    price_class          text NOT NULL,
    heated               bigint NOT NULL,
    suspended            bigint NOT NULL,
    cut                  bigint NOT NULL,
    disconnected         bigint NOT NULL,
    never_connected      bigint NOT NULL,
    heated_dm2           bigint NOT NULL,
    suspended_dm2        bigint NOT NULL,
    cut_dm2              bigint NOT NULL,
    disconnected_dm2     bigint NOT NULL,
    never_connected_dm2  bigint NOT NULL,
    billed_homes         bigint NOT NULL,
    billed_dm2           bigint NOT NULL,
    billed_fen           bigint NOT NULL,
    paid_fen             bigint NOT NULL,
    discount_fen         bigint NOT NULL,
    rounding_fen         bigint NOT NULL,
    late_fee_fen         bigint NOT NULL,
    arrears_fen          bigint NOT NULL,
    PRIMARY KEY (month, kind, row_no),
    CONSTRAINT month_end_rows_once UNIQUE (month, kind, branch, compound, building, unit, heat_station, price_class)
);

-- What share of a season's bills is to be collected by the end of a month; the last plan for it holds.
CREATE TABLE collection_plans (
    plan_id     bigint PRIMARY KEY,
    command_id  bigint NOT NULL CONSTRAINT collection_plans_command REFERENCES commands,
    season      smallint NOT NULL CONSTRAINT collection_plans_season CHECK (season BETWEEN 1950 AND 2100),
    scope       text NOT NULL CONSTRAINT collection_plans_scope CHECK (scope IN ('branch', 'compound')),
    name        text NOT NULL CONSTRAINT collection_plans_name CHECK (name <> ''),
    month       date NOT NULL CONSTRAINT collection_plans_month CHECK (extract(day FROM month) = 1),
    planned_pct numeric(5,2) NOT NULL CONSTRAINT collection_plans_pct CHECK (planned_pct BETWEEN 0 AND 100)
);
CREATE INDEX collection_plans_of_season ON collection_plans (season, scope, name, month, plan_id);

CREATE TRIGGER collections_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON collections
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER branch_compounds_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON branch_compounds
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER season_turns_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON season_turns
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER left_unbilled_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON left_unbilled
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER carried_items_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON carried_items
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER month_ends_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON month_ends
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER month_end_rows_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON month_end_rows
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER collection_plans_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON collection_plans
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

GRANT SELECT, INSERT ON collections, branch_compounds, season_turns, left_unbilled, carried_items, month_ends, month_end_rows,
    collection_plans TO {app};
