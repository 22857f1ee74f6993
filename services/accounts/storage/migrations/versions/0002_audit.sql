-- What rows were before they were changed, and what requests for approval would change.

-- Who did what, when and why, one row for each command that was asked for. Events of other services are not among them:
-- their log holds them whole. request is what was asked, without its secrets; NULL where nothing was told but the verb.
CREATE TABLE audit_log (
    command_id  bigint CONSTRAINT audit_log_pkey PRIMARY KEY,
    business_on date NOT NULL,
    at          timestamptz NOT NULL DEFAULT now(),
    actor       text NOT NULL,
    verb        text NOT NULL,
    reason      text,
    request     jsonb
);
-- What was done before it was kept; the commands themselves are not locked.
INSERT INTO audit_log (command_id, business_on, at, actor, verb)
SELECT command_id, business_on, at, actor, name FROM commands WHERE actor NOT LIKE 'bus:%';
CREATE INDEX audit_log_by_day ON audit_log (business_on, at, command_id);
CREATE INDEX audit_log_by_actor ON audit_log (actor, business_on, at, command_id);
CREATE INDEX audit_log_by_verb ON audit_log (verb, business_on, at, command_id);

-- The columns that an update gave another value, before and after. Written by the database itself; command_id is NULL
-- only for what the owner of the tables did by hand, and changed_by is the login that did it.
CREATE TABLE audit_changes (
    change_id  bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT audit_changes_pkey PRIMARY KEY,
    command_id bigint,
    changed_by text NOT NULL DEFAULT session_user,
    at         timestamptz NOT NULL DEFAULT now(),
    table_name text NOT NULL,
    row_key    text NOT NULL,
    account_no text,
    before     jsonb NOT NULL,
    after      jsonb NOT NULL
);
CREATE INDEX audit_changes_of_command ON audit_changes (command_id, change_id);
CREATE INDEX audit_changes_of_account ON audit_changes (account_no, change_id) WHERE account_no IS NOT NULL;
CREATE INDEX audit_changes_of_row ON audit_changes (table_name, row_key, change_id);

-- A trigger of each table that the service may update names the columns of its key:
--   CREATE TRIGGER staff_audited AFTER UPDATE ON staff FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*)
--       EXECUTE FUNCTION audit_change('login');
-- The service itself may not insert here, so it can neither leave a change out nor make one up.
CREATE FUNCTION audit_change() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    was     jsonb := to_jsonb(OLD);
    becomes jsonb := to_jsonb(NEW);
    command bigint := nullif(current_setting('nuan.command_id', true), '')::bigint;
    told    record;
BEGIN
    IF command IS NULL AND current_setting('role') = '{app}' THEN
        RAISE EXCEPTION '% is changed by a command, and nuan.command_id names none', TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END IF;
    SELECT jsonb_object_agg(key, CASE WHEN hidden THEN '"…"' ELSE value END) AS before,
           jsonb_object_agg(key, CASE WHEN hidden THEN '"…"' ELSE becomes -> key END) AS after
    INTO told FROM (
        SELECT key, value, key ~ 'password|secret' AS hidden FROM jsonb_each(was) WHERE value IS DISTINCT FROM becomes -> key
    ) changed;
    INSERT INTO audit_changes (command_id, table_name, row_key, account_no, before, after)
    SELECT command, TG_TABLE_NAME, string_agg(coalesce(was ->> name, ''), '/' ORDER BY place), was ->> 'account_no', told.before, told.after
    FROM unnest(TG_ARGV) WITH ORDINALITY AS k (name, place);
    RETURN NULL;
END $$;

-- A change and the command that it names are one transaction: nobody's earlier command can be made to answer for it.
CREATE FUNCTION assert_changed_by_its_command() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM commands WHERE command_id = NEW.command_id AND txid = pg_current_xact_id()) THEN
        RAISE EXCEPTION 'command % did not change this row', NEW.command_id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER audit_changes_of_its_command AFTER INSERT ON audit_changes DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.command_id IS NOT NULL) EXECUTE FUNCTION assert_changed_by_its_command();

CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_changes_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_changes
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
GRANT SELECT, INSERT (command_id, business_on, actor, verb, reason, request) ON audit_log TO {app};
GRANT SELECT ON audit_changes TO {app};

-- Not audited: debts repeat what payments tells (its event log holds every word), billing_chunks name the command that
-- worked them off.
CREATE TRIGGER bills_audited AFTER UPDATE ON bills FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*)
    EXECUTE FUNCTION audit_change('bill_no', 'payer');
CREATE TRIGGER connection_applications_audited AFTER UPDATE ON connection_applications FOR EACH ROW
    WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION audit_change('application_id');
CREATE TRIGGER heat_accounts_audited AFTER UPDATE ON heat_accounts FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*)
    EXECUTE FUNCTION audit_change('account_no');
CREATE TRIGGER inactive_periods_audited AFTER UPDATE ON inactive_periods FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*)
    EXECUTE FUNCTION audit_change('period_id');
CREATE TRIGGER premises_audited AFTER UPDATE ON premises FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*)
    EXECUTE FUNCTION audit_change('premises_id');
CREATE TRIGGER staff_audited AFTER UPDATE ON staff FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*)
    EXECUTE FUNCTION audit_change('login');

-- From a command to the request that it made or decided.
CREATE INDEX approvals_by_command ON approvals (command_id);
CREATE INDEX approval_decisions_by_command ON approval_decisions (command_id);
CREATE INDEX connection_applications_of_account ON connection_applications (account_no) WHERE account_no IS NOT NULL;

-- What a request would do to the bills, as its maker was shown it; decided is what was really done, and by whose right.
ALTER TABLE approvals
    ADD COLUMN homes        integer NOT NULL DEFAULT 0 CONSTRAINT approvals_homes CHECK (homes >= 0),
    ADD COLUMN charged_fen  bigint NOT NULL DEFAULT 0 CONSTRAINT approvals_charged CHECK (charged_fen >= 0),
    ADD COLUMN credited_fen bigint NOT NULL DEFAULT 0 CONSTRAINT approvals_credited CHECK (credited_fen >= 0),
    ADD COLUMN effect_hash  bytea CONSTRAINT approvals_effect_hash CHECK (length(effect_hash) = 32);
CREATE INDEX approvals_by_content ON approvals (content_hash);
ALTER TABLE approval_decisions
    ADD COLUMN amount_fen          bigint CONSTRAINT approval_decisions_amount CHECK (amount_fen >= 0),
    ADD COLUMN effect_hash         bytea CONSTRAINT approval_decisions_effect_hash CHECK (length(effect_hash) = 32),
    ADD COLUMN on_behalf_of        text,
    ADD COLUMN on_behalf_of_person text,
    -- The right of who made a request does not reach it by somebody else's hand either.
    ADD CONSTRAINT approval_decisions_lent_right CHECK (on_behalf_of_person <> maker_person),
    ADD CONSTRAINT approval_decisions_lent_whole CHECK ((on_behalf_of IS NULL) = (on_behalf_of_person IS NULL));
CREATE TABLE approval_effect_lines (
    approval_id bigint NOT NULL CONSTRAINT approval_effect_lines_of REFERENCES approvals,
    line        integer NOT NULL CONSTRAINT approval_effect_lines_line CHECK (line > 0),
    command_id  bigint NOT NULL CONSTRAINT approval_effect_lines_command REFERENCES commands,
    account_no  text NOT NULL CONSTRAINT approval_effect_lines_account REFERENCES heat_accounts,
    season      text,
    payer       text,
    amount_fen  bigint NOT NULL,
    CONSTRAINT approval_effect_lines_pkey PRIMARY KEY (approval_id, line)
);
CREATE INDEX approval_effect_lines_of_account ON approval_effect_lines (account_no);

