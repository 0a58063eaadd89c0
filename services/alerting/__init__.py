"""What becomes of an alert over time: raised once, acknowledged, escalated, cleared. The rules say what is."""
