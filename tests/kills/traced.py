"""strace on a running process: counting its system calls, and killing it at the n-th of one kind."""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from marketplace.supervisor import die_with_parent

# Whatever writes, makes lasting, connects, sends or receives.
CALLS = (
    "write", "writev", "pwrite64", "fsync", "fdatasync", "ftruncate", "unlink", "rename",
    "connect", "sendto", "sendmsg", "recvfrom", "recvmsg",
)  # fmt: skip
CALLED = re.compile(rf"^(\d+) (?:<\.\.\. )?({'|'.join(CALLS)})(\(| resumed)", re.M)


@dataclass
class Trace:
    """One strace, attached to a process and all its threads. Counters begin at zero when it attaches."""

    process: subprocess.Popen[str]
    log: Path

    @classmethod
    def attach(cls, pid: int, log: Path, call: str = "", number: int = 0) -> Trace:
        """Watch the process `pid`; kill it as one of its threads does `call` the `number`-th time."""
        log.unlink(missing_ok=True)
        inject = ["-e", f"inject={call}:signal=KILL:when={number}"] if call else []
        traced = ["-e", f"trace={','.join([call] if call else CALLS)}", *inject]
        process = subprocess.Popen(
            ["strace", "-f", "-p", str(pid), "-o", str(log), "-s", "0", "-e", "signal=none", *traced],
            stderr=subprocess.PIPE, text=True, preexec_fn=die_with_parent,
        )  # fmt: skip
        assert process.stderr is not None
        said = process.stderr.readline()
        if "attached" not in said:
            raise RuntimeError(f"strace could not attach: {said}")
        return cls(process, log)

    def detach(self, *, log: bool = False) -> None:
        """Let the process run on unwatched. log: write down to its end what was seen.

        What was traced by somebody who is gone goes on by itself, so that it need not be asked politely.
        """
        (self.process.terminate if log else self.process.kill)()
        try:
            self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(timeout=30)
        assert self.process.stderr is not None
        self.process.stderr.close()

    def counts(self) -> dict[str, int]:
        """How often the busiest thread did each call: as many points there are to kill at."""
        seen: Counter[tuple[str, str]] = Counter()
        for thread, call, how in CALLED.findall(self.log.read_text(errors="replace")):
            seen[thread, call] += how == "("
        most: dict[str, int] = {}
        for (_, call), times in seen.items():
            most[call] = max(most.get(call, 0), times)
        return most
