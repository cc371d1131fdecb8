"""What all rules of the state machine have in common: the world, what stands in it, and how a step chooses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from marketplace.currencies import CURRENCIES
from marketplace.kernel.db import db
from marketplace.payments import reconcile
from marketplace.payments.check import books
from tests.money import invariants, oracle, seen
from tests.money.world import World

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])
WHICH = st.integers(0, 11)
PART = st.sampled_from(("all", "all", "half", "third", "least"))
ONCE = st.sampled_from(("a", "b", "c"))
YES = st.booleans()


@dataclass(frozen=True)
class Move:
    """One kind of step: when it can be made, how often compared with others, and what it needs to be told."""

    name: str
    can: Callable[[Any], bool]
    often: int
    needs: dict[str, st.SearchStrategy[Any]]


def move(can: Callable[[Any], bool], often: int = 2, **needs: st.SearchStrategy[Any]) -> Callable[[F], F]:
    """Make a method a kind of step. can: whether there is anything to do it to. needs: what is drawn for it."""

    def mark(made: F) -> F:
        made.move = Move(made.__name__, can, often, needs)  # type: ignore[attr-defined]
        return made

    return mark


def always(_: Any) -> bool:
    """A step that can be made at any time."""
    return True


class Acting(RuleBasedStateMachine):
    """One program in a world that many programs use one after the other."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self.standing = seen.look()
        self.eager = True
        self.count = 0
        self.favoured: frozenset[str] = frozenset()

    @classmethod
    def moves(cls) -> list[Move]:
        """All kinds of steps; the one that makes something out of nothing first, which the simplest programs take."""
        marked = [made for kind in cls.__mro__ for made in vars(kind).values() if hasattr(made, "move")]
        return [made.move for made in marked]

    @rule(data=st.data())
    def step(self, data: st.DataObject) -> None:
        """One step out of those that can be made now; this program's favourites come more often."""
        here = {one.name: one for one in self.moves() if one.can(self)}
        names = [
            name for name, one in here.items() for _ in range(one.often * (4 if name in self.favoured else 1))
        ]
        chosen = here[data.draw(st.sampled_from(names))]
        told = {name: data.draw(values) for name, values in chosen.needs.items()}
        note(f"{chosen.name}({', '.join(f'{name}={value!r}' for name, value in told.items())})")
        self.world.note(f"step {chosen.name}")
        getattr(self, chosen.name)(**told)

    def do(self, name: str, verb: Callable[[], Any]) -> bool:
        """A verb as one request; the worker follows at once where this program's worker is eager."""
        came = self.world.do(name, verb)
        if self.eager:
            self.world.work()
        return came

    def fresh(self, prefix: str) -> str:
        """A request id that no form had before."""
        self.count += 1
        return f"{prefix}{self.count}"

    def look(self) -> None:
        """Check everything that holds after any step, and remember what stands."""
        rules = [rule for rule in invariants.OURS.values() if rule is not books]
        wrong = oracle.after_a_step(self.world) + [sentence for rule in rules for sentence in rule()]
        assert wrong == [], "\n".join(wrong)
        self.standing = seen.look()

    def rest(self, *, reconciles: bool = False) -> None:
        """Let everything come to rest, and compare both sides. reconciles: by the product's own comparison, too."""
        self.world.settle()
        if reconciles:
            reconcile.run()
            self.world.work()
        wrong = oracle.at_rest(self.world)
        assert wrong == [], "\n".join(wrong)
        self.world.note("came to rest")


def pick(rows: list[T], which: int) -> T:
    """One of the rows: the same number gives the same one."""
    return rows[which % len(rows)]


def get(table: type[T], key: Any) -> T:
    """A row as it is now."""
    return db.session.get_one(table, key)


def part_of(amount: int, part: str, currency: str) -> int:
    """A part of an amount, on a step of its currency; at least one step."""
    step = CURRENCIES[currency].charge_step
    share = {"all": amount, "half": amount // 2, "third": amount // 3, "least": step}[part]
    return max(share // step * step, step)


def some(rows: str) -> Callable[[Any], bool]:
    """A rule's condition: there is a row of that kind to act on."""
    return lambda machine: bool(getattr(machine.standing, rows))
