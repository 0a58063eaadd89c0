"""What is true and what may be done. Never imports textual, rich or plotext."""
