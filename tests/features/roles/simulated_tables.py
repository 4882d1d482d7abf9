"""Small tables with the columns of tables that are met often and cannot be shipped here."""

import numpy as np
import pyarrow as pa


def made(columns, rows):
    assert {len(values) for values in columns.values()} == {rows}
    return pa.table(columns)


def days(rng, n, start="2023-01-01", span=700):
    return np.datetime64(start) + rng.integers(0, span, n).astype("timedelta64[D]")


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def housing(n=2_000):
    rng = np.random.default_rng(1)
    income = rng.gamma(4, 1, n).round(4)
    latitude = rng.uniform(32, 42, n).round(2)
    p = sigmoid(2 * (income - 4)).round(4)
    return made(
        {
            "MedInc": income,
            "HouseAge": rng.integers(1, 53, n),
            "AveRooms": rng.gamma(9, 0.6, n),
            "Population": rng.integers(3, 6_000, n),
            "AveOccup": rng.gamma(9, 0.3, n),
            "Latitude": latitude,
            "Longitude": (-160 + latitude + rng.normal(0, 1, n)).round(2),
            "clf_target": (rng.random(n) < p).astype(int),
            "y_pred_proba": p,
            "y_pred": (p > 0.5).astype(int),
        },
        n,
    )


def census(n=3_000):
    rng = np.random.default_rng(2)
    age = rng.integers(17, 90, n)
    p = sigmoid((60 - age) / 10)
    employed = (rng.random(n) < p).astype(int)
    return made(
        {
            "age": age,
            "workclass": rng.integers(0, 8, n),
            "fnlwgt": rng.integers(12_000, 900_000, n),
            "education": rng.choice([f"level {k}" for k in range(16)], n),
            "education_num": rng.integers(1, 17, n),
            "marital_code": rng.integers(1, 7, n),
            "occupation_code": rng.integers(10, 9_800, n) // 40 * 40,
            "race": rng.integers(1, 6, n),
            "sex": rng.integers(1, 3, n),
            "hours_per_week": rng.integers(1, 99, n),
            "capital_gain": np.where(rng.random(n) < 0.08, rng.integers(100, 99_999, n), 0),
            "employed": employed,
            "prediction": np.where(rng.random(n) < 0.85, employed, 1 - employed),
        },
        n,
    )


def images(n=1_000):
    rng = np.random.default_rng(3)
    pixels = rng.integers(0, 256, (n, 196)).astype(np.uint8)
    label = rng.integers(0, 10, n)
    return made({"label": label, **{f"px_{k:03d}": pixels[:, k] for k in range(196)}}, n)


