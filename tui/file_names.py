"""Names of files that are made of other names."""

from __future__ import annotations


def plain(name: str) -> str:
    """Letters, digits, `-` and `_` as they are, a `-` for anything else; at most 60 characters."""
    return "".join(one if one.isascii() and (one.isalnum() or one in "-_") else "-" for one in name)[:60]
