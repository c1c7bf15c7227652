#!/usr/bin/python3
"""A second implementation of `cix standard fit`, from scikit-learn and numpy, compared with the first.

    second.py DRAFT ATTRIBUTES FIT_JSON PREDICTIONS STANDARD

Bins (quantiles, then isotonic regression), weights of evidence, information values, coefficients, AUC with its interval, KS,
Brier score, slope and intercept of the sorting-smoothing regression, bands with their intervals and PSI are computed anew from the
same rows, and every row is scored by the text of the standard alone. What differs by more than a rounding is told; then the exit code is 1.
Exit code 77: scikit-learn (Debian: python3-sklearn) is not installed.
"""
import csv
import json
import sys

try:
    import numpy
    from sklearn.isotonic import IsotonicRegression
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import brier_score_loss, roc_auc_score, roc_curve
except ImportError:
    print("second: scikit-learn is not installed")
    sys.exit(77)

wrong = 0


def check(what, ours, theirs, most):
    global wrong
    difference = float(numpy.max(numpy.abs(numpy.asarray(ours, float) - numpy.asarray(theirs, float))))
    if not difference <= most:
        wrong += 1
        print(f"{what}: differs by {difference:.3g}, more than {most:g}")


def read_draft(path):
    """Cards with their conditions, bins, prior and ridge, in the order of the draft."""
    cards = []
    for line in open(path, encoding="utf-8"):
        words = line.split()
        if words[:1] == ["card"]:
            conditions = [(words[i + 1], int(words[i + 2]), int(words[i + 3])) for i in range(2, len(words), 4)]
            cards.append({"name": words[1], "conditions": conditions})
        elif words[:1] == ["fit"]:
            cards[-1].update(zip(("bins", "prior", "ridge", "keep"), map(int, words[1:])))
    return cards


def read_rows(path):
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    columns = {name: numpy.array([float(row[name]) if row[name] else numpy.nan for row in rows])
               for name in rows[0] if name != "key"}
    return [row["key"] for row in rows], columns


