"""The operations runbook: its text read into sections, checklists and tasks. The wording stays the document's."""
