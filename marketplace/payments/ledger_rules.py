"""The triggers by which the database itself keeps the ledger: sums, closed entries, bounded balances."""

from __future__ import annotations

_OPEN = "EXISTS (SELECT 1 FROM payments_posted WHERE entry_id = NEW.entry_id)"
_UNEVEN = (
    "NOT EXISTS (SELECT 1 FROM payments_line WHERE entry_id = NEW.entry_id) OR EXISTS (SELECT 1 FROM "
    "payments_line WHERE entry_id = NEW.entry_id GROUP BY currency HAVING SUM(amount_minor) <> 0)"
)
_MINE = "SELECT code, currency FROM payments_line WHERE entry_id = NEW.entry_id"
_BOUNDED = "(lo IS NOT NULL OR hi IS NOT NULL)"


def statements(dialect: str) -> list[str]:
    """The triggers by which the database checks sums, closes posted entries and keeps bounded balances.

    dialect: `sqlite` or `postgresql`. Migrations run them when they make the tables.
    """
    return _sqlite_rules() if dialect == "sqlite" else _postgresql_rules()


def _sqlite_rules() -> list[str]:
    return [
        f"CREATE TRIGGER payments_line_closed BEFORE INSERT ON payments_line WHEN {_OPEN} "
        "BEGIN SELECT RAISE(ABORT, 'this entry is posted'); END",
        f"CREATE TRIGGER payments_posted_even BEFORE INSERT ON payments_posted WHEN {_UNEVEN} "
        "BEGIN SELECT RAISE(ABORT, 'this entry does not sum to zero'); END",
        "CREATE TRIGGER payments_posted_applied AFTER INSERT ON payments_posted BEGIN "  # noqa: S608
        "UPDATE payments_ledger_account SET balance = balance + (SELECT SUM(amount_minor) FROM payments_line l "
        "WHERE l.entry_id = NEW.entry_id AND l.code = payments_ledger_account.code "
        "AND l.currency = payments_ledger_account.currency) "
        f"WHERE {_BOUNDED} AND (code, currency) IN ({_MINE}); END",
        "CREATE TRIGGER payments_stripe_call_frozen BEFORE UPDATE OF params, idem_key ON payments_stripe_call "
        "WHEN OLD.params <> NEW.params OR OLD.idem_key <> NEW.idem_key "
        "BEGIN SELECT RAISE(ABORT, 'what was sent to Stripe is frozen'); END",
    ]


def _postgresql_rules() -> list[str]:
    return [
        *_function(
            "line_closed", "BEFORE INSERT ON payments_line",
            f"IF {_OPEN} THEN RAISE EXCEPTION 'this entry is posted' USING ERRCODE = '23514'; END IF;"
        ),
        *_function(
            "posted_even", "BEFORE INSERT ON payments_posted",
            f"IF {_UNEVEN} THEN RAISE EXCEPTION 'this entry does not sum to zero' "
            "USING ERRCODE = '23514'; END IF;"
        ),
        *_function(
            "posted_applied", "AFTER INSERT ON payments_posted",
            f"PERFORM 1 FROM payments_ledger_account WHERE {_BOUNDED} AND (code, currency) IN ({_MINE}) "  # noqa: S608
            "ORDER BY code, currency FOR NO KEY UPDATE; "
            "UPDATE payments_ledger_account a SET balance = a.balance + s.moved FROM (SELECT code, currency, "
            "SUM(amount_minor) AS moved FROM payments_line WHERE entry_id = NEW.entry_id GROUP BY 1, 2) s "
            "WHERE a.code = s.code AND a.currency = s.currency AND (a.lo IS NOT NULL OR a.hi IS NOT NULL);"
        ),
        *_function(
            "stripe_call_frozen", "BEFORE UPDATE OF params, idem_key ON payments_stripe_call",
            "IF OLD.params <> NEW.params OR OLD.idem_key <> NEW.idem_key THEN "
            "RAISE EXCEPTION 'what was sent to Stripe is frozen' USING ERRCODE = '23514'; END IF;"
        ),
    ]  # fmt: skip


def _function(name: str, when: str, body: str) -> list[str]:
    return [
        f"CREATE FUNCTION payments_{name}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN {body} RETURN NEW; END $$",
        f"CREATE TRIGGER payments_{name} {when} FOR EACH ROW EXECUTE FUNCTION payments_{name}()",
    ]
