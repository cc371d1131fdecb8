"""How far two readers agree beyond chance. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence


def weighted_kappa(pairs: Sequence[tuple[int, int]]) -> float | None:
    """Cohen's kappa with quadratic weights over pairs of marks of the same thing by two readers.

    1 is perfect agreement, 0 what chance alone would give, below 0 worse than chance. A difference of
    two marks weighs four times one of one mark. None where it is undefined: no pairs, or both readers
    gave the same one mark throughout, so that chance could not disagree.

    kappa = 1 - sum(w * observed) / sum(w * expected), w = (i - j)^2, expected from the two readers' own
    frequencies. Source: J. Cohen, "Weighted kappa: nominal scale agreement with provision for scaled
    disagreement or partial credit", Psychological Bulletin 70(4), 1968, pages 213-220.
    """
    if not pairs:
        return None
    first, second = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    observed = sum((a - b) ** 2 for a, b in pairs) * len(pairs)
    expected = sum((a - b) ** 2 * first[a] * second[b] for a in first for b in second)
    return None if expected == 0 else 1 - observed / expected


def in_words(kappa: float) -> str:
    """What a kappa means, by the scale of Landis and Koch (Biometrics 33, 1977, page 165)."""
    scale = ((0.0, "poor"), (0.2, "slight"), (0.4, "fair"), (0.6, "moderate"), (0.8, "substantial"))
    return next((words for most, words in scale if kappa <= most), "almost perfect")
