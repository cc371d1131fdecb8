CREATE TRIGGER kernel_event_no_update BEFORE UPDATE ON kernel_event BEGIN SELECT RAISE(ABORT, 'kernel_event is append-only'); END
-- next
CREATE TRIGGER kernel_event_no_delete BEFORE DELETE ON kernel_event BEGIN SELECT RAISE(ABORT, 'kernel_event is append-only'); END
-- next
CREATE TRIGGER payments_entry_no_update BEFORE UPDATE ON payments_entry BEGIN SELECT RAISE(ABORT, 'payments_entry is append-only'); END
-- next
CREATE TRIGGER payments_entry_no_delete BEFORE DELETE ON payments_entry BEGIN SELECT RAISE(ABORT, 'payments_entry is append-only'); END
-- next
CREATE TRIGGER payments_line_no_update BEFORE UPDATE ON payments_line BEGIN SELECT RAISE(ABORT, 'payments_line is append-only'); END
-- next
CREATE TRIGGER payments_line_no_delete BEFORE DELETE ON payments_line BEGIN SELECT RAISE(ABORT, 'payments_line is append-only'); END
-- next
CREATE TRIGGER payments_posted_no_update BEFORE UPDATE ON payments_posted BEGIN SELECT RAISE(ABORT, 'payments_posted is append-only'); END
-- next
CREATE TRIGGER payments_posted_no_delete BEFORE DELETE ON payments_posted BEGIN SELECT RAISE(ABORT, 'payments_posted is append-only'); END
-- next
CREATE TRIGGER talent_opening_no_update BEFORE UPDATE ON talent_opening BEGIN SELECT RAISE(ABORT, 'talent_opening is append-only'); END
-- next
CREATE TRIGGER talent_opening_no_delete BEFORE DELETE ON talent_opening BEGIN SELECT RAISE(ABORT, 'talent_opening is append-only'); END
-- next
CREATE TRIGGER contracts_signature_no_update BEFORE UPDATE ON contracts_signature BEGIN SELECT RAISE(ABORT, 'contracts_signature is append-only'); END
-- next
CREATE TRIGGER contracts_signature_no_delete BEFORE DELETE ON contracts_signature BEGIN SELECT RAISE(ABORT, 'contracts_signature is append-only'); END
-- next
CREATE TRIGGER deliverables_version_no_update BEFORE UPDATE ON deliverables_version BEGIN SELECT RAISE(ABORT, 'deliverables_version is append-only'); END
-- next
CREATE TRIGGER deliverables_version_no_delete BEFORE DELETE ON deliverables_version BEGIN SELECT RAISE(ABORT, 'deliverables_version is append-only'); END
-- next
CREATE TRIGGER payments_line_closed BEFORE INSERT ON payments_line WHEN EXISTS (SELECT 1 FROM payments_posted WHERE entry_id = NEW.entry_id) BEGIN SELECT RAISE(ABORT, 'this entry is posted'); END
-- next
CREATE TRIGGER payments_posted_even BEFORE INSERT ON payments_posted WHEN NOT EXISTS (SELECT 1 FROM payments_line WHERE entry_id = NEW.entry_id) OR EXISTS (SELECT 1 FROM payments_line WHERE entry_id = NEW.entry_id GROUP BY currency HAVING SUM(amount_minor) <> 0) BEGIN SELECT RAISE(ABORT, 'this entry does not sum to zero'); END
-- next
CREATE TRIGGER payments_posted_applied AFTER INSERT ON payments_posted BEGIN UPDATE payments_ledger_account SET balance = balance + (SELECT SUM(amount_minor) FROM payments_line l WHERE l.entry_id = NEW.entry_id AND l.code = payments_ledger_account.code AND l.currency = payments_ledger_account.currency) WHERE (lo IS NOT NULL OR hi IS NOT NULL) AND (code, currency) IN (SELECT code, currency FROM payments_line WHERE entry_id = NEW.entry_id); END
-- next
CREATE TRIGGER payments_stripe_call_frozen BEFORE UPDATE OF params, idem_key ON payments_stripe_call WHEN OLD.params <> NEW.params OR OLD.idem_key <> NEW.idem_key BEGIN SELECT RAISE(ABORT, 'what was sent to Stripe is frozen'); END
-- next
CREATE VIRTUAL TABLE search_fts_professional USING fts5(words, content='search_professional', content_rowid='number', tokenize='ascii', detail='none', prefix='1 2 3')
-- next
CREATE TRIGGER search_fts_professional_insert AFTER INSERT ON search_professional BEGIN INSERT INTO search_fts_professional(rowid, words) VALUES (new.number, new.words); END
-- next
CREATE TRIGGER search_fts_professional_delete AFTER DELETE ON search_professional BEGIN INSERT INTO search_fts_professional(search_fts_professional, rowid, words) VALUES ('delete', old.number, old.words); END
-- next
CREATE TRIGGER search_fts_professional_update AFTER UPDATE ON search_professional BEGIN INSERT INTO search_fts_professional(search_fts_professional, rowid, words) VALUES ('delete', old.number, old.words); INSERT INTO search_fts_professional(rowid, words) VALUES (new.number, new.words); END
-- next
CREATE VIRTUAL TABLE search_fts_brief USING fts5(words, content='search_brief', content_rowid='number', tokenize='ascii', detail='none', prefix='1 2 3')
-- next
CREATE TRIGGER search_fts_brief_insert AFTER INSERT ON search_brief BEGIN INSERT INTO search_fts_brief(rowid, words) VALUES (new.number, new.words); END
-- next
CREATE TRIGGER search_fts_brief_delete AFTER DELETE ON search_brief BEGIN INSERT INTO search_fts_brief(search_fts_brief, rowid, words) VALUES ('delete', old.number, old.words); END
-- next
CREATE TRIGGER search_fts_brief_update AFTER UPDATE ON search_brief BEGIN INSERT INTO search_fts_brief(search_fts_brief, rowid, words) VALUES ('delete', old.number, old.words); INSERT INTO search_fts_brief(rowid, words) VALUES (new.number, new.words); END
