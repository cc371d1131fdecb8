"""The index: one entry a professional or brief, its folded words and the facts it is filtered by."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.kernel.db import Base
from marketplace.kernel.events import extra_ddl

Number = BigInteger().with_variant(Integer, "sqlite")


class ProfessionalEntry(Base, kw_only=True, eq=False, repr=False):
    """What the index knows of one professional. Whether they are listed is asked of their profile."""

    __tablename__ = "search_professional"

    # A number, since full text on SQLite points at rows by number.
    number: Mapped[int] = mapped_column(Number, primary_key=True, autoincrement=True, init=False)
    profile_id: Mapped[UUID] = mapped_column(ForeignKey("talent_profile.id", ondelete="CASCADE"), unique=True)
    # Terms of name, statement and subjects, each between spaces; a hit here weighs more.
    head: Mapped[str] = mapped_column(default="")
    words: Mapped[str] = mapped_column(default="")
    rate_minor: Mapped[int | None] = mapped_column(BigInteger, default=None)
    free_from: Mapped[date | None] = mapped_column(default=None)


class ProfessionalFacet(Base, kw_only=True, eq=False, repr=False):
    """One fact of one professional: subject, voice, platform, language or rate."""

    __tablename__ = "search_professional_facet"
    __table_args__ = (Index("ix_search_professional_facet_value", "facet", "value"),)

    number: Mapped[int] = mapped_column(
        Number, ForeignKey("search_professional.number", ondelete="CASCADE"), primary_key=True
    )
    facet: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(primary_key=True)


class BriefEntry(Base, kw_only=True, eq=False, repr=False):
    """What the index knows of one published brief. Who may see it is asked of the brief."""

    __tablename__ = "search_brief"

    number: Mapped[int] = mapped_column(Number, primary_key=True, autoincrement=True, init=False)
    brief_id: Mapped[UUID] = mapped_column(ForeignKey("briefs_brief.id", ondelete="CASCADE"), unique=True)
    head: Mapped[str] = mapped_column(default="")
    words: Mapped[str] = mapped_column(default="")


class BriefFacet(Base, kw_only=True, eq=False, repr=False):
    """One fact of one brief: platform, subject, kind, budget or language."""

    __tablename__ = "search_brief_facet"
    __table_args__ = (Index("ix_search_brief_facet_value", "facet", "value"),)

    number: Mapped[int] = mapped_column(
        Number, ForeignKey("search_brief.number", ondelete="CASCADE"), primary_key=True
    )
    facet: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(primary_key=True)


Entry = type[ProfessionalEntry] | type[BriefEntry]
FULL_TEXT = {"search_professional": "search_fts_professional", "search_brief": "search_fts_brief"}


def full_text(dialect: str) -> list[str]:
    """The statements that make full text search over both indexes, which the database keeps up itself.

    The words come already folded and parted by spaces, so both databases only split at spaces and find
    the same.
    """
    made = _sqlite if dialect == "sqlite" else _postgresql
    return [statement for entries, index in FULL_TEXT.items() for statement in made(entries, index)]


def _sqlite(entries: str, index: str) -> list[str]:
    take = f"INSERT INTO {index}({index}, rowid, words) VALUES ('delete', old.number, old.words);"  # noqa: S608
    put = f"INSERT INTO {index}(rowid, words) VALUES (new.number, new.words);"  # noqa: S608
    return [
        f"CREATE VIRTUAL TABLE {index} USING fts5("
        f"words, content='{entries}', content_rowid='number', tokenize='ascii', detail='none', prefix='1 2 3')",
        f"CREATE TRIGGER {index}_insert AFTER INSERT ON {entries} BEGIN {put} END",
        f"CREATE TRIGGER {index}_delete AFTER DELETE ON {entries} BEGIN {take} END",
        f"CREATE TRIGGER {index}_update AFTER UPDATE ON {entries} BEGIN {take} {put} END",
    ]


def _postgresql(entries: str, index: str) -> list[str]:
    return [f"CREATE INDEX {index} ON {entries} USING gin (array_to_tsvector(string_to_array(words, ' ')))"]


extra_ddl.append(full_text)
