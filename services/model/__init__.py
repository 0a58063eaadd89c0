"""Frozen values, one file per noun. What every other room speaks in."""
