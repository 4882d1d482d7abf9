"""How models perform, on a table of predictions: ``panel serve apps/models.py --args FILE...``."""

import sys

from explorer.pages.app import models

models(sys.argv[1:]).servable()
