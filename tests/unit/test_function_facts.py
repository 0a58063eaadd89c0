"""What is said of a function of which something could not be read, and of one whose state has failed."""

from __future__ import annotations

from msgspec.structs import replace

from services.aws.function_facts import parse_setup
from services.model.function_facts import FunctionFacts, RolePolicies
from services.model.functions import Observed
from services.model.reading import Reading
from services.problems import ProblemKind, problem
from services.safe_text import safe
from tests.unit.rules_support import NOW
from tui.function_facts import fact_rows
from widgets.spans import text_of

SETUP = parse_setup(
    {
        "FunctionName": "fn", "Version": "$LATEST", "State": "Active", "LastUpdateStatus": "Successful",
        "Runtime": "nodejs20.x", "MemorySize": 256, "Timeout": 10, "Role": "arn:aws:iam::1:role/path/worker",
        "CodeSha256": "abcdefgh1234", "Environment": {"Variables": {"TOKEN": "s3cret", "A": "1"}},
    }
)  # fmt: skip
WELL = FunctionFacts(SETUP, None, RolePolicies((safe("read"),), ()), Observed(200, 0, 2, whole=False))
DENIED = problem(ProblemKind.DENIED, "this identity may not iam:ListRolePolicies")


def _said(reading: Reading[FunctionFacts]) -> str:
    return "\n".join(text_of(one) for one in fact_rows(reading, NOW))


def _of(facts: FunctionFacts) -> Reading[FunctionFacts]:
    return Reading[FunctionFacts]().answered(facts, NOW)


def test_what_was_not_read_to_its_end_is_at_least_and_no_value_of_a_variable_is_kept() -> None:
    said = _said(_of(WELL))
    assert "at least 200 MB used at most in the last hour, 78%" in said
    assert "worker  at least 2 AccessDenied lines" in said
    assert "inline      no policy" in said
    assert "A, TOKEN" in said
    assert "s3cret" not in repr(WELL)


def test_one_permission_less_costs_its_own_answer_only() -> None:
    said = _said(_of(replace(WELL, policies=DENIED, observed=DENIED)))
    assert "not read: this identity may not iam:ListRolePolicies" in said
    assert "time-outs could not be counted" in said
    assert "256 MB" in said


def test_a_failed_state_is_said_before_everything_and_an_older_answer_is_named_as_one() -> None:
    failed = replace(SETUP, state=safe("Failed"), state_reason=safe("the image is gone"))
    said = _said(_of(replace(WELL, setup=failed)).failed(DENIED, NOW))
    assert said.startswith("Not read again: this identity may not")
    assert "FAIL Failed: the image is gone" in said
    assert _said(Reading()) == "asking for the function …"
