"""CloudWatch Logs filter patterns: read, tried on messages, and checked before they are sent. Pure.

The simulated account matches events with them; the cockpit checks what was typed. Source: CloudWatch Logs user guide,
"Filter pattern syntax".
"""
