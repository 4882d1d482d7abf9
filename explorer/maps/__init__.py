"""Maps: rows in tile order, from a viewport to an exact aggregate to a picture; pick and lasso.

viewport   which part of the plane, on how many pixels
store      an embedding in tile order on disk (tiles: the order itself)
aggregate  exact numbers per pixel (kernels: the loops, pool: the threads)
colour     what the colour of a row means; palettes: the colours
shade      numbers per pixel → levels → RGBA; marks: the size of a point
frame      all stages in a row; picture: PNG
geometry   lasso, box and pick
"""
