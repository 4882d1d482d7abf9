"""Targets and what models predict of them, told from names and from how values go together."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.special import expit, logit
from scipy.stats import rankdata

from explorer.core.gettext import _
from explorer.features.roles.role import ColumnRole

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from explorer.features.roles.column_facts import ColumnFacts

__all__ = ["guess_predictions", "guess_targets"]

# Names that say "target", whatever the values: scikit-learn's, statsmodels', forecasting packages'.
_TARGETS = ("target", "y", "truth", "groundtruth", "gt")
_LABELS = ("label", "labels", "class", "classes", "outcome", "response", "actual", "observed")
# Outcomes that studies and models are made for; each is a target by itself.
_OUTCOMES = frozenset((
    "admitted", "affair", "affairs", "approved", "attrition", "bought", "callback", "censor",
    "censored", "censors",
    "churn", "churned", "clicked", "converted", "conversion", "dead", "death", "deceased",
    "default", "defaulted", "delayed", "diagnosis", "died", "exited", "fraud", "fraudulent",
    "hired", "malignant", "mortality", "purchased", "readmitted", "recid", "recidivated",
    "recidivism", "relapse", "relapsed", "responded", "responder", "retained", "rul", "spam",
    "species", "survival", "survived", "vote", "voted",
))  # fmt: skip
# The same where cells say only yes and no.
_BINARY_OUTCOMES = frozenset((
    "case", "choice", "click", "employed", "event", "grade", "income", "late", "passed", "pass",
    "played", "positive", "purchase", "resp", "success", "subscribed", "won",
))  # fmt: skip
# What is often predicted, and is taken for a target in the last column alone.
_LAST = frozenset((
    "category", "cost", "grade", "income", "quality", "rating", "result", "sales", "sentiment",
    "status", "strength", "type",
))  # fmt: skip
# The same in any column of a table with enough others, where nothing is more of a target.
_AMOUNTS = frozenset((
    "charges", "medv", "mpg", "price", "salary", "saleprice", "wage", "wages", "yield",
))  # fmt: skip
_DURATIONS = frozenset((
    "time", "times", "days", "months", "futime", "survtime", "duration", "followup", "tenure",
))  # fmt: skip
_CHOICES = (("purchase",), ("choice",), ("event",))
# How words of outcomes with two values begin: recur, recurrence, recurred.
_STEMS = (
    "accept", "admit", "arrest", "bankrupt", "cens", "churn", "convert", "deny", "denied",
    "diseas", "dropout", "fail", "fraud", "fustat", "infect", "malign", "pgstat", "phish",
    "readmi", "recid", "recur", "reject", "relaps", "respon", "subscrib", "toxic",
)  # fmt: skip
# Properties with two values that are no outcome, in whichever column they stand.
_PROPERTIES = frozenset((
    "sex", "gender", "female", "male", "smoker", "smoke", "smoking", "married", "single", "black",
    "white", "urban", "rural", "south", "north", "flag", "type", "group", "region", "am", "vs",
    "sp", "supp", "ethnicity", "owner", "child", "children", "student", "split", "set", "unit",
))  # fmt: skip
_EDGE_ROWS = 100
_FEW_BINARY = 0.3  # share of columns with two values, up to which one at the edge stands out
_ABOUT = frozenset(("is", "has", "was", "true", "clf", "reg", "the", "final", "two", "year", "in"))
_MOST_CLASSES, _MOST_SPECIES, _MOST_STATES = 50, 20, 4
_FEWEST_OTHERS = 3  # columns of numbers beside an amount that is taken for a target

_SURE = re.compile(r"pred(s|ict\w*)?|proba|yhat|fcst|forecast\w*|logits?|prognos\w*")
_LIKELY = re.compile(r"prob(s|as|ab\w*)?|scores?|scored|estimat\w*|hat|p")
# Words that say "model" and no more.
_MODELS = frozenset((
    "model", "models", "clf", "classifier", "regressor", "xgb", "xgboost", "lgbm", "lightgbm",
    "catboost", "gbm", "rf", "logreg", "logistic", "nn", "mlp", "svm", "ensemble", "baseline",
    "risk", "decile", "raw", "old", "new", "calibrated", "propensity", "anomaly", "text", "label",
    "class", "y", "score", "scores", "prob", "proba", "probability", "value", "output", "of",
))  # fmt: skip
_AUC = 0.6  # of what is called like a score, so that it is one of this target
_CLEAR_AUC = 0.75  # of what is called like a model only
_LIKELY_AUC = 0.65  # of numbers from 0 to 1 that are called by neither
# A calibrated probability: events are as many as expected, and logits have a slope near 1 (Cox
# 1958, doi:10.1093/biomet/45.3-4.562). Bounds are wide: models seldom are calibrated exactly.
_EXPECTED = (0.75, 1.33)
_SLOPE = (0.5, 1.75)
_AGREE = 0.5  # share of rows with the same class, beyond chance (Cohen's kappa)
_CORRELATED = 0.5


class _Candidate(NamedTuple):
    strength: int
    name: str
    reason: str


def guess_targets(
    facts: Mapping[str, ColumnFacts],
    given: Mapping[str, ColumnRole],
    columns: Sequence[ColumnFacts],
) -> dict[str, ColumnRole]:
    """Guess which columns are outcomes that models predict or studies explain.

    Parameters
    ----------
    facts : mapping of str to ColumnFacts
        Columns without another role, in table order.
    given : mapping of str to ColumnRole
        Roles that people gave; a given target leaves only targets that are sure by their name.
    columns : sequence of ColumnFacts
        All columns of the table.
    """
    last = next((fact.name for fact in reversed(columns) if not _named_prediction(fact)), "")
    edges = _binary_edges(facts, columns, last)
    names = [name for name, fact in facts.items() if fact.filled and not _named_prediction(fact)]
    referenced = _predicted_names(facts)
    candidates = [
        candidate
        for name in names
        if (candidate := _target(facts[name], name == last, referenced, facts)) is not None
        or (candidate := _state(facts[name], facts)) is not None
        or (candidate := edges.get(name)) is not None
    ]
    if not candidates:
        return {}
    best = max(candidate.strength for candidate in candidates)
    if any(role.role == "target" for role in given.values()):
        best = max(best, 3)
    # a weaker name is one only where nothing stronger is there: "class" beside "survived"
    return {
        candidate.name: ColumnRole("target", candidate.reason)
        for candidate in candidates
        if candidate.strength >= min(best, 3)
    }


def guess_predictions(
    facts: Mapping[str, ColumnFacts], targets: Mapping[str, ColumnFacts]
) -> dict[str, ColumnRole]:
    """Guess which columns are the output of a model.

    Parameters
    ----------
    facts : mapping of str to ColumnFacts
        Columns without another role, in table order.
    targets : mapping of str to ColumnFacts
    """
    roles = {}
    for name, fact in facts.items():
        role = _prediction(fact, targets)
        if role is not None:
            roles[name] = role
    return roles


# --- targets


def _target(
    fact: ColumnFacts,
    last: bool,
    referenced: Mapping[str, str],
    facts: Mapping[str, ColumnFacts],
) -> _Candidate | None:
    if fact.is_text and fact.distinct > _MOST_CLASSES:
        return None
    words = tuple(word for word in fact.words if not word.isdecimal())
    core = tuple(word for word in words if word not in _ABOUT)
    shown = fact.name
    if fact.name in referenced:
        return _Candidate(
            4,
            fact.name,
            _("The name {column} is typical of a prediction of it.").format(
                column=referenced[fact.name]
            ),
        )
    if words and (words[-1] in _TARGETS or words[0] in _TARGETS or words[-1:] == ("true",)):
        if words == ("y",) and "x" in {n.lower() for n in facts}:
            return None  # two coordinates
        if words[0] in ("y", "gt") and len(words) > 1 and words[-1] not in (*_TARGETS, "true"):
            return None  # "y label" and the like are axes
        return _Candidate(
            4,
            shown,
            _("A column called {column} is what a model is to predict.").format(column=shown),
        )
    if core and core[-1] == "species" and fact.distinct > _MOST_SPECIES:
        return None
    if core and core[-1] in _OUTCOMES:
        return _Candidate(
            3, shown, _("{column} is an outcome, which studies explain.").format(column=shown)
        )
    if (
        core
        and core[-1] in _BINARY_OUTCOMES
        and (fact.levels == {"0", "1"} or (fact.binary and core in _CHOICES))
    ):
        return _Candidate(
            3, shown, _("{column} is an outcome: it is either yes or no.").format(column=shown)
        )
    if core and fact.binary and core[-1].startswith(_STEMS):
        return _Candidate(
            3, shown, _("{column} is an outcome, which studies explain.").format(column=shown)
        )
    few = fact.distinct <= _MOST_CLASSES
    if core and few and core[-1] in _LABELS and (len(core) == 1 or last or core[-1] in _LABELS[:2]):
        return _Candidate(
            2,
            shown,
            _("A column called {column} holds what a model is to predict.").format(column=shown),
        )
    if core and last and core[-1] in _LAST and len(facts) > _FEWEST_OTHERS:
        return _Candidate(
            1,
            shown,
            _("The last column, {column}, is often what a model predicts.").format(column=shown),
        )
    amount = "".join(core) in _AMOUNTS or (last and core and core[-1] in _AMOUNTS)
    if amount and fact.is_number and _count_measures(facts) > _FEWEST_OTHERS:
        return _Candidate(
            1, shown, _("{column} is often what a model predicts.").format(column=shown)
        )
    return None


def _count_measures(facts: Mapping[str, ColumnFacts]) -> int:
    """Count numbers of more than two values."""
    return sum(fact.is_number and fact.distinct > 2 for fact in facts.values())


def _binary_edges(
    facts: Mapping[str, ColumnFacts], columns: Sequence[ColumnFacts], last: str
) -> dict[str, _Candidate]:
    """Take a last or first column of yes and no for a target, where few other columns are so."""
    binary = [fact for fact in columns if fact.binary]
    if (
        len(columns) < 4
        or columns[0].filled < _EDGE_ROWS
        or len(binary) > max(1, _FEW_BINARY * len(columns))
    ):
        return {}
    first = next((name for name in facts if not facts[name].unique), "")
    return {
        name: _Candidate(1, name, reason.format(column=name))
        for name, reason in (
            (first, _("The first column, {column}, has two values, as many targets have.")),
            (last, _("The last column, {column}, has two values, as many targets have.")),
        )
        if name in facts
        and facts[name].levels == {"0", "1"}
        and not _PROPERTIES.intersection(facts[name].words)
    }


def _state(fact: ColumnFacts, facts: Mapping[str, ColumnFacts]) -> _Candidate | None:
    """Take a status for an outcome beside a time, as of survival."""
    words = fact.words
    if (
        words not in (("status",), ("vital", "status"), ("event", "status"))
        or not 2 <= fact.distinct <= _MOST_STATES
    ):
        return None
    times = [other.name for other in facts.values() if _DURATIONS.intersection(other.words)]
    if not times:
        return None
    return _Candidate(
        3,
        fact.name,
        _("{column} is an outcome, reached after {duration}.").format(
            column=fact.name, duration=times[0]
        ),
    )


def _predicted_names(facts: Mapping[str, ColumnFacts]) -> dict[str, str]:
    """Return columns that predictions are named after: "sales" beside "forecast_sales"."""
    by_words: dict[tuple[str, ...], str] = {fact.words: name for name, fact in facts.items()}
    result: dict[str, str] = {}
    for name, fact in facts.items():
        if not _named_prediction(fact):
            continue
        rest = tuple(
            word for word in fact.words if not _SURE.fullmatch(word) and not _LIKELY.fullmatch(word)
        )
        other = by_words.get(rest)
        if rest and other is not None and other != name:
            result.setdefault(other, name)
    return result


# --- predictions


def _named_prediction(fact: ColumnFacts) -> bool:
    return any(map(_SURE.fullmatch, fact.words)) or (
        any(map(_LIKELY.fullmatch, fact.words)) and fact.words != ("p",)
    )


def _prediction(fact: ColumnFacts, targets: Mapping[str, ColumnFacts]) -> ColumnRole | None:
    sure = any(map(_SURE.fullmatch, fact.words))
    likely = _named_prediction(fact)
    models = bool(_MODELS.intersection(fact.words))
    if not (sure or likely or models or fact.like_probability):
        return None
    fits = [(name, fit) for name, target in targets.items() if (fit := _fit(fact, target))]
    named = [(name, fit) for name, fit in fits if set(targets[name].words) <= set(fact.words)]
    target, fit = max(named or fits, key=lambda pair: pair[1].strength, default=("", None))
    if sure:
        target = target or _only(targets)
        reason = (
            fit.reason
            if fit
            else _("The name {name} is typical of the output of a model.").format(name=fact.name)
        )
        return ColumnRole("prediction", reason, target)
    others = [w for w in fact.words if not _LIKELY.fullmatch(w) and not w.isdecimal()]
    about_model = all(
        word in _MODELS or len(word) == 1 or any(word in targets[name].words for name in targets)
        for word in others
    )
    if fit is not None:
        if (likely and about_model) or (models and (fit.clear or fit.calibrated)):
            return ColumnRole("prediction", fit.reason, target)
        if fit.calibrated and fit.auc > _LIKELY_AUC:
            return ColumnRole("prediction", fit.reason, target)
        return None
    # a model may be no better than chance
    binary = [name for name, column in targets.items() if column.binary]
    if binary and fact.like_probability and about_model and (likely or models):
        reason = _(
            "The name {name} is typical of the output of a model, and it is from 0 to 1."
        ).format(name=fact.name)
        return ColumnRole("prediction", reason, _only(binary))
    return None


def _only(names: Iterable[str]) -> str:
    first, *rest = [*names, ""]
    return first if rest in ([], [""]) else ""


class _Fit(NamedTuple):
    """How well a column goes with a target."""

    strength: float
    reason: str
    clear: bool = False
    calibrated: bool = False
    auc: float = 0.0  # of two classes


def _fit(fact: ColumnFacts, target: ColumnFacts) -> _Fit | None:
    """Say how a column goes with a target; None where it does not."""
    if fact.distinct < 2 or target.distinct < 2:
        return None
    few = max(target.distinct, fact.distinct) <= _MOST_CLASSES
    if few and fact.levels and fact.levels <= target.levels:
        kappa = _agreement(fact, target)
        if kappa > _AGREE:
            reason = _("It has the classes of {target} and agrees with it in most rows.").format(
                target=target.name
            )
            return _Fit(2 + kappa, reason, clear=True)
    if target.binary:
        return _binary_fit(fact, target)
    if target.is_number and fact.is_number:
        r = _correlation(fact.values, target.values)
        if r > _CORRELATED:
            return _Fit(
                r,
                _("It is correlated with {target} (r {r:.2f}).").format(target=target.name, r=r),
                clear=r > 0.9,
            )
    return None


def _binary_fit(fact: ColumnFacts, target: ColumnFacts) -> _Fit | None:
    truth = np.where(target.codes < 0, np.nan, target.codes.astype(float))
    if target.is_number:
        truth = (target.values == target.high).astype(float)
        truth[np.isnan(target.values)] = np.nan
    if fact.is_number:
        scores = fact.values
    elif fact.distinct <= 10:
        scores = np.where(fact.codes < 0, np.nan, fact.codes.astype(float))
    else:
        return None
    both = ~(np.isnan(scores) | np.isnan(truth))
    positives = truth[both] == 1
    n1, n0 = int(positives.sum()), int((~positives).sum())
    if min(n1, n0) < 5:
        return None
    if fact.is_number:
        ranks = rankdata(scores[both])
        auc = (ranks[positives].sum() - n1 * (n1 + 1) / 2) / (n1 * n0)
        auc = max(auc, 1 - auc)
    else:  # levels in any order: by the rate of each
        rates = np.bincount(scores[both].astype(int), weights=positives)
        counts = np.maximum(np.bincount(scores[both].astype(int)), 1)
        ranks = rankdata((rates / counts)[scores[both].astype(int)])
        auc = (ranks[positives].sum() - n1 * (n1 + 1) / 2) / (n1 * n0)
    if auc < _AUC:
        return None
    inside = fact.like_probability
    calibrated = inside and _calibrated(scores[both], positives)
    if calibrated:
        reason = _("Values from 0 to 1 agree with how often {target} is true.")
    elif inside:
        reason = _("Values from 0 to 1 separate the two classes of {target} (AUC {auc:.2f}).")
    else:
        reason = _("Its values separate the two classes of {target} (AUC {auc:.2f}).")
    reason = reason.format(target=target.name, auc=auc)
    return _Fit(auc + inside, reason, auc > _CLEAR_AUC, calibrated, auc)


def _calibrated(p: np.ndarray, truth: np.ndarray) -> bool:
    """Say whether probabilities agree with what came true, however rare it is."""
    if not _EXPECTED[0] < truth.sum() / p.sum() < _EXPECTED[1]:
        return False
    logits = logit(np.clip(p, 1e-6, 1 - 1e-6))
    return _SLOPE[0] < _logistic_slope(logits, truth) < _SLOPE[1]


def _logistic_slope(x: np.ndarray, truth: np.ndarray) -> float:
    """Return the slope of a logistic regression of what came true on one variable."""
    design = np.column_stack([np.ones_like(x), x])
    coefficients = np.zeros(2)
    for _iteration in range(25):
        p = expit(design @ coefficients)
        weighted = design * (p * (1 - p))[:, None]
        step = np.linalg.lstsq(weighted.T @ design, design.T @ (truth - p), rcond=None)[0]
        coefficients += np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-4:
            break
    return float(coefficients[1])


def _agreement(fact: ColumnFacts, target: ColumnFacts) -> float:
    """Return Cohen's kappa (1960, doi:10.1177/001316446002000104) of two columns of classes."""
    a, b = _class_texts(fact), _class_texts(target)
    both = (a != "") & (b != "")
    if not both.any():
        return 0.0
    a, b = a[both], b[both]
    observed = float(np.mean(a == b))
    expected = sum(float(np.mean(a == level) * np.mean(b == level)) for level in np.unique(b))
    return (observed - expected) / (1 - expected) if expected < 1 else 0.0


def _class_texts(fact: ColumnFacts) -> np.ndarray:
    if fact.is_number:
        texts = np.array([f"{value:g}" for value in fact.values])
        return np.where(np.isnan(fact.values), "", texts)
    same = {"yes": "1", "true": "1", "no": "0", "false": "0", "none": ""}
    cells: Sequence[str] = [str(cell).strip().lower() for cell in fact.cells.to_pylist()]
    return np.array([same.get(cell, cell) for cell in cells])


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    both = ~(np.isnan(a) | np.isnan(b))
    if both.sum() < 10 or np.ptp(a[both]) == 0 or np.ptp(b[both]) == 0:
        return 0.0
    return float(np.corrcoef(a[both], b[both])[0, 1])
