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
