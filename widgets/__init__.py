"""How a value looks: one value in, one picture out. Knows services.model and services.safe_text, no more of ours.

Every widget but the scrolling ones is a `Picture` (picture.py): a pure function makes rows of spans (spans.py), only
the cells that changed are painted, and style names are component classes, so that colours live in stylesheets. The
stylesheet variables used are `$state-ok`, `$state-elevated`, `$state-warn`, `$state-crit`, `$state-silent`,
`$environment` and Textual's `$foreground`, `$background`, `$surface`, `$panel`, `$primary`, `$accent`. A widget that
has a state carries one class for it: `-ok`, `-elevated`, `-warn`, `-crit`, `-silent`.

An app that cannot print Unicode sets its attribute `charset` to `charset.ASCII`.

What fits where (each widget chooses its form from the room it is given):

    80x24     Header 1, VerdictBar auto (2), Topology 1, nine MetricPanels of 1, Timeline 4, logs the rest, KeyBar 1
    120x40    Header 1, VerdictBar auto (1), Topology 3, panels 3x3 of 6 rows (or four of 10 and lines), lists, KeyBar 1
    200x50    the same with panels 3x3 of 8 rows, or 5x2 of 12

MetricPanel: 1 row is a line, 2 add the reason, 3 are a box without a chart, 4 and more a box with a chart of
height - 3. Topology: 3 rows draw the diagram, fewer one row of short names. Panels of one width show the same minutes.
"""
