"""Dashboards between the body and the questions. Pure.

`parsing.parse` turns a body into a Dashboard, whatever the body is; `queries.asks` turns a Dashboard into the calls of
GetMetricData that fill it; `finding.find` names the widgets that the runbook speaks of.
"""
