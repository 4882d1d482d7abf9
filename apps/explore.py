"""The workbench on a table: ``panel serve apps/explore.py --args FILE...``."""

import sys

from explorer.core.stopping import listen

listen(at_once=True)

from explorer.app.app import workbench  # noqa: E402 - Ctrl+C may come while it is imported

workbench(sys.argv[1:]).servable()
