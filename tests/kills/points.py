"""One point of the scenario: everything as it was before a step, a kill at one system call, and what came of it."""

from __future__ import annotations

import contextlib
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from random import Random

from marketplace.kernel.db import db
from tests.kills.processes import until
from tests.kills.scenario import STEPS, Step, set_the_stage
from tests.kills.stage import Stage, looking
from tests.kills.traced import Trace
from tests.money.invariants import Told, invariants

ROLES = ("web", "worker")
EVERYTHING = ("sandbox", *ROLES)
BY_NAME = {step.name: step for step in STEPS}
ROUNDS = 4  # so often people try again, and the clock's jobs come by
AN_OUTBOX_LEASE = timedelta(minutes=2)


@dataclass(frozen=True)
class Point:
    """Kill `role` in `step` when one of its threads does `call` the `number`-th time."""

    step: str
    role: str
    call: str
    number: int

    def __str__(self) -> str:
        return f"{self.step}:{self.role}:{self.call}:{self.number}"


# About how often a step does what: for samples that are drawn without counting first.
ABOUT = {
    "web": {"pwrite64": 60, "fsync": 3, "recvfrom": 6, "write": 4, "writev": 3},
    "worker": {"pwrite64": 100, "fsync": 8, "sendto": 3, "recvfrom": 3, "connect": 1},
}


def drawn(random: Random) -> Point:
    """A point that is probably there."""
    role = random.choice(ROLES)
    call, most = random.choice(list(ABOUT[role].items()))
    return Point(random.choice(STEPS).name, role, call, random.randint(1, most))


def named(text: str) -> Point:
    """The point of this name, as it was printed."""
    step, role, call, number = text.split(":")
    return Point(step, role, call, int(number))


@dataclass
class Killing:
    """All points of the scenario on one stage."""

    stage: Stage
    seconds: float = 0.0  # that the rehearsal took

    def rehearse(self) -> None:
        """Play the scenario once, unharmed and in this process: the state before each step is kept."""
        stage, begun = self.stage, time.monotonic()
        stage.rehearsing = True
        set_the_stage(stage)
        for step in STEPS:
            stage.start("sandbox")
            stage.do_jobs()
            stage.kill()
            stage.keep(step.name)
            stage.start("sandbox")
            step.act(stage)
            until(lambda step=step: self._got_there(step), f"the step {step.name} came to its end", 30)  # type: ignore[misc]
            stage.kill()
        stage.rehearsing, self.seconds = False, time.monotonic() - begun

    def _got_there(self, step: Step) -> bool:
        if not self._asked(step.reached):
            self.stage.do_jobs()
        return self._asked(step.reached)

    def count(self) -> list[Point]:
        """Play each step once, traced and unharmed: all points there are. Asserts that nothing is wrong so far."""
        return [point for step in STEPS for point in self._count(step)]

    def _count(self, step: Step) -> Iterator[Point]:
        stage = self.stage
        stage.restore(step.name)
        stage.start(*EVERYTHING)
        traces = {role: Trace.attach(stage.target(role), stage.place / f"{role}.strace") for role in ROLES}
        step.act(stage)
        settled = self._settles(step, 30)
        for role, trace in traces.items():
            trace.detach(log=True)
            for call, most in sorted(trace.counts().items()):
                yield from (Point(step.name, role, call, number) for number in range(1, most + 1))
        wrong = invariants(stage.state(), Told(statuses=stage.statuses))
        words = "" if settled else stage.last_words()
        stage.kill()
        assert settled, f"The step {step.name} did not come to its end: {stage.statuses}\n{words}"
        assert wrong == [], f"The step {step.name}: {wrong}"

    def _asked(self, question: object) -> bool:
        with looking():
            return bool(question(self.stage))  # type: ignore[operator]

    def kill_at(self, point: Point) -> tuple[bool, list[str]]:
        """Whether the kill happened, and everything that was wrong after recovery."""
        stage = self.stage
        stage.restore(point.step)
        stage.start(*EVERYTHING)
        stage.victim, stage.patience = point.role, 20
        log = stage.place / "kill.strace"
        trace = Trace.attach(stage.target(point.role), log, point.call, point.number)
        try:
            hit, wrong = self._strike(BY_NAME[point.step], point, trace)
        except Exception:
            hit, wrong = True, [f"The point broke off:\n{traceback.format_exc()}\n{stage.last_words()}"]
        stage.victim = ""
        db.session.rollback()
        stage.kill()
        return hit, [f"{sentence} (again: python -m tests.kills {point})" for sentence in wrong]

    def _strike(self, step: Step, point: Point, trace: Trace) -> tuple[bool, list[str]]:
        stage = self.stage
        with contextlib.suppress(OSError):
            step.act(stage)
        promised = [code < 400 for code in stage.statuses[:1]] == [True]
        self._settles(step, 30)
        # Nobody else kills it: if it is gone, it is by this point.
        hit = stage.is_struck
        trace.detach()
        if not hit:
            return False, []
        stage.kill(point.role)
        stage.victim = ""
        stage.start(point.role)
        wrong = []
        if promised and not self._asked(step.promised):
            wrong.append(f"The answer was {stage.statuses[0]}, but what it promised is lost.")
        wrong += self._recover(step)
        return True, wrong + invariants(stage.state(), Told(statuses=stage.statuses))

    def _settles(self, step: Step, patience: float) -> bool:
        """Whether, before so many seconds are over, the step is where it was to be and nothing is left to do.

        Returns False at once when the victim is killed.
        """
        end = time.monotonic() + patience
        while not self.stage.is_struck and time.monotonic() < end:
            if self.stage.is_at_rest() and self._asked(step.reached):
                return True
            time.sleep(0.02)
        return False

    def _recover(self, step: Step) -> Iterator[str]:
        """People try again, and the clock's jobs come by, until the step is where it was to be."""
        stage = self.stage
        stage.patience = 4
        for number in range(ROUNDS):
            if self._settles(step, 8 if number else 1):
                return
            if not self._asked(step.reached):
                with contextlib.suppress(OSError):  # TimeoutError among them: the page is not there yet.
                    step.act(stage)
            if self._settles(step, 2):
                return
            stage.later("payments.poll", "kernel.sweep", after=AN_OUTBOX_LEASE)
        if not self._settles(step, 30):
            yield f"The step {step.name} never came to its end: {stage.statuses}.\n{stage.last_words()}"
