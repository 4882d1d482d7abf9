"""How models perform, on a table of predictions: ``panel serve apps/models.py --args FILE...``."""

import sys

from explorer.core.stopping import listen

listen(at_once=True)

from explorer.app.app import models  # noqa: E402 - Ctrl+C may come while it is imported

models(sys.argv[1:]).servable()
