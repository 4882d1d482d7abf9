import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

from projections.errors import ProjectionError
from projections.estimator import Estimator


class Shift(Estimator):
    def __init__(self, by=1.0, *, names=None):
        self.by = by
        self.names = names

    def fit(self, X):
        self.n_features_in_ = len(X)
        return self


def test_parameters_are_stored_as_given_and_can_be_read_set_and_cloned():
    names = ["a"]
    shift = Shift(2.0, names=names)
    assert shift.get_params() == {"by": 2.0, "names": names}
    assert shift.names is names
    assert shift.set_params(by=3.0) is shift
    assert clone(shift).get_params() == {"by": 3.0, "names": ["a"]}


def test_the_repr_shows_what_differs_from_the_defaults():
    assert repr(Shift()) == "Shift()"
    assert repr(Shift(names="x")) == "Shift(names='x')"


def test_an_unknown_parameter_names_the_nearest():
    with pytest.raises(ProjectionError, match=r"'bye' is no parameter of Shift; .*mean 'by'"):
        Shift().set_params(bye=1)


def test_scikit_learn_sees_whether_it_is_fitted():
    with pytest.raises(NotFittedError):
        check_is_fitted(Shift())
    check_is_fitted(Shift().fit([1, 2]))