-- From which amount or number of homes on a kind needs a second person, and after how many days a request is overdue.
-- The last word on a kind holds; NULL in both is never.
CREATE TABLE approval_rules (
    command_id         bigint NOT NULL CONSTRAINT approval_rules_command REFERENCES commands,
    kind               text NOT NULL,
    from_fen           bigint CONSTRAINT approval_rules_amount CHECK (from_fen >= 0),
    from_homes         integer CONSTRAINT approval_rules_homes CHECK (from_homes > 0),
    decide_within_days smallint NOT NULL CONSTRAINT approval_rules_days CHECK (decide_within_days BETWEEN 1 AND 365),
    -- Whether what one person did of the kind on a day is taken together.
    whole_day          boolean NOT NULL DEFAULT false,
    CONSTRAINT approval_rules_pkey PRIMARY KEY (command_id, kind)
);
CREATE INDEX approval_rules_of_kind ON approval_rules (kind, command_id);

-- What one person did alone of a kind that can need two.
CREATE TABLE done_alone (
    command_id  bigint CONSTRAINT done_alone_pkey PRIMARY KEY CONSTRAINT done_alone_command REFERENCES commands,
    kind        text NOT NULL,
    person      text NOT NULL CONSTRAINT done_alone_person CHECK (person <> ''),
    business_on date NOT NULL,
    homes       integer NOT NULL CONSTRAINT done_alone_homes CHECK (homes >= 0),
    amount_fen  bigint NOT NULL CONSTRAINT done_alone_amount CHECK (amount_fen >= 0)
);
CREATE INDEX done_alone_of_a_day ON done_alone (person, kind, business_on);
CREATE TRIGGER done_alone_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON done_alone
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
GRANT SELECT, INSERT ON done_alone TO {app};

-- Who is away lends the right to decide to somebody else, from a day on and until another, which is no longer among them.
CREATE TABLE approval_delegations (
    delegation_id bigint CONSTRAINT approval_delegations_pkey PRIMARY KEY,
    command_id    bigint NOT NULL CONSTRAINT approval_delegations_command REFERENCES commands,
    from_login    text NOT NULL CONSTRAINT approval_delegations_from REFERENCES staff,
    from_person   text NOT NULL,
    to_login      text NOT NULL CONSTRAINT approval_delegations_to REFERENCES staff,
    to_person     text NOT NULL,
    from_on       date NOT NULL,
    until_on      date NOT NULL,
    reason        text NOT NULL CONSTRAINT approval_delegations_reason CHECK (reason <> ''),
    CONSTRAINT approval_delegations_two_people CHECK (from_person <> to_person),
    CONSTRAINT approval_delegations_period CHECK (from_on < until_on AND until_on <= from_on + 92)
);
CREATE INDEX approval_delegations_to_login ON approval_delegations (to_login, until_on);
CREATE TABLE approval_delegations_ended (
    delegation_id bigint CONSTRAINT approval_delegations_ended_pkey PRIMARY KEY
                  CONSTRAINT approval_delegations_ended_of REFERENCES approval_delegations,
    command_id    bigint NOT NULL CONSTRAINT approval_delegations_ended_command REFERENCES commands,
    ended_on      date NOT NULL
);
CREATE TRIGGER approval_effect_lines_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON approval_effect_lines
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER approval_rules_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON approval_rules
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER approval_delegations_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON approval_delegations
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER approval_delegations_ended_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON approval_delegations_ended
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
GRANT SELECT, INSERT ON approval_effect_lines, approval_rules, approval_delegations, approval_delegations_ended TO {app};

-- Taken last, so that it is held shortly; rows from before were copied from the commands themselves.
ALTER TABLE audit_log ADD CONSTRAINT audit_log_command FOREIGN KEY (command_id) REFERENCES commands NOT VALID;
