import numpy as np

from fernet.evaluation.metrics import accuracy, all_metrics, confusion_matrix, mean_recall, recall

# Six clips of three classes, of which the last has none; worked by hand.
SCORES = np.array(
    [[0.7, 0.2, 0.1], [0.4, 0.5, 0.1], [0.6, 0.3, 0.1], [0.1, 0.8, 0.1], [0.2, 0.2, 0.6], [0.5, 0.4, 0.1]]
)
LABELS = np.array([0, 0, 0, 1, 1, 0])


def test_accuracy_confusion_and_recall_of_a_worked_example():
    assert accuracy(SCORES, LABELS) == 4 / 6
    counts = confusion_matrix(SCORES, LABELS)
    assert counts.tolist() == [[3, 1, 0], [0, 1, 1], [0, 0, 0]]
    assert recall(counts)[:2].tolist() == [0.75, 0.5]
    assert np.isnan(recall(counts)[2])
    assert mean_recall(counts) == 0.625  # over the two classes that occur


def test_rows_of_the_confusion_matrix_are_the_truth(rng):
    scores, labels = rng.random((50, 4)), rng.integers(0, 4, 50)
    counts = confusion_matrix(scores, labels)
    assert counts.sum(axis=1).tolist() == np.bincount(labels, minlength=4).tolist()
    assert counts.sum(axis=0).tolist() == np.bincount(scores.argmax(axis=1), minlength=4).tolist()
    assert counts.trace() / 50 == accuracy(scores, labels)


def test_a_rare_class_weighs_as_much_as_a_frequent_one_in_the_mean_recall():
    scores, labels = np.tile([0.9, 0.1], (100, 1)), np.array([0] * 99 + [1])
    assert accuracy(scores, labels) == 0.99
    assert mean_recall(confusion_matrix(scores, labels)) == 0.5


def test_all_metrics_holds_plain_numbers_by_method():
    metrics = all_metrics({"dtan": SCORES}, LABELS, ("a", "b", "c"))
    assert metrics["accuracy"] == {"dtan": 4 / 6}
    assert metrics["mean_recall"] == {"dtan": 0.625}
    assert metrics["confusion"]["dtan"][0] == [3, 1, 0]
    assert (metrics["clips"], metrics["classes"]) == (6, ["a", "b", "c"])
