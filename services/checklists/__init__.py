"""Ticks of checklists and tasks: kept beside the journal, with its care."""
