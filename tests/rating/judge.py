#!/usr/bin/python3
"""Judges cross-validated scores by what the standard never saw: other models, and groups of people.

    judge.py PREDICTIONS ROWS [ATTRIBUTES]

PREDICTIONS is what `cix standard fit --predictions` wrote, ROWS the card file of tests/data, ATTRIBUTES what `cix standard
attributes` wrote. Prints two tables for core/domain/RATING.md: gradient boosting and logistic regression of scikit-learn on the
raw columns (limit, statuses, statements, payments), gradient boosting on the candidates of the standard, cross-validated on the same folds, with the paired 95 % interval of the difference (DeLong, DeLong and
Clarke-Pearson 1988); and order and level by sex, age, education and marriage. Exit code 77: scikit-learn is not installed.
"""
import csv
import gzip
import sys

try:
    import numpy
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_curve
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
except ImportError:
    print("judge: scikit-learn is not installed")
    sys.exit(77)

LATE = 491  # scores below this are of the grades CC and C


def placements(bad, scores):
    """Of each bad the share of goods that score better, of each good the share of bads that score worse."""
    goods, bads = scores[bad == 0], scores[bad == 1]
    ordered_goods, ordered_bads = numpy.sort(goods), numpy.sort(bads)

    def below(ordered, values):
        return (numpy.searchsorted(ordered, values, "left") + numpy.searchsorted(ordered, values, "right")) / 2

    return 1 - below(ordered_goods, bads) / len(goods), below(ordered_bads, goods) / len(bads)


def auc_of(of_bads, of_goods):
    error = numpy.sqrt(of_bads.var(ddof=1) / len(of_bads) + of_goods.var(ddof=1) / len(of_goods))
    return of_bads.mean(), of_bads.mean() - 1.96 * error, of_bads.mean() + 1.96 * error


def ks_of(bad, scores):
    false, true, _ = roc_curve(bad, -scores)
    return (true - false).max()


def cross_validate(model, columns, bad, folds):
    scores = numpy.zeros(len(bad))
    for fold in numpy.unique(folds):
        mine = folds == fold
        scores[mine] = -model.fit(columns[~mine], bad[~mine]).predict_proba(columns[mine])[:, 1]
    return scores


def boosting():
    return HistGradientBoostingClassifier(
        max_iter=150, learning_rate=0.05, max_leaf_nodes=15, min_samples_leaf=50, l2_regularization=5, random_state=1)


def print_models(bad, scores, folds, columns, attributes):
    models = {
        "gradient boosting, raw columns": (boosting(), columns),
        "logistic regression, raw columns": (make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)), columns),
    }
    if attributes is not None:
        models["gradient boosting, the attributes"] = (boosting(), attributes)
    mine = placements(bad, scores)
    print("| model | AUC | KS | area ratio | AUC of the standard less this, 95 % |\n| --- | ---: | ---: | ---: | ---: |")
    print(f"| this standard | {auc_of(*mine)[0]:.4f} | {ks_of(bad, scores):.4f} | {2 * auc_of(*mine)[0] - 1:.4f} | |")
    for name, (model, of) in models.items():
        others = cross_validate(model, of, bad, folds)
        theirs = placements(bad, others)
        difference, low, high = auc_of(mine[0] - theirs[0], mine[1] - theirs[1])
        auc = theirs[0].mean()
        print(f"| {name} | {auc:.4f} | {ks_of(bad, others):.4f} | {2 * auc - 1:.4f} | {difference:+.4f} ({low:+.4f} to {high:+.4f}) |")


def print_groups(bad, scores, groups):
    expected = 1 / (1 + 20 * 2.0 ** ((scores - 600) / 40))
    print("\n| group | clients | AUC (95 %) | defaults | expected | difference, points of % | in CC or C | of the good ones |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for name, mine in groups.items():
        auc, low, high = auc_of(*placements(bad[mine], scores[mine]))
        rate, level = bad[mine].mean(), expected[mine].mean()
        reach = 196 * numpy.sqrt(rate * (1 - rate) / mine.sum())
        print(f"| {name} | {mine.sum():,} | {auc:.3f} ({low:.3f} to {high:.3f}) | {rate:.1%} | {level:.1%} | "
              f"{100 * (rate - level):+.1f} ± {reach:.1f} | {(scores[mine] < LATE).mean():.1%} | "
              f"{(scores[mine & (bad == 0)] < LATE).mean():.1%} |")


def groups_of(sex, age, education, marriage):
    groups = {"all": age > 0, "men": sex == 1, "women": sex == 2}
    for low, high in ((21, 24), (25, 34), (35, 44), (45, 54), (55, 120)):
        groups[f"{low} to {high} years" if high < 120 else f"{low} years and more"] = (age >= low) & (age <= high)
    groups.update({"graduate school": education == 1, "university": education == 2, "high school": education == 3,
                   "other or unknown education": ~numpy.isin(education, (1, 2, 3)),
                   "married": marriage == 1, "single": marriage == 2})
    return groups


def attributes_of(path, keys):
    """The candidates of the standard, row by row as the keys; what is missing is no number."""
    with open(path, encoding="utf-8", newline="") as file:
        known = {row.pop("key"): row for row in csv.DictReader(file)}
    names = [name for name in known[keys[0]] if name != "outcome"]
    return numpy.array([[float(known[key][name] or "nan") for name in names] for key in keys])


def main(predictions, rows, attributes=None):
    with open(predictions, encoding="utf-8", newline="") as file:
        scored = list(csv.DictReader(file))
    with gzip.open(rows, "rt", encoding="utf-8", newline="") as file:
        clients = {f"CARD-{int(row['ID']):06d}": row for row in csv.DictReader(file)}
    clients = [clients[row["key"]] for row in scored]

    def column(name):
        return numpy.array([int(client[name]) for client in clients])

    months = ("PAY_0", "PAY_2", "PAY_3", "PAY_4", "PAY_5", "PAY_6")
    amounts = [f"{kind}_AMT{i}" for kind in ("BILL", "PAY") for i in range(1, 7)]
    columns = numpy.stack([column(name) for name in ("LIMIT_BAL", *months, *amounts)], 1)
    bad, scores, folds = (numpy.array([int(row[name]) for row in scored]) for name in ("outcome", "score", "fold"))
    candidates = attributes_of(attributes, [row["key"] for row in scored]) if attributes else None
    print_models(bad, scores, folds, columns, candidates)
    print_groups(bad, scores, groups_of(column("SEX"), column("AGE"), column("EDUCATION"), column("MARRIAGE")))


if __name__ == "__main__":
    main(*sys.argv[1:])
