-- Exports in the background, and partners that are told.

-- What lists are filtered by. Each takes about a second a million rows; writers wait that long, readers do not.
CREATE INDEX premises_of_station ON premises (heat_station) WHERE heat_station IS NOT NULL;
CREATE INDEX customers_by_name ON customers (name text_pattern_ops);
CREATE INDEX customers_by_id_no ON customers (id_no) WHERE id_no IS NOT NULL;
CREATE INDEX customers_by_phone ON customers (phone) WHERE phone IS NOT NULL;
CREATE INDEX heat_accounts_of_customer ON heat_accounts (customer_id);
CREATE INDEX heat_accounts_in_state ON heat_accounts (state, account_no);
CREATE INDEX heat_accounts_of_class ON heat_accounts (price_class, account_no);