def quantile_edges(values, bins):
    values = numpy.sort(values[~numpy.isnan(values)])
    distinct = numpy.unique(values)
    if len(distinct) <= bins:
        return distinct[1:]
    edges = []
    for i in range(1, bins):
        edge = values[len(values) * i // bins]
        if edge > (edges[-1] if edges else values[0]):
            edges.append(edge)
    return numpy.array(edges)


def cells_of(values, edges):
    cells = numpy.searchsorted(edges, values, side="right")
    cells[numpy.isnan(values)] = len(edges) + 1
    return cells


def tally(values, bad, edges):
    cells = cells_of(values, edges)
    size = len(edges) + 2
    return numpy.bincount(cells, minlength=size), numpy.bincount(cells, weights=bad, minlength=size)


def bin_attribute(values, bad, card, direction):
    """Edges after joining, and the weight of evidence of each bin, missing last."""
    share = bad.mean()
    edges = quantile_edges(values, card["bins"])
    count, bads = tally(values, bad, edges)
    rates = (bads + card["prior"] * share) / (count + card["prior"])
    fitted = IsotonicRegression(increasing=direction == "falling").fit_transform(
        numpy.arange(len(edges) + 1), rates[:-1], sample_weight=count[:-1] + 1e-6)
    edges = edges[numpy.flatnonzero(numpy.abs(numpy.diff(fitted)) > 1e-12)]
    count, bads = tally(values, bad, edges)
    rates = (bads + card["prior"] * share) / (count + card["prior"])
    return edges, numpy.log((1 - rates) / rates) - numpy.log((1 - share) / share)


def check_card(card, fitted, columns, rows):
    bad = columns["outcome"][rows]
    check(f"{card['name']}: subjects", len(rows), fitted["count"], 0)
    evidence = []
    for line in fitted["characteristics"]:
        name = f"{card['name']}, {line['attribute']}"
        values = columns[line["attribute"]][rows]
        edges, weights = bin_attribute(values, bad, card, line["bins"]["direction"])
        if len(edges) != len(line["bins"]["edges"]):
            check(f"{name}: bins", len(edges), len(line["bins"]["edges"]), 0)
            return
        check(f"{name}: edges", edges, line["bins"]["edges"], 0)
        check(f"{name}: weights of evidence", weights, line["bins"]["weights"], 1e-9)
        count, bads = tally(values, bad, edges)
        goods = (count - bads) / (count - bads).sum()
        check(f"{name}: information of the candidate", line["information"], max(
            (told["information"] for told in fitted["weighed"] if told["attribute"] == line["attribute"]), default=0), 1e-12)
        check(f"{name}: information", ((goods - bads / bads.sum()) * weights).sum(), line["information"], 1e-9)
        evidence.append(weights[cells_of(values, edges)])
    model = LogisticRegression(C=1 / card["ridge"], tol=1e-7, max_iter=10000, solver="newton-cg")
    model.fit(numpy.stack(evidence, 1), 1 - bad)
    check(f"{card['name']}: coefficients", model.coef_[0],
          [line["coefficient"] for line in fitted["characteristics"]], 1e-4)
    check(f"{card['name']}: intercept", model.intercept_[0], fitted["intercept"], 1e-4)


def read_points(path):
    """Cards of a standard: conditions, base, and for each characteristic its edges and points."""
    cards = []
    for line in open(path, encoding="utf-8"):
        words = line.split()
        if words[:1] == ["card"]:
            conditions = [(words[i + 1], int(words[i + 2]), int(words[i + 3])) for i in range(2, len(words), 4)]
            cards.append({"conditions": conditions, "lines": []})
        elif words[:1] == ["base"]:
            cards[-1]["base"] = int(words[1])
        elif words[:1] == ["characteristic"]:
            cards[-1]["lines"].append((words[1], [], []))
        elif words[:1] == ["below"]:
            cards[-1]["lines"][-1][1].append(int(words[1]))
            cards[-1]["lines"][-1][2].append(int(words[2]))
        elif words[:1] in (["rest"], ["missing"]):
            cards[-1]["lines"][-1][2].append(int(words[1]))
    return cards


def score(cards, columns):
    scores = numpy.zeros(len(columns["outcome"]))
    left = numpy.ones(len(scores), bool)
    for card in cards:
        mine = left.copy()
        for name, low, high in card["conditions"]:
            mine &= (columns[name] >= low) & (columns[name] <= high)
        left &= ~mine
        scores[mine] = card["base"]
        for name, edges, points in card["lines"]:
            scores[mine] += numpy.array(points)[cells_of(columns[name][mine], numpy.array(edges))]
    return numpy.clip(scores, 300, 900)


def check_measures(result, outcomes, scores):
    probabilities = 1 / (1 + 20 * 2.0 ** ((scores - 600) / 40))
    false, true, _ = roc_curve(outcomes, -scores, drop_intermediate=False)
    check(f"{result['name']}: AUC", roc_auc_score(outcomes, -scores), result["auc"], 1e-9)
    check(f"{result['name']}: KS", numpy.max(true - false), result["ks"], 1e-9)
    check(f"{result['name']}: Brier", brier_score_loss(outcomes, probabilities), result["brier"], 1e-6)
    check_interval(result, outcomes, scores)
    order = numpy.lexsort((numpy.arange(len(scores)), -scores))
    smoothed = numpy.convolve(outcomes[order], numpy.ones(101) / 101, "valid")
    slope, intercept = numpy.polyfit(probabilities[order][50:-50], smoothed, 1)
    check(f"{result['name']}: slope", slope, result["slope"], 1e-4)
    check(f"{result['name']}: intercept", intercept, result["intercept"], 1e-4)
    for band in result["bands"]:
        check_band(result["name"], band, outcomes[(scores >= band["low"]) & (scores <= band["high"])])


def check_interval(result, outcomes, scores):
    """DeLong: of each bad the share of goods that score better, of each good the share of bads that score worse."""
    goods, bads = numpy.sort(scores[outcomes == 0]), numpy.sort(scores[outcomes == 1])
    of_bads = 1 - (numpy.searchsorted(goods, bads, "left") + numpy.searchsorted(goods, bads, "right")) / 2 / len(goods)
    of_goods = (numpy.searchsorted(bads, goods, "left") + numpy.searchsorted(bads, goods, "right")) / 2 / len(bads)
    error = 1.959963984540054 * numpy.sqrt(of_bads.var() / len(bads) + of_goods.var() / len(goods))
    check(f"{result['name']}: interval of the AUC", [result["auc"] - error, result["auc"] + error],
          [result["auc_low"], result["auc_high"]], 1e-6)


def check_band(name, band, outcomes):
    """Wilson's interval as the two roots of its quadratic."""
    n, what = len(outcomes), f"{name}: {band['name']}"
    check(what, [n, outcomes.sum()], [band["count"], band["bad"]], 0)
    if n == 0:
        return
    square, rate = 1.959963984540054 ** 2, outcomes.mean()
    low, high = sorted(numpy.roots([1 + square / n, -(2 * rate + square / n), rate * rate]).real)
    check(f"{what}: interval", [rate, low, high], [band["rate"], band["rate_low"], band["rate_high"]], 1e-9)


def check_stability(results):
    shares = [numpy.maximum([band["count"] for band in result["bands"]], 0.5) / result["count"] for result in results]
    empty = [not a["count"] and not b["count"] for a, b in zip(results[0]["bands"], results[1]["bands"])]
    parts = (shares[1] - shares[0]) * numpy.log(shares[1] / shares[0])
    check("PSI", parts[~numpy.array(empty)].sum(), results[1]["psi"], 1e-9)


def main(draft, attributes, fit_json, predictions, standard):
    cards = read_draft(draft)
    _, columns = read_rows(attributes)
    with open(fit_json, encoding="utf-8") as file:
        fitted = json.load(file)
    left = numpy.ones(len(columns["outcome"]), bool)
    for card, told in zip(cards, fitted["cards"]):
        mine = left.copy()
        for name, low, high in card["conditions"]:
            mine &= (columns[name] >= low) & (columns[name] <= high)
        left &= ~mine
        check_card(card, told, columns, numpy.flatnonzero(mine))
    check_measures(fitted["results"][0], columns["outcome"], score(read_points(standard), columns))
    _, scored = read_rows(predictions)
    check_measures(fitted["results"][1], scored["outcome"], scored["score"])
    check_stability(fitted["results"])
    print(f"second: {len(cards)} cards, {sum(len(c['characteristics']) for c in fitted['cards'])} "
          f"characteristics, {len(left)} rows compared; {wrong} differences")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
