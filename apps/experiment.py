"""The experiment of a table alone: ``panel serve apps/experiment.py --args FILE...``."""

import sys

from explorer.core.stopping import listen

listen(at_once=True)

from explorer.app.app import dashboard  # noqa: E402 - Ctrl+C may come while it is imported

dashboard(sys.argv[1:]).servable()
