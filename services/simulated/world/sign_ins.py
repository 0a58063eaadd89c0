"""The sign-ins of a minute: who tried, from where, with which client, and whether it went well."""

from __future__ import annotations

import msgspec

from services.simulated.world import draws, traffic
from services.simulated.world.pressures import Pressures

WEB, UNKNOWN = "web", "Invalid"
"""Clients: the pool's own, and whatever the pool does not know (aws.md 1.1, Cognito)."""


class SignIn(msgspec.Struct, frozen=True):
    """One attempt."""

    at_ms: int
    id: str
    """Event id, a UUID."""
    user: str
    ip: str
    client: str
    """`web` or `Invalid`."""
    succeeded: bool


class SignInCounts(msgspec.Struct, frozen=True):
    """The same minute in numbers."""

    successes: int
    failures: int
    """At the web client."""
    unknown_client: int
    """Attempts with a client that the pool does not know; every one fails."""


def counts(seed: int, environment: str, start: int, requests: int, pressures: Pressures) -> SignInCounts:
    """How many of each; `requests` are the API's in the same minute."""
    use = traffic.TRAFFIC[environment]
    successes = draws.binomial(requests, use.sign_in_share, draws.uniform(seed, environment, start, "sign-in"))
    failures = int(_mistyped(seed, environment, start, requests))
    if pressures.attack() is None:
        return SignInCounts(successes, failures, 0)
    tried = _attack(seed, environment, start, pressures)
    known = sum(one.client == WEB for one in tried)
    return SignInCounts(successes, failures + known, len(tried) - known)


def attempts(seed: int, environment: str, start: int, requests: int, pressures: Pressures) -> tuple[SignIn, ...]:
    """Every attempt of the minute, ascending; they add up to `counts`."""
    use = traffic.TRAFFIC[environment]
    successes = draws.binomial(requests, use.sign_in_share, draws.uniform(seed, environment, start, "sign-in"))
    rng = draws.generator(seed, environment, start, "sign-ins").random
    made = []
    for number in range(successes + _mistyped(seed, environment, start, requests)):
        at_ms = start * 1000 + int(rng() * 60_000)
        user, ip = f"user-{int(rng() * 40) + 1:02d}", f"198.51.100.{int(rng() * 253) + 1}"
        identity = draws.uuid(seed, environment, start, "sign-in", number)
        made.append(SignIn(at_ms, identity, user, ip, WEB, number < successes))
    made += _attack(seed, environment, start, pressures)
    return tuple(sorted(made, key=lambda one: (one.at_ms, one.id)))


def _mistyped(seed: int, environment: str, start: int, requests: int) -> bool:
    """Whether somebody mistyped a password; nobody does where nobody is."""
    use = traffic.TRAFFIC[environment]
    rare = traffic.rare_minute(seed, environment, start, "sign-in-failure", 300, use.sign_in_failure)
    return rare is not None and requests > 0


def _attack(seed: int, environment: str, start: int, pressures: Pressures) -> list[SignIn]:
    attack = pressures.attack()
    if attack is None:
        return []
    rng = draws.generator(seed, environment, start, "attack").random
    made = []
    for number in range(attack.per_minute + attack.unknown_client_per_minute):
        at_ms = start * 1000 + int(rng() * 60_000)
        user, ip = f"user-{int(rng() * 400) + 1:02d}", f"{attack.network}.{int(rng() * 14) + 17}"
        client = WEB if number < attack.per_minute else UNKNOWN
        if pressures.attacked(attack, at_ms):
            identity = draws.uuid(seed, environment, start, "attack", number)
            made.append(SignIn(at_ms, identity, user, ip, client, False))
    return made
