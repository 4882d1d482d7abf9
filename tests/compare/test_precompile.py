import subprocess
import sys

# In a process of its own: there nothing else has called a kernel before.
CODE = """
import sys
from pathlib import Path
import numpy as np
from explorer.core.cache import Cache
from explorer.core.compiled_code import prepare_numba
prepare_numba()
from explorer.compare import edges, stepping
from explorer.profile.counting import quantized_column, tally
from explorer.compare.group_figures import number_figures
from explorer.compare.precompile import warm_comparing

warm_comparing()
modules = (edges, quantized_column, tally)
members = [member for module in modules for member in vars(module).values()]
kernels = [member for member in members if hasattr(member, "signatures")]
before = {kernel: set(kernel.signatures) for kernel in kernels}
values = np.random.default_rng(1).normal(size=70_000)
for some in (values, values.astype(np.float32).astype(float), np.round(values)):
    few = np.arange(len(some)) < 9
    some.flags.writeable = bool(some[0] > 0)
    number_figures(tally.tally_of_values(*tally.split_groups([some], few, ~few)), 0.05)
    rows = np.arange(9, dtype=np.uint32)
    number_figures(stepping.quantize(some).tally(rows, None, True), 0.05)
    number_figures(stepping.quantize(some).tally(rows, rows + 9, False), 0.05)
    store = quantized_column.QuantizedColumnStore(Cache(Path(sys.argv[1])), "t")
    kept = store.put(str(some[0]), "", stepping.quantize(some))
    number_figures(kept.tally(rows, None, False), 0.05)
late = [kernel.__name__ for kernel in kernels if set(kernel.signatures) - before[kernel]]
print(len(kernels), *late)
"""


def test_nothing_is_compiled_in_a_comparison_after_the_warm_up(tmp_path):
    run = subprocess.run(
        [sys.executable, "-c", CODE, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    count, *late = run.stdout.split()
    assert int(count) > 5
    assert late == []
