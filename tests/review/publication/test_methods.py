import re

from explorer.review.opinion import opinions_of
from explorer.review.page.published_map import draw_map
from explorer.review.publication.citation import bibtex, citation
from explorer.review.publication.methods import methods
from explorer.review.publication.publication import Publication
from explorer.review.publication.treatment_text import listed, policy_sentences
from explorer.review.review import Review
from explorer.review.verdict import Verdict
from explorer.table.feature_set import FeatureSet


def bare(**more):
    kept = FeatureSet(
        "core", ["a", "b"], rationale="r", created="2026-01-02T00:00:00+00:00", **more
    )
    return Publication(review=Review(kept, {}), made="2026-02-03T00:00:00+00:00")


def test_it_says_who_chose_what_of_what_and_when(judged):
    told = methods(judged.publication())
    days = sorted({one.time[:10] for one in judged.store.verdicts()})
    when = f"on {days[0]}" if len(days) == 1 else f"between {days[0]} and {days[-1]}"
    assert told.startswith(
        "4 of the 6 columns of People & others (300 rows, data fingerprint "
        f"{judged.table.fingerprint}) were chosen as the feature set core@2 by ada and ben {when}. "
    )
    # counted by hand: ada on 4 members, height; ben on weight, gross, pulse, the hostile one
    assert (
        "9 verdicts on 6 features stand (3 keep, 2 drop, 2 transform, 1 merge, 1 defer); 2 "
        "superseded; "
    ) in told
    assert (
        "reviewers disagree on 1 feature; 1 of 2 approvals that the review asks for (ada on "
        in told
    )
    assert "its state is open." in told


def test_it_says_how_the_features_become_a_matrix(judged):
    told = methods(judged.publication())
    assert (
        "gross was transformed by log. weight was weighted by 2. code was taken as category. "
        in told
    )
    assert (
        "median and interquartile range / 1.349; missing cells were filled with the median." in told
    )


def test_it_says_how_the_map_was_made_and_with_what(judged):
    embedding = judged.table.project(
        judged.core, "umap", n_neighbors=9, n_epochs=20, random_state=5
    )
    told = methods(judged.publication(picture=draw_map(embedding, judged.table)))
    # sentinels and empty cells: every 7th and every 50th row
    filled = len({*range(0, 300, 7), *range(0, 300, 50)})
    assert (
        "UMAP (n_neighbors 9, min_dist 0.1, n_epochs 20, landmarks auto, seed 5) of 300 "
        f"rows, {filled} with a missing value"
    ) in told
    assert re.search(
        r"Neighbours preserved, of 15: \d+\.\d \(\d+\.\d to \d+\.\d\); PCA \d+\.\d", told
    )
    assert ".." not in told
    assert re.search(r"Software: python 3\.\d+.*numpy .*numba .*projection engine \d+\.$", told)


def test_without_a_verdict_it_names_the_author_and_claims_no_review():
    told = methods(bare(author="cy"))
    assert told.startswith(
        "2 features were named as the feature set core@1 by cy on 2026-01-02. No verdict has "
        "been given. "
    )
    assert "by somebody who gave no name on" in methods(bare())


def test_every_setting_is_told():
    kept = FeatureSet(
        "s",
        [f"f{i:02d}" for i in range(12)],
        scale="none",
        missing={"f01": "indicator", "f02": "drop"},
        infinite="clip",
        transform={f"f{i:02d}": "log1p" for i in range(12)},
        where="f03 > 2",
    )
    assert policy_sentences(kept.spec) == [
        "f00, f01, f02, f03, f04, f05, f06 and 5 others were transformed by log1p",
        "Numbers were centred and not scaled; missing cells were filled with the median; of f01: "
        "missing cells were filled with the "
        "median and marked by a column of their own; of f02: rows with a missing cell were left "
        "out; infinite values were clipped to "
        "the least or greatest finite one",
        "Only rows for which f03 > 2 were used",
    ]
    assert (listed([]), listed(["a"]), listed(["a", "b"])) == ("", "a", "a and b")


def test_a_citation_names_reviewers_version_hash_and_data(judged):
    found = judged.publication()
    line = citation(found)
    assert line.startswith(
        "ada and ben (2026-02-03). Feature set core@2 of People & others: 4 features, open. Hash "
    )
    assert judged.core.hash in line
    assert judged.table.fingerprint in line
    assert citation(bare()).startswith(
        "Anonymous (2026-02-03). Feature set core@1: 2 features, open."
    )


def test_bibtex_holds_any_name(judged):
    entry = bibtex(judged.publication())
    assert "author = {{ada} and {ben}}," in entry
    assert r"title = {{Feature set core@2 of People \& others}}," in entry
    given = Verdict(
        feature="a", decision="keep", reason="r", reviewer="O'Neil, {50%} \\_#$~^ and Söhne"
    )
    kept = FeatureSet("s}p_d", ["a"], rationale="r")
    odd = bibtex(
        Publication(
            review=Review(kept, opinions_of([given])),
            verdicts=[given],
            made="2026-02-03T00:00:00+00:00",
        )
    )
    assert (
        r"{O'Neil, \{50\%\} \textbackslash{}\_\#\$\textasciitilde{}\textasciicircum{} and Söhne}"
        in odd
    )
    plain = re.sub(r"\\[{}]", "", odd)
    assert plain.count("{") == plain.count("}")
    assert re.match(r"@misc\{s-p_d-1-[0-9a-f]{8},\n", odd)
