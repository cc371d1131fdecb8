CREATE OR REPLACE FUNCTION kernel_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is append-only'; END $$
-- next
CREATE TRIGGER kernel_event_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON kernel_event FOR EACH STATEMENT EXECUTE FUNCTION kernel_refuse_change()
-- next
CREATE OR REPLACE FUNCTION kernel_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is append-only'; END $$
-- next
CREATE TRIGGER payments_entry_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON payments_entry FOR EACH STATEMENT EXECUTE FUNCTION kernel_refuse_change()
-- next
CREATE OR REPLACE FUNCTION kernel_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is append-only'; END $$
-- next
CREATE TRIGGER payments_line_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON payments_line FOR EACH STATEMENT EXECUTE FUNCTION kernel_refuse_change()
-- next
CREATE OR REPLACE FUNCTION kernel_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is append-only'; END $$
-- next
CREATE TRIGGER payments_posted_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON payments_posted FOR EACH STATEMENT EXECUTE FUNCTION kernel_refuse_change()
-- next
CREATE OR REPLACE FUNCTION kernel_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is append-only'; END $$
-- next
CREATE TRIGGER talent_opening_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON talent_opening FOR EACH STATEMENT EXECUTE FUNCTION kernel_refuse_change()
-- next
CREATE OR REPLACE FUNCTION kernel_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is append-only'; END $$
-- next
CREATE TRIGGER contracts_signature_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON contracts_signature FOR EACH STATEMENT EXECUTE FUNCTION kernel_refuse_change()
-- next
CREATE OR REPLACE FUNCTION kernel_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is append-only'; END $$
-- next
CREATE TRIGGER deliverables_version_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON deliverables_version FOR EACH STATEMENT EXECUTE FUNCTION kernel_refuse_change()
-- next
CREATE FUNCTION payments_line_closed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF EXISTS (SELECT 1 FROM payments_posted WHERE entry_id = NEW.entry_id) THEN RAISE EXCEPTION 'this entry is posted' USING ERRCODE = '23514'; END IF; RETURN NEW; END $$
-- next
CREATE TRIGGER payments_line_closed BEFORE INSERT ON payments_line FOR EACH ROW EXECUTE FUNCTION payments_line_closed()
-- next
CREATE FUNCTION payments_posted_even() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NOT EXISTS (SELECT 1 FROM payments_line WHERE entry_id = NEW.entry_id) OR EXISTS (SELECT 1 FROM payments_line WHERE entry_id = NEW.entry_id GROUP BY currency HAVING SUM(amount_minor) <> 0) THEN RAISE EXCEPTION 'this entry does not sum to zero' USING ERRCODE = '23514'; END IF; RETURN NEW; END $$
-- next
CREATE TRIGGER payments_posted_even BEFORE INSERT ON payments_posted FOR EACH ROW EXECUTE FUNCTION payments_posted_even()
-- next
CREATE FUNCTION payments_posted_applied() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM 1 FROM payments_ledger_account WHERE (lo IS NOT NULL OR hi IS NOT NULL) AND (code, currency) IN (SELECT code, currency FROM payments_line WHERE entry_id = NEW.entry_id) ORDER BY code, currency FOR NO KEY UPDATE; UPDATE payments_ledger_account a SET balance = a.balance + s.moved FROM (SELECT code, currency, SUM(amount_minor) AS moved FROM payments_line WHERE entry_id = NEW.entry_id GROUP BY 1, 2) s WHERE a.code = s.code AND a.currency = s.currency AND (a.lo IS NOT NULL OR a.hi IS NOT NULL); RETURN NEW; END $$
-- next
CREATE TRIGGER payments_posted_applied AFTER INSERT ON payments_posted FOR EACH ROW EXECUTE FUNCTION payments_posted_applied()
-- next
CREATE FUNCTION payments_stripe_call_frozen() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF OLD.params <> NEW.params OR OLD.idem_key <> NEW.idem_key THEN RAISE EXCEPTION 'what was sent to Stripe is frozen' USING ERRCODE = '23514'; END IF; RETURN NEW; END $$
-- next
CREATE TRIGGER payments_stripe_call_frozen BEFORE UPDATE OF params, idem_key ON payments_stripe_call FOR EACH ROW EXECUTE FUNCTION payments_stripe_call_frozen()
-- next
CREATE INDEX search_fts_professional ON search_professional USING gin (array_to_tsvector(string_to_array(words, ' ')))
-- next
CREATE INDEX search_fts_brief ON search_brief USING gin (array_to_tsvector(string_to_array(words, ' ')))
