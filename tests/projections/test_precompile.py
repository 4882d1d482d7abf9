import subprocess
import sys

# In a process of its own: there nothing else has called a kernel before.
CODE = """
import importlib, pkgutil
import numpy as np
import projections
from projections.neighbors import nearest_neighbors as neighbors; from projections import umap
from projections.precompile import warm_projections

warm_projections()
packages = pkgutil.walk_packages(projections.__path__, "projections.")
modules = [importlib.import_module(module.name) for module in packages]
members = [member for module in modules for member in vars(module).values()]
kernels = {member for member in members if hasattr(member, "signatures")}
before = {kernel: set(kernel.signatures) for kernel in kernels}

neighbors._EXACT_VALUES = 0
by_cells, searched = neighbors._by_cells, []
neighbors._by_cells = lambda *given: searched.append(given) or by_cells(*given)
umap.LANDMARKS_ABOVE, umap.N_LANDMARKS = 5_000, 4_500
rng = np.random.default_rng(0)
for dtype in (np.float32, np.float64):
    wide = rng.normal(size=(6_000, 12)).astype(dtype)
    fitted = projections.UMAP(n_epochs=3).fit(wide)
    fitted.transform(wide[:100] + 0.5)
    projections.scores(wide[:500], fitted.embedding_[:500])
    projections.UMAP(n_epochs=3).fit(wide[:4_500, :4])
    projections.PCA(2).fit_transform(wide[:4_500])
print(len(kernels), len(searched))
print(*[kernel.__name__ for kernel in kernels if set(kernel.signatures) - before[kernel]])
"""


def test_nothing_is_compiled_in_a_fit_after_the_warm_up():
    run = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    counts, late = run.stdout.splitlines()
    n_kernels, n_searched = map(int, counts.split())
    assert n_kernels > 25
    assert n_searched == 4  # landmarks and all rows, twice
    assert late == ""
