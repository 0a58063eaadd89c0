"""CloudWatch Logs Insights: its query language and its queries, over the account's own events.

Source: the user guide's pages "Logs Insights QL" and "Supported logs and discovered fields"; service model for limits.
What the language has and this has not (pattern, diff, anomaly, unnest, SOURCE, joins) is refused as malformed, never
ignored.
"""
