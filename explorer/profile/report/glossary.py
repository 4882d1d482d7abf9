"""Glossary: what each figure of a report means, in a sentence, with its convention or source."""

from __future__ import annotations

from functools import cache

from explorer.core.html import Markup, tag
from explorer.profile.statistics import STATISTICS

__all__ = ["GLOSSARY", "glossary_section", "glossary_term"]

GLOSSARY = {statistic.label: statistic.explanation for statistic in STATISTICS} | {
    "Missing": (
        "Cells that are empty, not a number, or one of the catalogue's sentinels, as a share of"
        " the rows."
    ),
    "Infinite": "Infinite cells; they are not missing, and no other figure counts them.",
    "Zeros": "Cells that are exactly 0.",
    "Negative": "Cells below 0.",
    "Distinct": (
        "How many different values there are; ≈ marks an estimate (± .8 %), made beyond a "
        "million of them."
    ),
    "Outside the valid range": (
        "Finite cells below or above the range that the catalogue calls valid."
    ),
    "Grade": (
        "close: D < .02 and QQ gap < .2 sd; workable: D < .05 and gap < .5 sd; cannot tell: a "
        "normal sample of so few rows may look like this, and so may others; else not. "
        "Conventions, not tests: they do not tighten with more rows."
    ),
    "D": (
        "Kolmogorov distance: the largest difference between the shares at or below a value, "
        "observed and of the fitted normal (mid-distribution)."
    ),
    "QQ gap": (
        "Largest distance between observed and normal quantiles from the .5 % to the 99.5 % "
        "point, in sd of the fitted normal."
    ),
    "L-skewness": (
        "Asymmetry that a few far values cannot move (Hosking 1990); 0 for a normal, between −1"
        " and 1."
    ),
    "L-kurtosis": (
        "Weight of the tails that a few far values cannot move (Hosking 1990); .123 for a normal."
    ),
    "Dip": (
        "Distance to the nearest shape with one mode (Hartigan & Hartigan 1985); larger speaks "
        "for several modes."
    ),
    "Far out": (
        "Share of finite values beyond the quartiles by more than 3 interquartile ranges (Tukey"
        " 1977); .00023 % of a normal."
    ),
    "Fences": (
        "Share beyond the quartiles by more than 1.5 interquartile ranges (Tukey 1977); .7 % of"
        " a normal."
    ),
    "Modified z": (
        "Share with .6745 · |value − median| / MAD above 3.5 (Iglewicz & Hoaglin 1993); .047 % "
        "of a normal."
    ),
    "Adjusted fences": (
        "Fences that follow the skewness by the medcouple (Hubert & Vandervieren 2008)."
    ),
    "Isolated": (
        "Values far out beyond a gap in which there is no other value: a convention, not a "
        "verdict that they are wrong."
    ),
    "Nearly the same": "Other features whose ranks correlate with |r| ≥ .9, a convention.",
    "Notes": "What else stands out: names a failure, empty when nothing is.",
}


@cache
def glossary_term(word: str, shown: str = "") -> Markup:
    """Write a word of the glossary with its meaning at hand."""
    return tag("abbr", shown or word, title=GLOSSARY[word])


@cache
def glossary_section(*names: str) -> Markup:
    """Fold away what the named figures mean, for readers without a pointer and for print."""
    terms = [[tag("dt", name), tag("dd", GLOSSARY[name])] for name in names]
    return tag("details", tag("summary", "How to read this"), tag("dl", terms), class_="how")
