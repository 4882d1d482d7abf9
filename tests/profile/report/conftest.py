"""Profiles as JSON, their figures computed here with NumPy and SciPy."""

import numpy as np
import pytest

NORMAL_QUARTILE = 0.6744897501960817


def histogram(cells, edges):
    counts, edges = np.histogram(cells, edges)
    return {
        "edges": edges.tolist(),
        "counts": counts.tolist(),
        "below": int((cells < edges[0]).sum()),
        "above": int((cells > edges[-1]).sum()),
    }


def histograms(cells):
    low, high = np.quantile(cells, [0.005, 0.995])
    shown = {"linear": histogram(cells, np.linspace(low, max(high, low + 1), 41))}
    positive = cells[cells > 0]
    if np.unique(positive).size > 1:
        log = histogram(positive, np.geomspace(positive.min(), positive.max(), 41))
        shown["log"] = {**log, "below": int((cells <= 0).sum()), "above": 0}
    ranks = np.unique(np.quantile(cells, np.linspace(0, 1, 21)))
    if ranks.size > 1:
        shown["rank"] = histogram(cells, ranks)
    return shown


def gaussian(cells, grade, reasons, transform):
    center = float(np.median(cells))
    spread = float(np.subtract(*np.quantile(cells, [0.75, 0.25]))) / (2 * NORMAL_QUARTILE) or None
    tried = [
        {
            "name": "log",
            "parameters": [],
            "grade": "close",
            "ks_distance": 0.008,
            "qq_gap_sd": 0.07,
            "valid": True,
            "why": "",
        },
        {
            "name": "logit",
            "parameters": [],
            "grade": "not",
            "ks_distance": None,
            "qq_gap_sd": None,
            "valid": False,
            "why": "values outside 0 to 1",
        },
        {
            "name": "yeojohnson",
            "parameters": [0.25],
            "grade": "workable",
            "ks_distance": 0.03,
            "qq_gap_sd": 0.2,
            "valid": True,
            "why": "",
        },
    ]
    return {
        "grade": grade,
        "reasons": reasons,
        "ks_distance": 0.123,
        "qq_gap_sd": 1.5,
        "l_skewness": 0.2,
        "l_kurtosis": 0.15,
        "dip": 0.004,
        "center": center,
        "spread": spread,
        "fit": "median and IQR/1.349",
        "transform": transform,
        "transforms": tried,
        "without_isolated": {"grade": "workable", "ks_distance": 0.04, "qq_gap_sd": 0.3},
    }


def qq(cells):
    from scipy.stats import norm

    shares = (np.arange(1, 60) - 0.5) / 59
    observed = np.quantile(cells, shares)
    room = 0.1 * (observed[-1] - observed[0])
    return {
        "theoretical": norm.ppf(shares).tolist(),
        "observed": observed.tolist(),
        "low": (observed - room).tolist(),
        "high": (observed + room).tolist(),
        "n": cells.size,
        "words": "Band simulated for this number of values.",
    }


def outliers(cells):
    low, middle, high = np.quantile(cells, [0.25, 0.5, 0.75])
    told = {}
    for key, reach in (("tukey", 1.5), ("far", 3.0)):
        ends = [low - reach * (high - low), high + reach * (high - low)]
        count = int(((cells < ends[0]) | (cells > ends[1])).sum())
        told |= {f"{key}_count": count, f"{key}_rate": count / cells.size, f"{key}_range": ends}
    mad = float(np.median(np.abs(cells - middle)))
    count = int((NORMAL_QUARTILE * np.abs(cells - middle) > 3.5 * mad).sum()) if mad else 0
    return {
        **told,
        "mad_count": count,
        "mad_rate": count / cells.size if mad else None,
        "mad_range": None,
        "mad_expected": 0.000465,
        "tukey_expected": 0.00698,
        "far_expected": 2.34e-6,
        "scale": "median absolute deviation",
        "adjusted_rate": 0.01,
        "adjusted_range": [0.5, 9.5],
        "medcouple": 0.31,
        "isolated": [{"low": 776.0, "high": 776.0, "count": 1, "gap": 12.4, "side": "high"}],
        "isolated_range": [0.0, 700.0],
        "isolated_rows": [14],
        "sentinel_like": [[-999.0, 208, "all nines, far below the rest"]],
        "after": {"transform": "log", "mad_rate": 0.0005, "tukey_rate": 0.007, "far_rate": 0.0},
        "words": [".3 % extreme", "1 isolated value"],
    }


