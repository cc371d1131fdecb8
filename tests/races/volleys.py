"""A volley: eight shots at the same moment, each in a transaction of its own, and what must be true after."""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from random import Random
from typing import Any, TypeVar
from uuid import UUID, uuid4

from sqlalchemy import inspect
from sqlalchemy.exc import DBAPIError

from marketplace.kernel.db import Row, commit, db, is_crossed, rollback
from marketplace.kernel.errors import Missing, Refused
from marketplace.kernel.explaining import explain
from marketplace.kernel.http import CROSSINGS, Marketplace

WIDE = 8
SPREAD = 0.004  # seconds over which some volleys are spread, so that not all collide in the same place
T = TypeVar("T")

Given = dict[str, Any]
acts: dict[str, Callable[..., Any]] = {}


def act(function: Callable[..., Any]) -> Callable[..., Any]:
    """Make `function` something that a shot may do. It is given ids and texts, and commits nothing.

    It returns something that names its effect, so that winners can be told apart, or None if it did nothing.
    """
    acts[function.__name__] = function
    return function


def deed() -> str:
    """A name for an effect that made no row of its own."""
    return uuid4().hex


@dataclass(frozen=True)
class Shot:
    """One act with what it is given; plain values, so that another process can do it."""

    act: str
    given: Given

    def plain(self) -> dict[str, Any]:
        return asdict(self)


def shot(what: Callable[..., Any], **given: Any) -> Shot:
    """A shot: rows are given by their ids."""
    return Shot(what.__name__, {name: _plain(value) for name, value in given.items()})


def key_of(row: Any) -> UUID:
    """The id of a row, also after its session is gone."""
    key: UUID = inspect(row).identity[0]
    return key


def _plain(value: Any) -> Any:
    if isinstance(value, Row):
        return str(key_of(value))
    return str(value) if isinstance(value, UUID) else value


@dataclass(frozen=True)
class Outcome:
    """How a shot ended: won (it did something), lost with a sentence, or broken with a stack trace."""

    act: str
    won: bool = False
    value: Any = None
    sentence: str = ""
    status: int = 200
    broken: str = ""


@dataclass(frozen=True)
class Request:
    """The same shot as a form that a browser sends: `cookie` signs in, `form` carries its token."""

    path: str
    cookie: str
    form: dict[str, str]


@dataclass
class Volley:
    """What is fired, how many different effects there must be, and what else must be true afterwards."""

    shots: Sequence[Shot]
    winners: tuple[int, int] = (1, 1)
    check: Callable[[list[Outcome]], Iterable[str]] = lambda _outcomes: ()
    requests: Sequence[Request] = ()


@dataclass
class Here:
    """What a kind makes its volleys with: its own random numbers, and rows made once for all its volleys."""

    random: Random
    app: Marketplace
    sandbox: str = ""
    # How this volley is fired: by threads, by processes, or at the web.
    way: str = "threads"
    kept: dict[str, tuple[type[Any], Any]] = field(default_factory=dict)

    def once(self, name: str, made: Callable[[], T]) -> T:
        """The row that `made` makes at the first time; it is read again at every other."""
        if name not in self.kept:
            row: Any = made()
            self.kept[name] = (type(row), row.id)
        table, key = self.kept[name]
        found: T = db.session.get_one(table, key)
        return found

    def chance(self, *of: T) -> T:
        """One of several, by the seed."""
        return self.random.choice(of)

    def mixed(self, *shots: Shot) -> list[Shot]:
        """Eight shots: those given, again and again, in an order by the seed."""
        eight = [shots[number % len(shots)] for number in range(WIDE)]
        self.random.shuffle(eight)
        return eight


@dataclass(frozen=True)
class Kind:
    """One of the 24 kinds: how to make a volley of it, and how its volleys may be fired."""

    code: str
    title: str
    make: Callable[[Here], Volley]
    ways: tuple[str, ...] = ("threads",)
    # What must be true when all volleys of the kind are over, beside the books.
    after: Callable[[Here], Iterable[str]] = lambda _here: ()


def fire(one: Shot, start: Callable[[], object]) -> Outcome:
    """Do a shot in a transaction of its own, as a request or a job would. Every ending is an outcome."""
    try:
        start()
        value = _done(one)
        return Outcome(one.act, won=value is not None, value=value)
    except Refused as refused:
        rollback()
        return Outcome(one.act, sentence=refused.sentence, status=refused.status)
    except Missing:
        rollback()
        return Outcome(one.act, sentence=explain(Missing())[1], status=404)
    except Exception as error:
        rollback()
        return _failed(one, error)
    finally:
        db.session.remove()


def _done(one: Shot) -> Any:
    """Do it and commit; again when the database undid it, as the kernel does with a request."""
    for last in (*[False] * CROSSINGS, True):
        try:
            value = acts[one.act](**one.given)
            commit()
            return value
        except DBAPIError as error:
            if last or not is_crossed(error):
                raise
            rollback()
    return None


def _failed(one: Shot, error: Exception) -> Outcome:
    """A busy database is answered with a sentence; everything else nobody should ever see."""
    status, sentence = explain(error) if isinstance(error, DBAPIError) else (500, "")
    broken = "" if status == 503 else traceback.format_exc()
    return Outcome(one.act, sentence=sentence, status=status, broken=broken)


def pauses(random: Random, number: int) -> list[float]:
    """How long each shot waits after the start, in seconds: not at all in half of the volleys."""
    spread = random.choice([0.0, 0.0, SPREAD / 4, SPREAD])
    return [random.random() * spread for _ in range(number)]


def by_threads(app: Marketplace, shots: Sequence[Shot], waits: Sequence[float]) -> list[Outcome]:
    """Fire all shots at once, each in a thread of this process."""
    gate, outcomes = threading.Barrier(len(shots)), [Outcome("")] * len(shots)

    def run(number: int) -> None:
        def start() -> None:
            gate.wait(timeout=60)
            spin(time.perf_counter() + waits[number])

        with app.app_context():
            outcomes[number] = fire(shots[number], start)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(shots))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def spin(until: float) -> None:
    """Wait without sleeping: the pauses are far shorter than a scheduler's turn."""
    while time.perf_counter() < until:
        pass


def judge(volley: Volley, outcomes: list[Outcome]) -> list[str]:
    """Everything that was wrong with a volley, in sentences."""
    wrong = [f"{one.act} broke:\n{one.broken}" for one in outcomes if one.broken]
    for one in outcomes:
        if one.status >= 400 and not one.broken and not one.sentence.strip().endswith((".", "?", "!")):
            wrong.append(f"{one.act} lost with status {one.status} and no sentence: “{one.sentence}”.")
    least, most = volley.winners
    won = winners(outcomes)
    if not least <= won <= most:
        told = "; ".join(sorted(f"{one.act}: {one.sentence or one.value}" for one in outcomes))
        wrong.append(f"{won} won, not {least if least == most else f'{least} to {most}'}. {told}")
    return [*wrong, *volley.check(outcomes)]


def winners(outcomes: Iterable[Outcome]) -> int:
    """How many different things were done."""
    return len({one.value for one in outcomes if one.won})
