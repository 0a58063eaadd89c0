"""Counted things in plain English."""

from __future__ import annotations


def several(number: float, noun: str) -> str:
    """`1 record`, `3 records`, `12 041 records`; of a class of answers, `5xx`, there is no plural."""
    told = f"{number:,.0f}".replace(",", " ")
    return f"{told} {noun}{'' if told == '1' or noun.endswith('xx') else 's'}"
