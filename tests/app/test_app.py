import pytest

from explorer.app.app import workbench
from explorer.core.errors import ExplorerError


def test_without_a_file_the_way_to_name_one_is_said():
    with pytest.raises(
        ExplorerError, match=r"no table is named: panel serve apps/explore\.py --args FILE"
    ):
        workbench([])


def test_a_missing_file_is_an_error_in_words():
    with pytest.raises(ExplorerError, match=r"nowhere\.parquet"):
        workbench(["nowhere.parquet"])
