import explorer
from explorer.table.likely_models import LikelyModels, likely_models
from tests.features.roles.simulated_tables import TABLES


def test_any_names_of_truth_and_probabilities_are_offered():
    table = explorer.open_table(TABLES["housing"]())
    assert likely_models(table) == LikelyModels("clf_target", "binary", ("y_pred_proba", "y_pred"))


def test_predictions_of_another_target_are_not_offered():
    roles = {"hba1c": "target", "risk_score": "prediction:responder"}
    table = explorer.open_table(TABLES["clinic"](), roles=roles)
    assert likely_models(table).truth == "responder"
    assert likely_models(table, "hba1c").predictions == ()
