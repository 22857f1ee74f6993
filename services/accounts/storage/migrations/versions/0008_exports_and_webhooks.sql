-- Exports in the background, and partners that are told.

-- What lists are filtered by. Each takes about a second a million rows; writers wait that long, readers do not.
CREATE INDEX premises_of_station ON premises (heat_station) WHERE heat_station IS NOT NULL;
CREATE INDEX customers_by_name ON customers (name text_pattern_ops);
CREATE INDEX customers_by_id_no ON customers (id_no) WHERE id_no IS NOT NULL;
CREATE INDEX customers_by_phone ON customers (phone) WHERE phone IS NOT NULL;
CREATE INDEX heat_accounts_of_customer ON heat_accounts (customer_id);
CREATE INDEX heat_accounts_in_state ON heat_accounts (state, account_no);
CREATE INDEX heat_accounts_of_class ON heat_accounts (price_class, account_no);

-- Lists that are written to a file in the background. filters are by name, as the list's statement takes them.
CREATE TABLE exports (
    export_id  bigint CONSTRAINT exports_pkey PRIMARY KEY,
    command_id bigint NOT NULL CONSTRAINT exports_command REFERENCES commands,
    resource   text NOT NULL CONSTRAINT exports_resource CHECK (resource ~ '^[a-z][a-z_]{0,39}$'),
    format     text NOT NULL CONSTRAINT exports_format CHECK (format ~ '^[a-z]{1,10}$'),
    filters    jsonb NOT NULL CONSTRAINT exports_filters CHECK (jsonb_typeof(filters) = 'object'),
    columns    jsonb NOT NULL CONSTRAINT exports_columns CHECK (jsonb_array_length(columns) > 0),
    maker      text NOT NULL CONSTRAINT exports_maker CHECK (maker <> ''),
    state      text NOT NULL CONSTRAINT exports_state CHECK (state IN ('queued', 'running', 'done', 'failed', 'expired')),
    tries      smallint NOT NULL DEFAULT 0 CONSTRAINT exports_tries CHECK (tries >= 0),
    bytes      bigint CONSTRAINT exports_bytes CHECK (bytes > 0),
    sha256     bytea CONSTRAINT exports_sha256 CHECK (length(sha256) = 32),
    expires_at timestamptz,
    reason     text CONSTRAINT exports_reason CHECK (reason <> ''),
    CONSTRAINT exports_whole CHECK ((state IN ('done', 'expired')) = (bytes IS NOT NULL AND sha256 IS NOT NULL AND expires_at IS NOT NULL)),
    CONSTRAINT exports_failed CHECK ((state = 'failed') = (reason IS NOT NULL))
);
CREATE INDEX exports_open ON exports (export_id) WHERE state IN ('queued', 'running');
CREATE INDEX exports_expiring ON exports (expires_at) WHERE state = 'done';
CREATE INDEX exports_of_maker ON exports (maker, export_id);

-- How many rows are written: told every few thousand, and no decision of anybody.
CREATE TABLE export_progress (
    export_id bigint CONSTRAINT export_progress_pkey PRIMARY KEY CONSTRAINT export_progress_export REFERENCES exports,
    rows      bigint NOT NULL CONSTRAINT export_progress_rows CHECK (rows >= 0)
);
CREATE TABLE export_moves (
    export_id  bigint NOT NULL CONSTRAINT export_moves_export REFERENCES exports,
    command_id bigint NOT NULL CONSTRAINT export_moves_command REFERENCES commands,
    verb       text NOT NULL,
    from_state text,
    to_state   text NOT NULL,
    CONSTRAINT export_moves_pkey PRIMARY KEY (export_id, command_id)
);
CREATE TRIGGER export_moves_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON export_moves
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER exports_not_deleted BEFORE DELETE OR TRUNCATE ON exports
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER exports_audited AFTER UPDATE ON exports FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*)
    EXECUTE FUNCTION audit_change('export_id');
GRANT SELECT, INSERT ON exports, export_progress, export_moves TO {app};
GRANT UPDATE (state, tries, bytes, sha256, expires_at, reason) ON exports TO {app};
GRANT UPDATE (rows) ON export_progress TO {app};

