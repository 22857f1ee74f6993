-- Temperatures that were measured, and prices that were provisional or wrong.

-- What was measured in a home, a row a day that it counts for. A later reading of a day stands beside the earlier one.
-- celsius is that of the whole home, NULL where each room has its own; share_of/share_by is the part of the day's fee that
-- the reading by itself is worth.
CREATE TABLE temperature_readings (
    reading_id   bigint PRIMARY KEY,
    command_id   bigint NOT NULL CONSTRAINT temperature_readings_command REFERENCES commands,
    account_no   text NOT NULL CONSTRAINT temperature_readings_account REFERENCES heat_accounts,
    season       smallint NOT NULL CONSTRAINT temperature_readings_season CHECK (season BETWEEN 1950 AND 2100),
    day          date NOT NULL,
    celsius      numeric(3,1) CONSTRAINT temperature_readings_celsius CHECK (celsius BETWEEN -50 AND 60),
    official     boolean NOT NULL,
    share_of     bigint NOT NULL CONSTRAINT temperature_readings_share CHECK (share_of >= 0),
    share_by     bigint NOT NULL CONSTRAINT temperature_readings_by CHECK (share_by > 0),
    requested_at timestamptz,
    measured_at  timestamptz,
    late         boolean NOT NULL,
    reason       text NOT NULL CONSTRAINT temperature_readings_reason CHECK (reason <> ''),
    CONSTRAINT temperature_readings_order CHECK (requested_at <= measured_at)
);
CREATE INDEX temperature_readings_of_account ON temperature_readings (account_no, season);
CREATE TRIGGER temperature_readings_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON temperature_readings
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
GRANT SELECT, INSERT ON temperature_readings TO {app};

-- A season's bills are charged again at other prices: those that were decreed after provisional ones, or the right ones in
-- place of wrong ones. What was decided last holds for all bills that were issued before.
CREATE TABLE price_decisions (
    decision_id bigint PRIMARY KEY,
    command_id  bigint NOT NULL CONSTRAINT price_decisions_command REFERENCES commands,
    season      smallint NOT NULL CONSTRAINT price_decisions_season CHECK (season BETWEEN 1950 AND 2100),
    kind        text NOT NULL CONSTRAINT price_decisions_kind CHECK (kind IN ('settlement', 'correction')),
    policy_id   bigint NOT NULL CONSTRAINT price_decisions_policy REFERENCES policies,
    season_id   bigint CONSTRAINT price_decisions_declared REFERENCES seasons,
    reason      text NOT NULL CONSTRAINT price_decisions_reason CHECK (reason <> ''),
    decided_at  timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX price_decisions_of_season ON price_decisions (season, decided_at);
CREATE TRIGGER price_decisions_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON price_decisions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
GRANT SELECT, INSERT ON price_decisions TO {app};
