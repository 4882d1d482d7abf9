"""An explanation of chosen rows: a few sentences made of a comparison with the rest."""
