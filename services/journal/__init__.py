"""The journal: what was ordered, done and found, on disk before the next thing happens."""
