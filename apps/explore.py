"""The workbench on a table: ``panel serve apps/explore.py --args FILE...``."""

import sys

from explorer.pages.app import workbench

workbench(sys.argv[1:]).servable()