-- Partners that are told of events, each from a position of its own in the event log.
CREATE TABLE webhooks (
    webhook_id bigint CONSTRAINT webhooks_pkey PRIMARY KEY,
    command_id bigint NOT NULL CONSTRAINT webhooks_command REFERENCES commands,
    partner    text NOT NULL CONSTRAINT webhooks_partner CHECK (partner <> ''),
    url        text NOT NULL CONSTRAINT webhooks_url CHECK (length(url) BETWEEN 8 AND 500),
    events     jsonb NOT NULL CONSTRAINT webhooks_events CHECK (jsonb_array_length(events) > 0),
    state      text NOT NULL CONSTRAINT webhooks_state CHECK (state IN ('active', 'parked', 'disabled'))
);
CREATE TABLE webhook_moves (
    webhook_id bigint NOT NULL CONSTRAINT webhook_moves_webhook REFERENCES webhooks,
    command_id bigint NOT NULL CONSTRAINT webhook_moves_command REFERENCES commands,
    verb       text NOT NULL,
    from_state text,
    to_state   text NOT NULL,
    reason     text NOT NULL CONSTRAINT webhook_moves_reason CHECK (reason <> ''),
    CONSTRAINT webhook_moves_pkey PRIMARY KEY (webhook_id, command_id)
);

-- What is signed with. We must be able to sign, so a hash would not do: it is sealed with a key that the database does
-- not hold (sealed_by is its number). NULL as ends_at is the newest; an older one signs beside it until it ends.
CREATE TABLE webhook_secrets (
    webhook_id    bigint NOT NULL CONSTRAINT webhook_secrets_webhook REFERENCES webhooks,
    secret_no     smallint NOT NULL CONSTRAINT webhook_secrets_no CHECK (secret_no > 0),
    command_id    bigint NOT NULL CONSTRAINT webhook_secrets_command REFERENCES commands,
    sealed_secret bytea NOT NULL,
    sealed_by     integer NOT NULL,
    ends_at       timestamptz,
    CONSTRAINT webhook_secrets_pkey PRIMARY KEY (webhook_id, secret_no)
);

-- Up to where a partner has taken everything. replay counts how often somebody set it back.
CREATE TABLE webhook_positions (
    webhook_id    bigint CONSTRAINT webhook_positions_pkey PRIMARY KEY CONSTRAINT webhook_positions_webhook REFERENCES webhooks,
    pos           bigint NOT NULL CONSTRAINT webhook_positions_pos CHECK (pos >= 0),
    replay        integer NOT NULL DEFAULT 0 CONSTRAINT webhook_positions_replay CHECK (replay >= 0),
    failures      integer NOT NULL DEFAULT 0 CONSTRAINT webhook_positions_failures CHECK (failures >= 0),
    failing_since timestamptz,
    next_at       timestamptz NOT NULL,
    CONSTRAINT webhook_positions_failing CHECK ((failures = 0) = (failing_since IS NULL))
);

-- Every attempt, with hashes of what was sent and of what was answered; the bodies are in the event log.
CREATE TABLE webhook_deliveries (
    webhook_id    bigint NOT NULL CONSTRAINT webhook_deliveries_webhook REFERENCES webhooks,
    attempt_id    bigint NOT NULL,
    delivery_id   uuid NOT NULL,
    pos           bigint NOT NULL,
    replay        integer NOT NULL,
    kind          text NOT NULL,
    outcome       text NOT NULL CONSTRAINT webhook_deliveries_outcome CHECK (outcome IN ('delivered', 'failed')),
    status        smallint,
    error         text,
    body_sha256   bytea NOT NULL CONSTRAINT webhook_deliveries_body CHECK (length(body_sha256) = 32),
    body_bytes    integer NOT NULL,
    answer_sha256 bytea NOT NULL CONSTRAINT webhook_deliveries_answer CHECK (length(answer_sha256) = 32),
    millis        integer NOT NULL,
    at            timestamptz NOT NULL,
    CONSTRAINT webhook_deliveries_pkey PRIMARY KEY (webhook_id, attempt_id),
    CONSTRAINT webhook_deliveries_error CHECK ((outcome = 'failed') = (error IS NOT NULL))
);
CREATE INDEX webhook_deliveries_failed ON webhook_deliveries (webhook_id, attempt_id) WHERE outcome = 'failed';

CREATE TRIGGER webhooks_not_deleted BEFORE DELETE OR TRUNCATE ON webhooks
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER webhook_moves_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON webhook_moves
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER webhook_deliveries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON webhook_deliveries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER webhooks_audited AFTER UPDATE ON webhooks FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*)
    EXECUTE FUNCTION audit_change('webhook_id');
CREATE TRIGGER webhook_secrets_audited AFTER UPDATE ON webhook_secrets FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*)
    EXECUTE FUNCTION audit_change('webhook_id', 'secret_no');
GRANT SELECT, INSERT ON webhooks, webhook_moves, webhook_secrets, webhook_positions, webhook_deliveries TO {app};
GRANT UPDATE (state) ON webhooks TO {app};
GRANT UPDATE (ends_at) ON webhook_secrets TO {app};
GRANT UPDATE (pos, replay, failures, failing_since, next_at) ON webhook_positions TO {app};
