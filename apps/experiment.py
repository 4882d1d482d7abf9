"""The experiment of a table alone: ``panel serve apps/experiment.py --args FILE...``."""

import sys

from explorer.pages.app import dashboard

dashboard(sys.argv[1:]).servable()
