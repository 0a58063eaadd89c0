"""What stakeholders are told when a rollback has ended: the runbook's status update, filled in (decisions F8). Pure."""

from __future__ import annotations

from datetime import datetime

from services.model.entry import Operation, Phase
from services.model.validation import Validation


def completion(operation: Operation, validation: Validation, system: str, now: datetime) -> str:
    """The message: what was rolled back to what, when, and what the validation says.

    `system`: what the application and its environment are called, `EC2 Manager production`.
    """
    minutes = round((now - operation.ordered).total_seconds() / 60)
    outcome = operation.outcome.value if operation.outcome is not None else "under way"
    reason = next((entry.reason for entry in operation.entries if entry.reason), "")
    lines = [
        f"📊 ROLLBACK UPDATE - {system}",
        f"Time: {now:%H:%M} UTC (+{minutes} minutes)",
        f"Status: {outcome}",
        f"Reason: {reason}",
        "Actions taken:",
        *(f"- {step.title} ({_when(operation, number)})" for number, step in enumerate(operation.plan.steps)),
        f"Verdict: {operation.text}",
        "Validation:",
        *(f"- {one.title}: {one.finding.value}, {one.text}" for one in validation.checks),
    ]
    if validation.validated:
        lines.append(f"- {validation.validated}")
    return "\n".join([*lines, f"Operation: {operation.id}"])


def _when(operation: Operation, number: int) -> str:
    """When the call of a step was answered."""
    told = (Phase.REPLY, Phase.RECONCILED)
    entry = next((one for one in operation.entries if one.step == number and one.phase in told), None)
    return f"{entry.at:%H:%M:%S} UTC" if entry is not None else "no answer recorded"
