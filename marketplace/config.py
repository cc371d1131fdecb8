"""Every setting and every default number of the product, typed, from the environment.

A number of the rules is named here once and never written as a literal elsewhere.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

DEVELOPMENT_KEY = "development only"
ROOT = Path(__file__).resolve().parent.parent


def days(number: float) -> timedelta:
    """A span of `number` days."""
    return timedelta(days=number)


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
    fee_bps: int = 1000
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
    kill_fee_started_bps: int = 2500
    kill_fee_drafted_bps: int = 5000
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

    # Minor units by currency: the smallest milestone, and how many decimals people write.
    smallest_milestone: dict[str, int] = {"usd": 500, "eur": 500, "gbp": 500, "jpy": 500}
    largest_milestone: int = 99_999_999


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
    platform_country: str = "US"
    install: str = "local"
    currencies: list[str] = ["usd", "eur", "gbp", "jpy"]

    rules: Rules = Field(default_factory=Rules)

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
