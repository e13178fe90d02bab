"""The results of the search as Markdown."""

from typing import Any

import numpy as np

Record = dict[str, Any]


def table(records: list[Record]) -> str:
    """Markdown: mean accuracy, its standard error, and the paired difference to the first candidate."""
    by_name: dict[str, dict[tuple[int, int], Record]] = {}
    for record in records:
        by_name.setdefault(record["candidate"], {})[record["fold"], record["seed"]] = record
    first = next(iter(by_name.values()))
    lines = ["| candidate | accuracy | difference | loss | splits |", "| --- | ---: | ---: | ---: | ---: |"]
    for name, results in by_name.items():
        accuracy = np.array([100 * one["right"] / one["clips"] for one in results.values()])
        difference = accuracy - [100 * first[place]["right"] / first[place]["clips"] for place in results]
        loss = np.mean([one["loss"] for one in results.values()])
        change = "" if results is first else f"{_with_error(difference, '+.2f')}"
        lines.append(f"| {name} | {_with_error(accuracy, '.2f')} | {change} | {loss:.3f} | {len(results)} |")
    return "\n".join(lines)


def features_table(records: list[Record]) -> str:
    """Markdown: what the joint fine-tuning starts from, by networks and split."""
    # A search that was interrupted and continued has written them twice.
    found = list({str(record["features"]): record for record in records if "features" in record}.values())
    names = [f"fold {one['fold']}, seed {one['seed']}: {one['candidate']}" for one in found]
    lines = ["| | " + " | ".join(names) + " |"]
    lines.append("| --- |" + " ---: |" * len(found))
    for name in found[0]["features"] if found else ():
        lines.append(f"| {name} | " + " | ".join(f"{one['features'][name]:.4g}" for one in found) + " |")
    return "\n".join(lines)


def _with_error(values: np.ndarray, form: str) -> str:
    error = f" ± {values.std(ddof=1) / np.sqrt(len(values)):.2f}" if len(values) > 1 else ""
    return f"{values.mean():{form}}{error}"
