"""Folds of people in which each class is spread as evenly as one pass over the people can spread it.

The people are taken in turn, those with the most clips of the rarest class first, and each goes to the fold that has
the smallest share of the clips of this person's classes so far. If this would leave all clips of a class in one fold
although several people show it, the person goes to the next best fold, and if there is none, the last choice that
matters is revised. Nothing is random, and ties go to fewer clips, the lower fold and the earlier name.
"""

from collections import Counter
from collections.abc import Hashable, Sequence
from fractions import Fraction

_MOST_STEPS = 50_000  # of the search, beyond one for each person, which is nearly always enough


def stratified_folds(subjects: Sequence[str], labels: Sequence[Hashable], count: int) -> list[list[str]]:
    """The subjects of each of `count` folds, in ascending order, for clips of `subjects` with `labels`.

    Every class that several people show is in several folds, if any division of these people has this property.
    """
    shown = _clips_of_each(subjects, labels)
    people = {label: frozenset(one for one in shown if label in shown[one]) for label in {*labels}}
    shared = {label: those for label, those in people.items() if len(those) > 1}
    total = Counter(labels)
    order = sorted(shown, key=lambda one: _urgency(shown[one], total, one))
    chosen = _assigned(order, shown, total, shared, count) or _assigned(order, shown, total, {}, count)
    assert chosen is not None  # without conditions on the classes the first choice is always allowed
    return [sorted(one for one, fold in zip(order, chosen, strict=True) if fold == k) for k in range(count)]


def _clips_of_each(subjects: Sequence[str], labels: Sequence[Hashable]) -> dict[str, Counter]:
    shown: dict[str, Counter] = {}
    for subject, label in zip(subjects, labels, strict=True):
        shown.setdefault(subject, Counter())[label] += 1
    return shown


def _urgency(clips: Counter, total: Counter, name: str) -> tuple:
    """A sorting key: the rarest class of a person, then most clips of it, then most clips of all, then the name."""
    rarest = min(total[label] for label in clips)
    return rarest, -max(n for label, n in clips.items() if total[label] == rarest), -clips.total(), name


def _assigned(
    order: list[str], shown: dict[str, Counter], total: Counter, shared: dict[Hashable, frozenset[str]], count: int
) -> list[int] | None:
    """A fold for each person in `order`, so that no class of `shared` is in one fold only; None if none was found.

    A search with backjumping: `because[at]` holds the earlier people whose folds excluded some for the one at `at`.
    """
    ending = _classes_by_last_person(order, shared)
    held = [Counter() for _ in range(count)]  # clips of each class
    chosen: list[int] = []
    left: list[list[int]] = []
    because: list[set[int]] = []
    for _ in range(len(order) + 1 + _MOST_STEPS):
        at = len(chosen)
        if at == len(order):
            return chosen
        clips = shown[order[at]]
        if len(left) == at:
            left.append(_preferred(clips, held, total))
            because.append(set())
        fold = left[at].pop(0) if left[at] else None
        if fold is None:
            if not because[at]:
                return None
            back = max(because[at])
            because[back] |= because[at] - {back}
            for name, one in zip(order[back:at], chosen[back:], strict=True):
                held[one] -= shown[name]
            del chosen[back:], left[back + 1 :], because[back + 1 :]
        elif alone := next((others for others in ending[at] if all(chosen[one] == fold for one in others)), None):
            because[at].update(alone)
        else:
            chosen.append(fold)
            held[fold] += clips
    return None


def _classes_by_last_person(order: list[str], shared: dict[Hashable, frozenset[str]]) -> list[list[list[int]]]:
    """For each person, the others (as places in `order`) of every class of which this person is the last."""
    place = {name: at for at, name in enumerate(order)}
    ending: list[list[list[int]]] = [[] for _ in order]
    for *others, last in sorted(sorted(place[one] for one in those) for those in shared.values()):
        ending[last].append(others)
    return ending


def _preferred(clips: Counter, held: list[Counter], total: Counter) -> list[int]:
    """The folds for a person with these clips, best first; of the empty folds, which are all alike, only one.

    An empty fold is the best, so that none stays empty: a person alone in a fold takes no class from the others.
    """

    def share(fold: int) -> tuple:
        of_these = sum(Fraction(n * held[fold][label], total[label] ** 2) for label, n in clips.items())
        return of_these, held[fold].total(), fold

    empty = [fold for fold in range(len(held)) if not held[fold]]
    return sorted((fold for fold in range(len(held)) if fold not in empty[1:]), key=share)
