"""Turns at SQLite's one writer: one at a time, handed on at once, and never kept by the dead."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from marketplace.kernel import turns
from marketplace.kernel.turns import Turns


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "marketplace.sqlite"


def keep(file: Path, has_it: Event) -> None:
    """A process that takes its turn and never gives it back."""
    Turns(file).take()
    has_it.set()
    signal.pause()


def test_eight_threads_in_two_queues_write_one_after_the_other(file: Path) -> None:
    queues, inside, most = (Turns(file), Turns(file)), [], []

    def write(queue: Turns) -> None:
        for _ in range(50):
            turn = queue.take()
            assert turn is not None
            inside.append(turn)
            most.append(len(inside))
            inside.pop()
            queue.give_back(turn)

    threads = [threading.Thread(target=write, args=(queues[number % 2],)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * 400


def test_who_waits_too_long_goes_on_without_a_turn(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = Turns(file), Turns(file)
    turn = first.take()
    assert turn is not None
    monkeypatch.setattr(turns, "PATIENCE", 0.01)
    assert [first.take(), second.take()] == [None, None]
    first.give_back(turn)
    assert second.take() is not None


def test_a_killed_process_keeps_no_turn(file: Path) -> None:
    context = multiprocessing.get_context("spawn")
    has_it = context.Event()
    process = context.Process(target=keep, args=(file, has_it))
    process.start()
    assert has_it.wait(30)
    assert process.pid
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    assert Turns(file).take() is not None


def test_a_turn_that_could_not_be_opened_is_left_to_the_next(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = Turns(file)
    with monkeypatch.context() as full:
        full.setattr(queue, "file", file / "of no such folder")
        assert queue.take() is None
    monkeypatch.setattr(turns, "PATIENCE", 0.01)
    assert queue.take() is not None
