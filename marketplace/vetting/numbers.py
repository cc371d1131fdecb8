"""The public numbers of vetting, computed from the decided applications. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from marketplace.config import rules
from marketplace.vetting.agreement import weighted_kappa
from marketplace.vetting.models import LINES, READERS, Application


@dataclass(frozen=True)
class Numbers:
    """decided, admitted: applications. wait_days: the median from sending to the letter, in days.

    read: applications that two readers marked. pairs: pairs of marks on a line. kappa: their weighted
    agreement; None below `agreement_from` applications, where it would say nothing.
    """

    decided: int
    admitted: int
    wait_days: float | None
    read: int
    pairs: int
    kappa: float | None


def numbers(applications: Sequence[Application]) -> Numbers:
    """What the public page says about these decided applications."""
    waits = [
        (row.decided_at - row.submitted_at).total_seconds() / 86_400
        for row in applications
        if row.decided_at and row.submitted_at
    ]
    read = [row.finished[:READERS] for row in applications if len(row.finished) >= READERS]
    pairs = [(first.marks[line], second.marks[line]) for first, second in read for line in LINES]
    return Numbers(
        decided=len(applications),
        admitted=sum(row.decision == "admitted" for row in applications),
        wait_days=median(waits) if waits else None,
        read=len(read),
        pairs=len(pairs),
        kappa=weighted_kappa(pairs) if len(read) >= rules().vetting_agreement_from else None,
    )