def clinic(n=1_800):
    rng = np.random.default_rng(4)
    patient = np.repeat(np.arange(1_001, 1_001 + n // 6), 6)
    arm = np.where(rng.random(n // 6) < 0.5, "control", "treatment").repeat(6)
    risk = sigmoid(rng.normal(0, 1, n)).round(3)
    return made(
        {
            "patient_id": patient,
            "visit_date": days(rng, n),
            "visit": np.tile(np.arange(1, 7), n // 6),
            "site": rng.choice(["north", "south", "east"], n // 6).repeat(6),
            "arm": arm,
            "age": rng.integers(18, 90, n // 6).repeat(6),
            "weight": rng.normal(75, 14, n).round(1),
            "height": rng.normal(172, 9, n // 6).round().repeat(6),
            "sbp": rng.normal(130, 15, n).round(),
            "hba1c": rng.normal(6.1, 0.9, n).round(1),
            "responder": (rng.random(n) < risk).astype(int),
            "risk_score": risk,
        },
        n,
    )


def spectra(n=240):
    rng = np.random.default_rng(5)
    waves = np.arange(400, 902, 2)
    base = np.sin(waves / 80)[None, :] * rng.normal(1, 0.2, (n, 1)) + rng.normal(0, 0.02, (n, 251))
    return made(
        {
            "sample_id": [f"S{k:04d}" for k in range(n)],
            "fat_percent": rng.gamma(5, 3, n).round(1),
            **{f"wave_{w}": base[:, k] for k, w in enumerate(waves)},
        },
        n,
    )


def cells(n=2_000):
    rng = np.random.default_rng(6)
    cluster = rng.integers(0, 9, n)
    counts = rng.integers(800, 30_000, n)
    bases = np.array(list("ACGT"))
    return made(
        {
            "barcode": ["".join(bases[rng.integers(0, 4, 16)]) + "-1" for _ in range(n)],
            "n_genes": rng.integers(300, 6_000, n),
            "n_counts": counts,
            "log1p_counts": np.log1p(counts),
            "pct_mt": rng.gamma(2, 2, n),
            "batch": rng.choice(["b1", "b2"], n),
            "pc1": rng.normal(0, 9, n),
            "pc2": rng.normal(0, 6, n),
            "pc3": rng.normal(0, 4, n),
            "umap_1": cluster * 2 + rng.normal(0, 0.4, n),
            "umap_2": (cluster % 3) * 3 + rng.normal(0, 0.4, n),
            "leiden": cluster,
        },
        n,
    )


def card_fraud(n=4_000):
    rng = np.random.default_rng(7)
    return made(
        {
            "Time": np.sort(rng.integers(0, 172_792, n)).astype(float),
            **{f"V{k}": rng.normal(0, 3 / k, n) for k in range(1, 29)},
            "Amount": rng.gamma(0.6, 150, n).round(2),
            "Class": (rng.random(n) < 0.01).astype(int),
        },
        n,
    )


def sky(n=2_500):
    rng = np.random.default_rng(8)
    u = rng.normal(22, 2, n)
    return made(
        {
            "objid": 1_237_648_720_000_000_000 + rng.permutation(10 * n)[:n],
            "ra": rng.uniform(0, 360, n),
            "dec": rng.uniform(-10, 70, n),
            "u": u,
            "g": u - rng.gamma(3, 0.5, n),
            "r": u - rng.gamma(4, 0.5, n),
            "i": u - rng.gamma(5, 0.5, n),
            "z": u - rng.gamma(6, 0.5, n),
            "run": rng.choice([752, 756, 1_239, 3_918], n),
            "camcol": rng.integers(1, 7, n),
            "class": rng.choice(["GALAXY", "STAR", "QSO"], n),
            "redshift": rng.gamma(1, 0.3, n),
        },
        n,
    )


def shop_test(n=3_000):
    rng = np.random.default_rng(9)
    user = rng.integers(10_000, 10_900, n)
    converted = (rng.random(n) < 0.1).astype(int)
    return made(
        {
            "user_id": user,
            "variant": np.where(user % 2, "B", "A"),
            "ts": np.datetime64("2024-03-01T00:00:00") + np.sort(rng.integers(0, 2_000_000, n)),
            "pages": rng.integers(1, 30, n),
            "seconds": rng.gamma(2, 90, n),
            "converted": converted,
            "revenue": np.where(converted, rng.gamma(3, 20, n), 0).round(2),
        },
        n,
    )


def churn(n=2_000):
    rng = np.random.default_rng(10)
    tenure, monthly = rng.integers(0, 73, n), rng.uniform(18, 118, n).round(2)
    letters = np.array(list("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    total = [f"{t * m:.2f}" if t else " " for t, m in zip(tenure, monthly, strict=True)]
    return made(
        {
            "customerID": [f"{k:04d}-{''.join(letters[rng.integers(0, 26, 5)])}" for k in range(n)],
            "gender": rng.choice(["Male", "Female"], n),
            "SeniorCitizen": (rng.random(n) < 0.16).astype(int),
            "tenure": tenure,
            "Contract": rng.choice(["Month-to-month", "One year", "Two year"], n),
            "MonthlyCharges": monthly,
            "TotalCharges": total,
            "Churn": rng.choice(["Yes", "No"], n, p=[0.27, 0.73]),
        },
        n,
    )


def passengers(n=891):
    rng = np.random.default_rng(11)
    surnames = rng.permutation(5_000)[:n]
    return made(
        {
            "PassengerId": np.arange(1, n + 1),
            "Survived": (rng.random(n) < 0.38).astype(int),
            "Pclass": rng.integers(1, 4, n),
            "Name": [f"Family{k}, Mr. Owen Harris" for k in surnames],
            "Sex": rng.choice(["male", "female"], n),
            "Age": np.where(rng.random(n) < 0.2, np.nan, rng.integers(1, 80, n)),
            "SibSp": rng.poisson(0.5, n),
            "Parch": rng.poisson(0.4, n),
            "Ticket": [f"A/5 {k}" for k in rng.integers(1_000, 1_680, n)],
            "Fare": rng.gamma(1, 32, n).round(4),
            "Cabin": [f"C{k}" if k < 90 else None for k in rng.integers(0, 400, n)],
            "Embarked": rng.choice(["S", "C", "Q"], n),
        },
        n,
    )


def forest_cover(n=2_000):
    rng = np.random.default_rng(12)
    soil, area = rng.integers(0, 40, n), rng.integers(0, 4, n)
    return made(
        {
            "Elevation": rng.integers(1_850, 3_860, n),
            "Aspect": rng.integers(0, 361, n),
            "Slope": rng.integers(0, 67, n),
            "Hillshade_9am": rng.integers(0, 255, n),
            "Hillshade_Noon": rng.integers(0, 255, n),
            **{f"Wilderness_Area{k + 1}": (area == k).astype(int) for k in range(4)},
            **{f"Soil_Type{k + 1}": (soil == k).astype(int) for k in range(40)},
            "Cover_Type": rng.integers(1, 8, n),
        },
        n,
    )


def wine_quality(n=1_500):
    rng = np.random.default_rng(13)
    return made(
        {
            "type": rng.choice(["red", "white"], n),
            "fixed acidity": rng.normal(7, 1.3, n).round(1),
            "volatile acidity": rng.gamma(4, 0.08, n).round(2),
            "residual sugar": rng.gamma(1.3, 4, n).round(1),
            "density": rng.normal(0.995, 0.003, n).round(4),
            "pH": rng.normal(3.2, 0.16, n).round(2),
            "alcohol": rng.normal(10.5, 1.2, n).round(1),
            "quality": rng.integers(3, 10, n),
        },
        n,
    )


def ratings(n=4_000):
    rng = np.random.default_rng(14)
    return made(
        {
            "userId": np.sort(rng.integers(1, 200, n)),
            "movieId": rng.integers(1, 900, n),
            "rating": rng.integers(1, 11, n) / 2,
            "timestamp": rng.integers(828_124_615, 1_537_799_250, n),
        },
        n,
    )


def recidivism(n=1_500):
    rng = np.random.default_rng(15)
    decile = rng.integers(1, 11, n)
    again = (rng.random(n) < decile / 12).astype(int)
    return made(
        {
            "id": np.arange(1, n + 1),
            "name": [f"person {k}" for k in rng.permutation(n)],
            "screening_date": days(rng, n),
            "sex": rng.choice(["Male", "Female"], n),
            "age": rng.integers(18, 80, n),
            "juv_fel_count": rng.poisson(0.1, n),
            "priors_count": rng.poisson(3, n),
            "decile_score": decile,
            "score_text": np.array(["Low", "Medium", "High"])[(decile > 4) * 1 + (decile > 7) * 1],
            "is_recid": np.where(rng.random(n) < 0.95, again, 1),
            "two_year_recid": again,
        },
        n,
    )


def engines(n=4_000):
    rng = np.random.default_rng(16)
    cycles = np.tile(np.arange(1, 201), n // 200)
    return made(
        {
            "unit_number": np.repeat(np.arange(1, n // 200 + 1), 200),
            "time_in_cycles": cycles,
            **{f"setting_{k}": rng.normal(0, 0.002, n).round(4) for k in range(1, 4)},
            **{f"sensor_{k}": rng.normal(500 + k, 3, n).round(2) for k in range(1, 22)},
            "RUL": 200 - cycles,
        },
        n,
    )


def survey(n=2_000):
    rng = np.random.default_rng(17)
    height = rng.normal(167, 10, n).round(1)
    weight = (height * 0.5 + rng.normal(0, 16, n)).round(1)
    return made(
        {
            "SEQN": np.arange(93_703, 93_703 + n),
            "RIAGENDR": rng.integers(1, 3, n),
            "RIDAGEYR": rng.integers(0, 81, n),
            "RIDRETH3": rng.choice([1, 2, 3, 4, 6, 7], n),
            "DMDEDUC2": rng.choice([1, 2, 3, 4, 5, 7, 9], n),
            "INDFMPIR": rng.uniform(0, 5, n).round(2),
            "WTMEC2YR": rng.gamma(2, 18_000, n),
            "BMXWT": weight,
            "BMXHT": height,
            "BMXBMI": (weight / (height / 100) ** 2).round(1),
            "BPXSY1": rng.normal(122, 18, n).round(),
            "DIQ010": rng.choice([1, 2, 3, 9], n, p=[0.1, 0.85, 0.04, 0.01]),
        },
        n,
    )


def documents(n=800):
    rng = np.random.default_rng(18)
    numbers = rng.normal(0, 1, (n, 64))
    return made(
        {
            "doc_id": [f"doc-{k}" for k in range(n)],
            "title": [f"On the {k}th question of everything" for k in range(n)],
            "topic": rng.choice(["physics", "biology", "history"], n),
            **{f"emb_{k}": numbers[:, k] for k in range(64)},
            "tsne_x": rng.normal(0, 20, n),
            "tsne_y": rng.normal(0, 20, n),
        },
        n,
    )


def model_log(n=2_500):
    rng = np.random.default_rng(19)
    y = (rng.random(n) < 0.3).astype(int)
    logit = rng.normal(0, 1, n) + 1.5 * y
    return made(
        {
            "row_id": np.arange(n),
            "amount": rng.gamma(2, 50, n),
            "age": rng.integers(18, 90, n),
            "fold": rng.integers(0, 5, n),
            "y_true": y,
            "score_a": logit,
            "score_b": logit + rng.normal(0, 1, n),
            "prob_xgb": sigmoid(logit - 1),
            "pred_label": (logit > 1).astype(int),
        },
        n,
    )


def house_prices(n=1_460):
    rng = np.random.default_rng(20)
    area = rng.gamma(9, 170, n).round()
    return made(
        {
            "Id": np.arange(1, n + 1),
            "MSSubClass": rng.choice([20, 30, 40, 50, 60, 70, 80, 120, 160, 190], n),
            "LotArea": rng.gamma(5, 2_000, n).round(),
            "OverallQual": rng.integers(1, 11, n),
            "YearBuilt": rng.integers(1_880, 2_010, n),
            "GrLivArea": area,
            "FullBath": rng.integers(0, 4, n),
            "GarageCars": rng.integers(0, 5, n),
            "MoSold": rng.integers(1, 13, n),
            "YrSold": rng.integers(2_006, 2_011, n),
            "SalePrice": (area * 110 + rng.normal(0, 20_000, n)).round(),
        },
        n,
    )


def loans(n=2_000):
    rng = np.random.default_rng(21)
    p = sigmoid(rng.normal(-2, 1, n)).round(4)
    return made(
        {
            "loan_id": rng.permutation(90_000)[:n] + 10_000,
            "issued": days(rng, n),
            "amount": rng.integers(10, 400, n) * 100,
            "term": rng.choice([36, 60], n),
            "rate": rng.uniform(5, 25, n).round(2),
            "grade_code": rng.integers(1, 8, n),
            "zip": rng.integers(10_000, 99_999, n),
            "income": rng.gamma(5, 12_000, n).round(),
            "dti": rng.uniform(0, 40, n).round(1),
            "default": (rng.random(n) < p).astype(int),
            "default_probability": p,
        },
        n,
    )


def forecasts(n=1_500):
    rng = np.random.default_rng(22)
    stores, dates = 5, n // 5
    sales = rng.poisson(200, n)
    return made(
        {
            "date": np.repeat(np.datetime64("2022-01-01") + np.arange(dates), stores),
            "store": np.tile([f"store {k}" for k in range(stores)], dates),
            "price": rng.uniform(1, 3, n).round(2),
            "promo": (rng.random(n) < 0.2).astype(int),
            "temperature": rng.normal(12, 8, n).round(1),
            "sales": sales,
            "forecast_sales": sales + rng.normal(0, 15, n).round(1),
        },
        n,
    )


TABLES = {
    table.__name__: table
    for table in (
        housing, census, images, clinic, spectra, cells, card_fraud, sky, shop_test, churn,
        passengers, forest_cover, wine_quality, ratings, recidivism, engines, survey, documents,
        model_log, house_prices, loans, forecasts,
    )
}  # fmt: skip
