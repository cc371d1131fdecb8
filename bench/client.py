"""A small client: keeps connections open, asks as fast as it is answered, notes how long each answer took."""

from __future__ import annotations

import asyncio
import itertools
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass
class Measured:
    """What one or more rounds came to. Times in seconds."""

    times: list[float] = field(default_factory=list)
    seconds: float = 0.0
    bytes: int = 0

    def add(self, other: Measured) -> None:
        """Count another round in."""
        self.times += other.times
        self.seconds += other.seconds
        self.bytes = other.bytes or self.bytes

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.times) / self.seconds if self.seconds else 0.0

    def percentile(self, percent: int) -> float:
        """Milliseconds within which `percent` of the answers came."""
        return statistics.quantiles(self.times, n=100)[percent - 1] * 1000 if len(self.times) > 1 else 0.0


class Wrong(Exception):
    """An answer that is not 200: what was measured would not be the page."""


async def ask(address: tuple[str, int], requests: Iterator[bytes], until: float, note: Measured) -> None:
    """Ask on one connection until `until` (perf_counter)."""
    reader, writer = await asyncio.open_connection(*address)
    try:
        while (begun := time.perf_counter()) < until:
            writer.write(next(requests))
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200"):
                raise Wrong(head.splitlines()[0].decode())
            length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
            note.bytes = len(await reader.readexactly(length))
            note.times.append(time.perf_counter() - begun)
    finally:
        writer.close()


async def _round(port: int, paths: list[str], cookie: str, seconds: float, connections: int) -> Measured:
    extra = f"Cookie: {cookie}\r\n" if cookie else ""
    requests = itertools.cycle(
        [f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{extra}\r\n".encode() for path in paths]
    )
    note, begun = Measured(), time.perf_counter()
    asking = [ask(("127.0.0.1", port), requests, begun + seconds, note) for _ in range(connections)]
    await asyncio.gather(*asking)
    note.seconds = time.perf_counter() - begun
    return note


def one_round(
    port: int, paths: list[str], cookie: str = "", seconds: float = 1.0, connections: int = 8
) -> Measured:
    """Ask the server at `port` for `paths` in turn. Raises Wrong for any answer but 200."""
    return asyncio.run(_round(port, paths, cookie, seconds, connections))
