"""CloudWatch Logs filter patterns: which kind a text is, and the test that it stands for.

Three kinds, told apart by the first character (user guide, "Filter pattern syntax"; aws.md 3.5): `{` JSON,
`[` space-delimited, anything else terms. An empty pattern matches every event. Whether AWS matches a term inside a
longer word is not documented; here it does, as in moto (emulation.md, logs).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from services.log_patterns.field_patterns import compile_fields
from services.log_patterns.json_patterns import compile_json
from services.log_patterns.operands import PatternError
from services.log_patterns.term_patterns import compile_terms

LONGEST = 1024
"""Characters of a pattern, by the service's model."""


@lru_cache(maxsize=64)
def compile_pattern(text: str) -> Callable[[str], bool]:
    """The test of a message. Raises PatternError for what CloudWatch Logs refuses."""
    if len(text) > LONGEST:
        raise PatternError(f"Filter pattern must have length less than or equal to {LONGEST}")
    stripped = text.strip()
    if stripped.startswith("{"):
        return compile_json(stripped)
    if stripped.startswith("["):
        return compile_fields(stripped)
    return compile_terms(stripped)
