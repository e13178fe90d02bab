"""The candidates of the search: the settings as they are, first, and one change at a time."""

from dataclasses import dataclass, replace
from typing import Any

from fernet.training.settings import RunSettings


@dataclass(frozen=True)
class Candidate:
    """Settings to be judged.

    method    dtan or dtgn: the network alone; weighted sum, sum of logits: both, as trained; joint, l3, concatenation:
              both, with top layers fine-tuned
    dropout   rate during the fine-tuning
    fresh     the fine-tuning starts from new weights, not from the trained top layers
    """

    name: str
    settings: RunSettings
    method: str
    dropout: float = 0.5
    fresh: bool = False


def network_candidates(network: str, now: RunSettings, other_frames: bool = True) -> list[Candidate]:
    """For dtan or dtgn alone. Without `other_frames`, T_a stays: a prepared file holds one number of frames only."""
    field = f"{network}_schedule"
    schedule = getattr(now, field)
    changes = [{"learning_rate": rate} for rate in (0.001, 0.003, 0.03)]
    changes += [{"epochs": max(1, round(part * schedule.epochs))} for part in (0.5, 2.0)]
    changes += [{"weight_decay": decay} for decay in (0.0, 5e-3)] + [{"momentum": value} for value in (0.5, 0.95)]
    found = [Candidate("as now", now, network)]
    found += [Candidate(_words(one), replace(now, **{field: replace(schedule, **one)}), network) for one in changes]
    options = [{"dropout": rate} for rate in (0.0, 0.3, 0.7)]
    if network == "dtan":
        options += [{"normalisation": kind} for kind in ("response", "across", "none")]
        options += [{"normalisation_scale": scale} for scale in (0.01, 1.0)]
    found += [Candidate(_words(one), replace(now, options=replace(now.options, **one)), network) for one in options]
    if network == "dtan" and other_frames:
        found += [Candidate(f"T_a {frames}", _with_frames(now, frames), network) for frames in (1, 2, 5)]
    return found


def joint_candidates(now: RunSettings) -> list[Candidate]:
    """For joining both networks; the joint loss with the settings as they are comes first."""

    def tuned(
        name: str, method: str = "joint", dropout: float = 0.5, fresh: bool = False, **schedule: Any
    ) -> Candidate:
        settings = replace(now, joint_schedule=replace(now.joint_schedule, **schedule))
        return Candidate(name, settings, method, dropout, fresh)

    found = [Candidate("joint, as now", now, "joint")]
    found += [
        Candidate(f"{name}, no fine-tuning", now, name) for name in ("dtan", "dtgn", "weighted sum", "sum of logits")
    ]
    found += [tuned("L3 only", "l3"), tuned("concatenation", "concatenation", fresh=True)]
    found += [tuned(f"dropout {rate:g}", dropout=rate) for rate in (0.0, 0.2, 0.7, 0.85)]
    found += [tuned(_words({"epochs": epochs}), epochs=epochs) for epochs in (3, 30, 100)]
    found += [tuned(f"learning rate {rate:g}", learning_rate=rate) for rate in (0.0003, 0.03, 0.1)]
    found += [tuned(f"weight decay {decay:g}", weight_decay=decay) for decay in (0.0, 0.005, 0.05)]
    found += [
        tuned("momentum 0.5", momentum=0.5),
        tuned("learning rate 0.03, 30 epochs, weight decay 0.02", learning_rate=0.03, epochs=30, weight_decay=0.02),
        tuned("learning rate 0.03, 30 epochs, dropout 0.85", dropout=0.85, learning_rate=0.03, epochs=30),
        tuned("fresh tops", fresh=True),
        tuned("fresh tops, learning rate 0.03, 30 epochs", fresh=True, learning_rate=0.03, epochs=30),
        tuned("fresh tops, L3 only, learning rate 0.03, 30 epochs", "l3", fresh=True, learning_rate=0.03, epochs=30),
    ]
    few = replace(now, dtgn_schedule=replace(now.dtgn_schedule, epochs=max(1, now.dtgn_schedule.epochs // 4)))
    words = _words({"epochs": few.dtgn_schedule.epochs})
    for method in ("dtgn", "weighted sum", "sum of logits", "joint"):
        found.append(Candidate(f"DTGN of {words}: {method}", few, method))
    return found


def _with_frames(now: RunSettings, frames: int) -> RunSettings:
    return replace(
        now,
        options=replace(now.options, frames=frames),
        preprocessing=replace(now.preprocessing, appearance_frames=frames),
    )


def _words(change: dict[str, Any]) -> str:
    (name, value), *_ = change.items()
    if name == "epochs":
        return f"{value} epoch" if value == 1 else f"{value} epochs"
    return f"{name.replace('_', ' ')} {value if isinstance(value, str) else format(value, 'g')}"
