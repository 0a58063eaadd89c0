"""What UpdateStage is sent so that a stage lets nothing in, or what it let in before (aws.md 6.1). Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping

EVERY = "*/*"
"""The key of the stage's own throttle; a method's own wins over it."""

Held = Mapping[str, tuple[float, float]]
"""Key of the method settings → requests a second, burst."""


def held(text: str) -> Held:
    """`Api.throttle` as a value."""
    found = json.loads(text) if text else {}
    return {str(key): (one[0], one[1]) for key, one in found.items()}


def shut(text: str) -> str:
    """The same stage when it lets nothing in: its own throttle and each method's."""
    return json.dumps({key: [0, 0] for key in sorted({EVERY, *held(text)})})


def patches(now: str, wanted: str) -> list[dict[str, str]]:
    """From one throttle to another, of which both are as `Api.throttle` has them."""
    there, goal = held(now), held(wanted)
    made = [
        {"op": "replace", "path": f"/{_method(key)}/throttling/{name}", "value": _number(value)}
        for key, limits in goal.items()
        for name, value in zip(("rateLimit", "burstLimit"), limits, strict=True)
        if there.get(key) != limits
    ]
    # A setting that was not there before is taken away whole: nothing but this was put into it.
    return made + [{"op": "remove", "path": f"/{_method(key)}"} for key in there if key not in goal]


def described(text: str) -> str:
    """`100/s, burst 200`; `nothing`; with how many methods have their own."""
    limits = held(text)
    rate, burst = limits.get(EVERY, (-1, -1))
    if limits and not any(all(one) for one in limits.values()):
        told = "nothing"
    elif rate < 0 or burst < 0:
        told = "no limit of its own"
    else:
        told = f"{_number(rate)}/s, burst {_number(burst)}"
    return f"{told}{_own(limits)}"


def change(now: str, wanted: str) -> str:
    """`rate 100/s → 0/s  burst 200 → 0`."""
    rates, bursts = ([held(text).get(EVERY, (-1, -1))[place] for text in (now, wanted)] for place in (0, 1))
    shown = [f"{_number(one)}/s" if one >= 0 else "none" for one in rates]
    limits = [_number(one) if one >= 0 else "none" for one in bursts]
    return f"rate {shown[0]} → {shown[1]}  burst {limits[0]} → {limits[1]}{_own(held(now))}"


def _own(limits: Held) -> str:
    own = len(limits) - (EVERY in limits)
    if not own:
        return ""
    return f" ({own} methods of their own too)" if own > 1 else " (1 method of its own too)"


def _method(key: str) -> str:
    """`~1instances/GET`, as a patch's path has it: the slashes of the resource are escaped."""
    resource, _, method = key.rpartition("/")
    return f"{resource.replace('/', '~1')}/{method}"


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(float(value))