def plain(name, kind="numeric", rows=1000, **more):
    """Return a profile of which nothing is known but its name."""
    return {
        "name": name,
        "kind": kind,
        "label": "",
        "unit": "",
        "rows": rows,
        "sampled": None,
        "exact": True,
        "missing": rows,
        "infinite": 0,
        "zeros": 0,
        "negatives": 0,
        "distinct": 0,
        "distinct_exact": True,
        "min": None,
        "max": None,
        "mean": None,
        "std": None,
        "skewness": None,
        "excess_kurtosis": None,
        "quantiles": {},
        "rank_error": 0.0,
        "histogram": None,
        "histograms": {},
        "strip": None,
        "frequent": [],
        "levels": [],
        "others": 0,
        "longest": 0,
        "times": None,
        "outside": 0,
        "sentinels": [],
        "gaussian": None,
        "qq": None,
        "outliers": None,
        "redundant_with": [],
        "notes": ["all missing"],
        "seconds": 0.0,
        **more,
    }


def numeric(name, cells, grade="not", reasons=("right tail",), transform="log", missing=0, **more):
    """Return the profile of finite cells."""
    cells = np.asarray(cells, dtype=np.float64)
    keys = ("0.01", "0.05", "0.25", "0.5", "0.75", "0.95", "0.99")
    values, counts = np.unique(cells, return_counts=True)
    order = np.argsort(-counts, kind="stable")[:20]
    frequent = [[float(values[i]), int(counts[i])] for i in order if counts[i] > 1]
    return plain(
        name,
        rows=cells.size + missing,
        missing=missing,
        zeros=int((cells == 0).sum()),
        negatives=int((cells < 0).sum()),
        distinct=values.size,
        min=float(cells.min()),
        max=float(cells.max()),
        mean=float(cells.mean()),
        std=float(cells.std(ddof=1)),
        skewness=1.25,
        excess_kurtosis=-0.5,
        quantiles=dict(
            zip(keys, np.quantile(cells, [float(key) for key in keys]).tolist(), strict=True)
        ),
        histogram=histogram(cells, 40),
        histograms=histograms(cells),
        strip=histogram(cells, 40),
        frequent=frequent,
        gaussian=gaussian(cells, grade, list(reasons), transform),
        qq=qq(cells),
        outliers=outliers(cells),
        **{"notes": [], **more},
    )


def temporal(name, days):
    seconds = np.asarray(days, dtype=np.float64) * 86_400
    return plain(
        name,
        kind="temporal",
        rows=seconds.size,
        missing=0,
        distinct=np.unique(seconds).size,
        notes=[],
        min=float(seconds.min()),
        max=float(seconds.max()),
        mean=float(seconds.mean()),
        std=float(seconds.std(ddof=1)),
        quantiles={"0.5": float(np.median(seconds))},
        histogram=histogram(seconds, 40),
        histograms={"linear": histogram(seconds, 40)},
        strip=histogram(seconds, 40),
        times={
            "first": float(seconds.min()),
            "last": float(seconds.max()),
            "step": 86_400.0,
            "regular": 0.7,
            "rhythm": "1 day apart (70 % of steps)",
            "gaps": [{"start": 0.0, "end": 864_000.0}],
            "weekdays": [10, 20, 30, 40, 50, 60, 70],
            "hours": [],
            "exact": True,
        },
    )


def levels(name, counts, others=0):
    rows = sum(counts.values()) + others
    return plain(
        name,
        kind="categorical",
        rows=rows,
        missing=0,
        distinct=len(counts) + (7 if others else 0),
        others=others,
        levels=[[level, cells] for level, cells in counts.items()],
        longest=max(map(len, counts)),
        notes=[],
    )


def table_of(features, **table):
    """Return the profile of a table as JSON."""
    about = {
        "title": "Films",
        "rows": features[0]["rows"],
        "columns": len(features),
        "fingerprint": "abc123",
        **table,
    }
    return {"table": about, "features": features, "redundancy": {}, "missing_together": {}}


class Profiles:
    """The builders above, for the tests."""

    plain, numeric, temporal, levels, table_of = map(
        staticmethod, (plain, numeric, temporal, levels, table_of)
    )


@pytest.fixture(scope="session")
def profiles():
    return Profiles


@pytest.fixture(scope="session")
def films_profile():
    """A table of one feature of each kind."""
    rng = np.random.default_rng(0)
    features = [
        numeric(
            "runtime_min",
            np.round(np.exp(rng.normal(4.6, 0.3, 985))),
            missing=15,
            label="Running time",
            unit="min",
            redundant_with=[["tomatometer", 0.93]],
        ),
        numeric("tomatometer", rng.normal(60, 12, 1000), "close", (), None),
        temporal("released", rng.integers(-9_000, 16_000, 1000)),
        levels(
            "main_genre",
            {"Drama": 500, "Comedy": 300, "Horror & <b>Thriller</b>": 120, "": 30},
            others=50,
        ),
        plain("nothing"),
    ]
    return table_of(features)
