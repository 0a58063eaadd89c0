"""Chance that can be asked again: every draw is a pure function of what it is for."""

from __future__ import annotations

import hashlib
import math
from random import Random
from statistics import NormalDist
from uuid import UUID

_NORMAL = NormalDist()

_STEPS = 2048
_NORMAL_TABLE = tuple(_NORMAL.inv_cdf((index + 0.5) / _STEPS) for index in range(_STEPS))


def key(*parts: object) -> int:
    """64 bits that depend on every part and on nothing else; the same on any machine and Python."""
    text = "\x1f".join(map(str, parts))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest())


def generator(*parts: object) -> Random:
    """A generator of its own for `parts`: neighbours do not disturb each other's numbers."""
    return Random(key(*parts))  # noqa: S311  (a simulation, nothing secret)


def uuid(*parts: object) -> str:
    """A UUID (version 4 in form) for `parts`."""
    raw = hashlib.blake2b("\x1f".join(map(str, parts)).encode(), digest_size=16).digest()
    return str(UUID(bytes=raw, version=4))


def uniform(*parts: object) -> float:
    """One number in [0, 1)."""
    return key(*parts) / 2**64


def lognormal_table(sigma: float) -> tuple[float, ...]:
    """Quantiles of a log-normal distribution of mean 1: index ⌊u·len⌋ turns a uniform number into a draw."""
    return tuple(math.exp(sigma * z - sigma * sigma / 2) for z in _NORMAL_TABLE)


def normal(u: float) -> float:
    """The standard normal quantile of `u` in [0, 1)."""
    return _NORMAL_TABLE[int(u * _STEPS)]


def binomial(n: int, p: float, u: float) -> int:
    """How many of `n` happen with chance `p`, from one uniform number: exact when few are expected, else normal."""
    if n <= 0 or p <= 0:
        return 0
    if p >= 1:
        return n
    mean = n * p
    if mean < 12:
        return min(n, poisson(mean, u))
    return max(0, min(n, round(mean + normal(u) * math.sqrt(mean * (1 - p)))))


def poisson(mean: float, u: float) -> int:
    """A Poisson draw by inversion of one uniform number; normal above a mean of 30."""
    if mean <= 0:
        return 0
    if mean > 30:
        return max(0, round(mean + normal(u) * math.sqrt(mean)))
    count, term = 0, math.exp(-mean)
    total = term
    while u > total and count < 1000:
        count += 1
        term *= mean / count
        total += term
    return count
