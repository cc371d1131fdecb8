"""Every setting and every default number of the product, typed, from the environment.

A number of the rules is named here once and never written as a literal elsewhere.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from marketplace.currencies import CURRENCIES

# A share in hundredths of a per cent.
Bps = Annotated[int, Field(ge=0, le=10_000)]
DEVELOPMENT_KEY = "development only"
ROOT = Path(__file__).resolve().parent.parent


def days(number: float) -> timedelta:
    """A span of `number` days."""
    return timedelta(days=number)


def by_currency(column: str) -> dict[str, int]:
    """One column of the table of currencies, in minor units by code."""
    return {code: getattr(currency, column) for code, currency in CURRENCIES.items()}


class Rules(BaseSettings):
    """The rules of the marketplace. An operator overrides one with `RULE_<NAME>=…`."""

    model_config = SettingsConfigDict(env_prefix="RULE_", extra="ignore")

    vetting_decision_business_days: int = 10
    vetting_reapply: timedelta = days(90)
    vetting_read_again: timedelta = days(365)
    vetting_average: float = 3.5
    vetting_floor: int = 3
    vetting_gap: int = 2
    vetting_agreement_from: int = 10
    samples_least: int = 3
    samples_most: int = 8
    sealed_opening: timedelta = days(7)

    brief_open: timedelta = days(21)
    brief_warn: timedelta = days(5)
    brief_decide: timedelta = days(14)
    proposals_per_brief: int = 12
    proposals_per_person: int = 8
    pitch_words_least: int = 60
    pitch_words_most: int = 150
    pitch_overlap: float = 0.6
    questions_per_brief: int = 10

    offer_valid: timedelta = days(7)
    fee_bps: Bps = 1000
    # What the business pays on top of a milestone, to the platform; not returned with a refund.
    client_fee_bps: Bps = 0
    review_days: int = 7
    review_days_least: int = 3
    review_days_most: int = 14
    review_reminders: tuple[float, ...] = (0.4, 0.7, 0.9)
    rounds_included: int = 2
    hold: timedelta = days(2)
    hold_newcomer: timedelta = days(5)
    hold_newcomer_contracts: int = 3
    life_warn_first: timedelta = days(45)
    life_warn_last: timedelta = days(70)
    life_hard_stop: timedelta = days(75)
    kill_fee_started_bps: Bps = 2500
    kill_fee_drafted_bps: Bps = 5000
    # At most this part of a later release pays a debt; a new bank account waits this long for money.
    debt_share_bps: Bps = 5000
    bank_cooling: timedelta = days(3)
    approval_expires: timedelta = days(30)
    approval_after_slot: timedelta = timedelta(hours=24)

    review_window: timedelta = days(14)
    review_after_release: timedelta = days(30)
    reply_window: timedelta = days(28)
    averages_from: int = 3
    prior_mean: float = 4.0
    prior_weight: int = 3

    sign_in_failures: int = 5
    sign_in_window: timedelta = timedelta(minutes=5)
    sign_in_per_address: int = 10
    sign_in_wait_most: timedelta = timedelta(minutes=15)
    session_idle: timedelta = days(14)
    session_absolute: timedelta = days(60)
    session_fresh: timedelta = timedelta(minutes=15)
    link_valid: timedelta = timedelta(minutes=60)
    invitation_valid: timedelta = days(7)
    sign_ups_per_hour: int = 5
    messages_per_hour: int = 60

    upload_bytes: int = 10 * 1024 * 1024
    image_pixels: int = 40_000_000

    # In minor units by currency. An operator may give some; the others stay as in the table of currencies.
    smallest_milestone: dict[str, int] = Field(default_factory=lambda: by_currency("smallest_milestone"))
    largest_milestone: dict[str, int] = Field(default_factory=lambda: by_currency("max_minor"))
    # Per milestone: what the platform carries of a chargeback of approved work. Refunds and write-offs by two.
    chargeback_cover: dict[str, int] = Field(default_factory=lambda: by_currency("chargeback_cover"))
    two_admins_from: dict[str, int] = Field(default_factory=lambda: by_currency("two_admins_from"))

    @field_validator("smallest_milestone", "largest_milestone", "chargeback_cover", "two_admins_from")
    @classmethod
    def keep_the_others(cls, given: dict[str, int], info: ValidationInfo) -> dict[str, int]:
        """Fill up what an operator left out; refuse currencies and amounts that cannot be."""
        for code, minor in given.items():
            kind = CURRENCIES.get(code)
            least = kind.min_minor if kind and info.field_name == "smallest_milestone" else 0
            if kind is None or minor % kind.charge_step or not least <= minor <= kind.max_minor:
                raise ValueError(f"{code}: {minor} is no amount that Stripe takes in a currency known here.")
        column = "max_minor" if info.field_name == "largest_milestone" else str(info.field_name)
        return {**by_currency(column), **given}


class Settings(BaseSettings):
    """Where the product runs. Each field is an environment variable of the same name."""

    model_config = SettingsConfigDict(extra="ignore")

    environment: Literal["development", "test", "production"] = "development"
    site_name: str = "Not an Echo"
    base_url: str = "http://localhost:5000"
    secret_key: str = Field(default=DEVELOPMENT_KEY, repr=False)
    secret_key_fallbacks: list[str] = Field(default_factory=list, repr=False)
    database_url: str = f"sqlite:///{ROOT}/var/dev.sqlite"
    blob_dir: Path = ROOT / "var" / "blobs"
    s3_bucket: str = ""
    redis_url: str = "memory://"
    smtp_url: str = ""
    mail_from: str = "Not an Echo <post@localhost>"
    clock_file: Path | None = None
    trusted_proxies: int = 0
    terms_version: str = "2026-11"
    # Of all people that `flask --app app seed` makes; the seed refuses production.
    seed_password: str = "a voice, not an echo"

    payments_mode: Literal["sandbox", "stripe"] = "sandbox"
    stripe_secret_key: str = Field(default="sk_test_sandbox", repr=False)
    stripe_api_base: str = "http://127.0.0.1:4242"
    stripe_webhook_secret: str = Field(default="", repr=False)
    stripe_connect_webhook_secret: str = Field(default="", repr=False)
    # Of the destination for thin events of Accounts v2; the sandbox signs those as the platform's own.
    stripe_accounts_webhook_secret: str = Field(default="", repr=False)
    platform_country: str = "US"
    # What stands on the platform's own invoices; its rate of tax is contained in its fee.
    platform_legal_name: str = ""
    platform_address: str = ""
    platform_tax_id: str = ""
    platform_tax_bps: Bps = 0
    # How many days Stripe lets a platform of this country hold money; other countries: `holding_days_elsewhere`.
    holding_days: dict[str, int] = {"US": 730, "TH": 10}
    holding_days_elsewhere: int = 90
    install: str = "local"
    # Those that settle in themselves on the platform's account, out of the table of currencies; kwd is there too.
    currencies: list[str] = ["usd", "eur", "gbp", "jpy"]
    # Bank debits come through, or fail, days later.
    payment_methods: list[Literal["card", "us_bank_account", "sepa_debit", "bacs_debit"]] = ["card"]
    instant_payouts: bool = False

    rules: Rules = Field(default_factory=Rules)

    @field_validator("currencies")
    @classmethod
    def refuse_unknown_currencies(cls, given: list[str]) -> list[str]:
        """At least one currency, each once, and only those that the table of currencies knows."""
        unknown = [code for code in given if code not in CURRENCIES]
        if unknown:
            known = ", ".join(CURRENCIES)
            raise ValueError(f"CURRENCIES names {', '.join(unknown)}; this marketplace knows {known}.")
        if not given or len(set(given)) < len(given):
            raise ValueError("CURRENCIES must name at least one currency, and each only once.")
        return given

    @field_validator("payment_methods")
    @classmethod
    def refuse_no_way_to_pay(cls, given: list[str]) -> list[str]:
        """At least one way to pay, each once."""
        if not given or len(set(given)) < len(given):
            raise ValueError("PAYMENT_METHODS must name at least one way to pay, and each only once.")
        return given

    @model_validator(mode="after")
    def refuse_unsafe(self) -> Self:
        """In production: a real key, https, webhook secrets; a live key never meets the sandbox."""
        live = self.stripe_secret_key.startswith(("sk_live_", "rk_live_"))
        if live and self.payments_mode == "sandbox":
            raise ValueError("A live Stripe key with PAYMENTS_MODE=sandbox: set PAYMENTS_MODE=stripe.")
        if self.environment != "production":
            return self
        if len(self.secret_key) < 32 or self.secret_key == DEVELOPMENT_KEY:
            raise ValueError("SECRET_KEY must be a random text of at least 32 characters in production.")
        if not self.base_url.startswith("https://"):
            raise ValueError("BASE_URL must begin with https:// in production.")
        if self.payments_mode == "sandbox":
            raise ValueError("PAYMENTS_MODE=sandbox is for development: set it to stripe in production.")
        if self.clock_file is not None:
            raise ValueError("CLOCK_FILE moves the clock: leave it out in production.")
        if not self.stripe_webhook_secret:
            raise ValueError("STRIPE_WEBHOOK_SECRET is missing: Stripe's messages could not be trusted.")
        return self

    @property
    def holding_limit(self) -> timedelta:
        """How long Stripe lets the platform hold money, by its country."""
        return days(self.holding_days.get(self.platform_country.upper(), self.holding_days_elsewhere))

    @property
    def sqlite(self) -> bool:
        """Whether the database is SQLite."""
        return self.database_url.startswith("sqlite")

    @property
    def secure(self) -> bool:
        """Whether people reach the site by https, so that cookies may say Secure."""
        return self.base_url.startswith("https://")

    @property
    def host(self) -> str:
        """The host (and port) that requests must name."""
        return self.base_url.split("://", 1)[1].rstrip("/")


_in_force: Settings | None = None


def use(settings: Settings) -> None:
    """Make `settings` the ones in force: one process serves one application."""
    global _in_force
    _in_force = settings


def settings() -> Settings:
    """The settings in force; read from the environment when no application was built yet."""
    if _in_force is None:
        use(Settings())
    assert _in_force is not None
    return _in_force


def rules() -> Rules:
    """The rules in force."""
    return settings().rules
