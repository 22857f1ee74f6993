-- Money paid back. Credit that a refund promises leaves the credit at once and waits as refund_payable until the money
-- went out; so no bill meets it and nobody can promise it twice.
INSERT INTO ledger_accounts VALUES ('refund_payable', 'liability', '应退热费');

-- What was asked for and decided in one go: refunds of some homes, or the run of a season (season is not null). The hash
-- is that of the list, page after page: sha256(hash of the pages before || text of this page).
CREATE TABLE refund_orders (
    order_id     bigint PRIMARY KEY,
    command_id   bigint NOT NULL,
    season       smallint CONSTRAINT refund_orders_season CHECK (season BETWEEN 1950 AND 2100),
    reason       text NOT NULL CONSTRAINT refund_orders_reason CHECK (reason <> ''),
    maker        text NOT NULL,
    maker_person text NOT NULL CONSTRAINT refund_orders_maker_person CHECK (maker_person <> ''),
    requested_on date NOT NULL,
    state        text NOT NULL CONSTRAINT refund_orders_state
                 CHECK (state IN ('listing', 'requested', 'approved', 'rejected', 'withdrawn', 'carried_out')),
    content_hash bytea NOT NULL CONSTRAINT refund_orders_hash CHECK (length(content_hash) = 32),
    homes        integer NOT NULL CONSTRAINT refund_orders_homes CHECK (homes >= 0),
    refunds      integer NOT NULL CONSTRAINT refund_orders_refunds CHECK (refunds >= homes),
    amount_fen   bigint NOT NULL CONSTRAINT refund_orders_amount CHECK (amount_fen >= 0),
    -- How far the list of a run has come: its last account.
    listed_to    text NOT NULL DEFAULT '',
    CONSTRAINT refund_orders_decided_as_asked UNIQUE (order_id, maker_person),
    CONSTRAINT refund_orders_listing_is_a_run CHECK (state <> 'listing' OR season IS NOT NULL)
) WITH (fillfactor = 80);
-- A season has one run at a time: a second one would list the same money again.
CREATE UNIQUE INDEX refund_orders_one_run ON refund_orders (season)
    WHERE season IS NOT NULL AND state IN ('listing', 'requested', 'approved');

-- That the person who agrees is not the one who asked is a constraint and not a habit.
CREATE TABLE refund_decisions (
    order_id          bigint PRIMARY KEY,
    command_id        bigint NOT NULL CONSTRAINT refund_decisions_command REFERENCES commands,
    state             text NOT NULL CONSTRAINT refund_decisions_state CHECK (state IN ('approved', 'rejected', 'withdrawn')),
    content_hash      bytea NOT NULL,
    maker_person      text NOT NULL,
    decided_by        text NOT NULL,
    decided_by_person text NOT NULL CONSTRAINT refund_decisions_person CHECK (decided_by_person <> ''),
    remark            text,
    CONSTRAINT refund_decisions_of FOREIGN KEY (order_id, maker_person) REFERENCES refund_orders (order_id, maker_person),
    CONSTRAINT refund_decisions_two_people CHECK ((state = 'withdrawn') = (decided_by_person = maker_person))
);

-- A refund: money of one credit that goes back through one payment, by a channel. Its number is the refund's.
CREATE TABLE refunds (
    refund_id  bigint PRIMARY KEY,
    command_id bigint NOT NULL,
    order_id   bigint NOT NULL CONSTRAINT refunds_order REFERENCES refund_orders,
    account_no text NOT NULL CONSTRAINT refunds_account REFERENCES accounts,
    payer      text NOT NULL,
    credit_id  bigint NOT NULL CONSTRAINT refunds_credit REFERENCES credits,
    via        bigint NOT NULL CONSTRAINT refunds_via REFERENCES payments,
    channel    text NOT NULL,
    amount_fen bigint NOT NULL CONSTRAINT refunds_amount CHECK (amount_fen > 0),
    -- Why the money is owed back: freed by a correction, a payment by force, a prepayment.
    ground     text NOT NULL CONSTRAINT refunds_ground CHECK (ground IN ('regulation', 'duplicate', 'prepayment')),
    state      text NOT NULL CONSTRAINT refunds_state CHECK (state IN
               ('requested', 'approved', 'paying', 'unknown', 'paid', 'failed', 'rejected', 'withdrawn', 'passed_over'))
) WITH (fillfactor = 70);
CREATE INDEX refunds_of_order ON refunds (order_id, refund_id);
CREATE INDEX refunds_of_account ON refunds (account_no);
CREATE INDEX refunds_of_credit ON refunds (credit_id);
CREATE INDEX refunds_via_payment ON refunds (via);
CREATE INDEX refunds_under_way ON refunds (state, refund_id) WHERE state IN ('requested', 'approved', 'paying', 'unknown');

-- A refund's history: who and when are the command's. remark is the serial of the movement, or why it failed.
CREATE TABLE refund_moves (
    move_id    bigint PRIMARY KEY,
    command_id bigint NOT NULL,
    refund_id  bigint NOT NULL CONSTRAINT refund_moves_refund REFERENCES refunds,
    verb       text NOT NULL,
    from_state text,
    to_state   text NOT NULL,
    moved_on   date NOT NULL,
    remark     text
);
CREATE INDEX refund_moves_of_refund ON refund_moves (refund_id);

-- Never more goes back through a payment than it brought, and never more of a credit than there was.
CREATE FUNCTION check_refunds() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE bad bigint;
BEGIN
    SELECT p.payment_id INTO bad FROM payments p WHERE p.payment_id IN (SELECT via FROM fresh)
        AND p.amount_fen < (SELECT sum(r.amount_fen) FROM refunds r WHERE r.via = p.payment_id
                            AND r.state IN ('approved', 'paying', 'unknown', 'paid')) LIMIT 1;
    IF bad IS NOT NULL THEN
        RAISE EXCEPTION 'more would go back than payment % brought', bad USING ERRCODE = 'restrict_violation';
    END IF;
    SELECT k.credit_id INTO bad FROM credits k WHERE k.credit_id IN (SELECT credit_id FROM fresh)
        AND k.amount_fen < (SELECT sum(r.amount_fen) FROM refunds r WHERE r.credit_id = k.credit_id
                            AND r.state IN ('approved', 'paying', 'unknown', 'paid')) LIMIT 1;
    IF bad IS NOT NULL THEN
        RAISE EXCEPTION 'more would go back than credit % was', bad USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER refunds_bounded AFTER UPDATE ON refunds REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION check_refunds();
CREATE TRIGGER refunds_begin_bounded AFTER INSERT ON refunds REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION check_refunds();
-- What ended stays ended; paid money may come back.
CREATE FUNCTION refuse_move_of_ended() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'refund % has ended', OLD.refund_id USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER refunds_end_once BEFORE UPDATE ON refunds FOR EACH ROW
    WHEN (OLD.state IN ('failed', 'rejected', 'withdrawn', 'passed_over')) EXECUTE FUNCTION refuse_move_of_ended();

CREATE TRIGGER refund_decisions_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON refund_decisions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER refund_moves_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON refund_moves
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER refunds_not_deleted BEFORE DELETE OR TRUNCATE ON refunds
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER refund_orders_not_deleted BEFORE DELETE OR TRUNCATE ON refund_orders
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

GRANT SELECT, INSERT ON refund_orders, refund_decisions, refunds, refund_moves TO {app};
GRANT UPDATE (state, content_hash, homes, refunds, amount_fen, listed_to) ON refund_orders TO {app};
GRANT UPDATE (state) ON refunds TO {app};
