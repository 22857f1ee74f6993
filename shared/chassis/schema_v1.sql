-- What every service has: commands (audit and idempotency), outbox, event log, positions, parked items.
-- docs/decisions/0005 and 0006 say why each table is as it is. Frozen: a later change is a later file.

CREATE SEQUENCE ids INCREMENT 1000;

-- One row per command that changed something: who, when, under which key, and what was answered.
-- It is the audit record, the idempotency record and the head of every ledger entry.
CREATE TABLE commands (
    command_id  bigint PRIMARY KEY,
    name        text NOT NULL,
    actor       text NOT NULL,
    request_id  text NOT NULL,
    business_on date NOT NULL,
    at          timestamptz NOT NULL DEFAULT now(),
    txid        xid8 NOT NULL DEFAULT pg_current_xact_id(),
    key         text CONSTRAINT commands_key_form CHECK (length(key) BETWEEN 1 AND 255),
    fingerprint bytea,
    status      smallint,
    answer      bytea,
    CONSTRAINT commands_key_once UNIQUE (key),
    CONSTRAINT commands_key_has_answer CHECK (key IS NULL OR (fingerprint IS NOT NULL AND status IS NOT NULL AND answer IS NOT NULL))
);

CREATE TABLE outbox (
    seq        bigserial PRIMARY KEY,
    event_id   uuid NOT NULL UNIQUE,
    type       text NOT NULL,
    schema     smallint NOT NULL,
    body       text NOT NULL,
    actor      text NOT NULL,
    cause      text NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
-- Bodies stay here for a moment only: pressing them together costs more than the pages that it saves.
ALTER TABLE outbox ALTER COLUMN body SET STORAGE EXTERNAL;

CREATE TABLE event_log (
    pos        bigint PRIMARY KEY,
    event_id   uuid NOT NULL UNIQUE,
    type       text NOT NULL,
    schema     smallint NOT NULL,
    body       text NOT NULL,
    actor      text NOT NULL,
    cause      text NOT NULL,
    at         timestamptz NOT NULL,
    hash       bytea NOT NULL CONSTRAINT event_log_hash_length CHECK (length(hash) = 32)
);

CREATE TABLE log_head (
    one        smallint PRIMARY KEY DEFAULT 1 CONSTRAINT log_head_one_row CHECK (one = 1),
    epoch      integer NOT NULL,
    pos        bigint NOT NULL,
    hash       bytea NOT NULL,
    published  bigint NOT NULL
);
INSERT INTO log_head (epoch, pos, hash, published) VALUES (1, 0, decode(repeat('00', 32), 'hex'), 0);

CREATE TABLE positions (
    producer   text PRIMARY KEY,
    epoch      integer NOT NULL,
    pos        bigint NOT NULL,
    hash       bytea NOT NULL,
    halted     text,
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE parked (
    producer    text NOT NULL,
    pos         bigint NOT NULL,
    item        integer NOT NULL,
    stream      text NOT NULL,
    type        text NOT NULL,
    reason      text NOT NULL,
    tries       integer NOT NULL,
    raw         text NOT NULL,
    first_at    timestamptz NOT NULL DEFAULT now(),
    resolved_at timestamptz,
    resolution  text,
    resolved_by text,
    approved_by text,
    PRIMARY KEY (producer, pos, item),
    -- A retry needs one person, a skip two (docs/operators/parked.md).
    CONSTRAINT parked_skip_needs_two CHECK (resolution IS DISTINCT FROM 'skipped' OR (resolved_by <> approved_by)),
    CONSTRAINT parked_resolution_named CHECK ((resolved_at IS NULL) = (resolution IS NULL))
);
CREATE INDEX parked_open ON parked (producer, stream) WHERE resolved_at IS NULL;

-- Messages that could not be believed: kept for a person, never applied. The log brings what was real.
CREATE TABLE refused_messages (
    message_id bigserial PRIMARY KEY,
    producer   text NOT NULL,
    reason     text NOT NULL,
    headers    text NOT NULL,
    raw        bytea NOT NULL,
    at         timestamptz NOT NULL DEFAULT now()
);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER commands_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON commands
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER event_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON event_log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO {app};
GRANT USAGE ON SEQUENCE ids, outbox_seq_seq, refused_messages_message_id_seq TO {app};
GRANT SELECT ON commands, outbox, event_log, log_head, positions, parked, refused_messages TO {app};
GRANT INSERT (command_id, name, actor, request_id, business_on, key, fingerprint, status, answer) ON commands TO {app};
GRANT INSERT, DELETE ON outbox TO {app};
GRANT INSERT ON event_log, positions, parked, refused_messages TO {app};
GRANT UPDATE (pos, hash, published) ON log_head TO {app};
GRANT UPDATE ON positions TO {app};
GRANT UPDATE (resolved_at, resolution, resolved_by, approved_by, tries, reason) ON parked TO {app};
