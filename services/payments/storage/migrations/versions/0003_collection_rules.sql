-- Late fee that is waived, and the rules of collection in force.

-- The rules of collection, as accounts declared them: a row a declaration, the one heard last holds for every day.
CREATE TABLE collection_rules (
    declaration_no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    command_id     bigint NOT NULL,
    policy         text NOT NULL,
    version        text NOT NULL CONSTRAINT collection_rules_version CHECK (length(version) = 64),
    body           jsonb NOT NULL
);
CREATE INDEX collection_rules_of_version ON collection_rules (version);
CREATE TRIGGER collection_rules_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON collection_rules
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
GRANT SELECT, INSERT ON collection_rules TO {app};
