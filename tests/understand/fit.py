"""Learns ``flows/weights.json`` from ``train.csv``: ``make understanding``.

Three linear classifiers (support vector machines, one label against the rest) over the features of ``flows/reading.py``:
the intent, the service of a request or complaint, the language. A common factor turns their margins into probabilities; it
is chosen on the messages left out in five-fold cross-validation. Small weights are cut off and the rest rounded, so that
the file stays small; what that costs was measured (docs/understanding.md).
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.feature_extraction import DictVectorizer
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.svm import LinearSVC

from flows.content import read_services
from flows.evaluation import read_labelled
from flows.places import load_places
from flows.reading import Features, Reader, features, features_of_word
from flows.understand import NO_SERVICE, names_of
from flows.vocabulary import load_vocabulary
from flows.weights import SCALE, WEIGHTS
from tests.understand.messages import TRAIN, digest

FEWEST = 2  # rows a feature must be in
# The cost of a wrong side, and the weights near 0 that are left out; what else was tried: docs/understanding.md.
INTENT, SERVICE, LANGUAGE = (2.0, 0.05), (2.0, 0.1), (1.0, 0.15)
FACTORS = [factor / 4 for factor in range(4, 61)]


def learn() -> dict[str, object]:
    """Learn all weights and give what is to be kept."""
    services = read_services()
    names = names_of(services)
    reader = Reader(load_vocabulary(), load_places(), names)
    messages = read_labelled(TRAIN)
    rows = [features(reader.read(message.text)) for message in messages]
    with_service = [
        (row, str(each.slots.get("service", NO_SERVICE)))
        for row, each in zip(rows, messages, strict=True)
        if each.intent in ("request_service", "complaint")
    ]
    called = [(features(reader.read(name)), service) for service, known in names.items() for name in known]
    with_service += called
    kinds = {
        service.id: "complaint" if service.kind == "complaint" else "request_service" for service in services.values()
    }
    kept = {
        "intent": _fit(
            [*rows, *(row for row, _ in called)],
            [
                *(message.intent for message in messages),
                *(kinds[service] for _, service in called),
            ],
            *INTENT,
        ),
        "service": _fit([row for row, _ in with_service], [service for _, service in with_service], *SERVICE),
        "language": _fit(rows, [message.language for message in messages], *LANGUAGE),
    }
    of: dict[str, list[int]] = {}
    start = 0
    for fitted in kept.values():
        for feature, pairs in fitted.of.items():
            of.setdefault(feature, []).extend(each for place, weight in pairs for each in (start + place, weight))
        start += len(fitted.labels)
    questions = {name: {"labels": fitted.labels, "bias": fitted.bias} for name, fitted in kept.items()}
    return {"learned_from": digest(), "questions": questions, "of": of}


@dataclass(frozen=True, slots=True)
class Fitted:
    """Labels with biases, and the weights of features, in hundredths."""

    labels: list[str]
    bias: list[int]
    of: dict[str, list[tuple[int, int]]]


def _fit(rows: Sequence[Features], labels: Sequence[str], cost: float, smallest: float) -> Fitted:
    counts = [Counter([*row.context, *(each for word in row.words for each in features_of_word(word))]) for row in rows]
    vectorizer = DictVectorizer()
    counted = vectorizer.fit_transform(counts)
    often = np.asarray((counted > 0).sum(axis=0)).ravel() >= FEWEST
    scale = 1.0 / np.sqrt([max(row.total(), 1) for row in counts])  # as Weights.weigh does
    table = counted[:, often].multiply(scale[:, None]).tocsr()
    machine = LinearSVC(C=cost, class_weight="balanced", random_state=0)
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    margins = cross_val_predict(machine, table, list(labels), cv=folds, method="decision_function")
    machine.fit(table, list(labels))
    known = [str(label) for label in machine.classes_]
    coefficients, bias = machine.coef_, machine.intercept_
    if len(known) == 2:  # one margin tells two labels apart
        coefficients, bias = np.vstack([-coefficients[0], coefficients[0]]), np.array([-bias[0], bias[0]])
        margins = np.column_stack([-margins, margins])
    factor = _best_factor(margins, [known.index(label) for label in labels])
    of: dict[str, list[tuple[int, int]]] = {}
    for column, feature in enumerate(vectorizer.get_feature_names_out()[often]):
        strong = [
            (place, float(weight)) for place, weight in enumerate(coefficients[:, column]) if abs(weight) >= smallest
        ]
        if strong:
            of[str(feature)] = [(place, round(weight * factor * SCALE)) for place, weight in strong]
    return Fitted(known, [round(float(each) * factor * SCALE) for each in bias], of)


def _best_factor(margins: np.ndarray, right: Sequence[int]) -> float:
    """Choose the factor by which margins become the likeliest probabilities of what was right."""

    def surprise(factor: float) -> float:
        scores = margins * factor
        top = scores.max(axis=1, keepdims=True)
        shares = np.exp(scores - top)
        shares /= shares.sum(axis=1, keepdims=True)
        return -float(np.mean([math.log(max(row[place], 1e-9)) for row, place in zip(shares, right, strict=True)]))

    return min(FACTORS, key=surprise)


def main() -> None:
    kept = learn()
    WEIGHTS.write_text(json.dumps(kept, ensure_ascii=False, separators=(",", ":")), "utf-8")
    print(f"{WEIGHTS.name}: {WEIGHTS.stat().st_size // 1024} KiB")  # noqa: T201  a command


if __name__ == "__main__":
    main()
