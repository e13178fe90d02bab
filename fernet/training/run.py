"""One training run: DTAN, DTGN, their integration, and all records of it."""

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from fernet import backend, fast, threads
from fernet.clips.sequence_set import SequenceSet
from fernet.evaluation.metrics import all_metrics
from fernet.evaluation.predictions_file import Predictions, write_predictions
from fernet.fast.precision import multiply_in
from fernet.files import write_json
from fernet.inputs.samples import Samples, mean_trajectory
from fernet.json_settings import to_json
from fernet.networks.dtagn import new_top
from fernet.networks.model_file import save_model
from fernet.networks.predict import note_differences, score_clips
from fernet.progress import Progress
from fernet.sgd import SGD
from fernet.training import state_file
from fernet.training.data_record import ENVIRONMENT, DataRecord, check_same_data, data_mark
from fernet.training.environment import fast_versions, versions
from fernet.training.fit import Epoch, fit
from fernet.training.fold_check import split_for_run
from fernet.training.layer_file import read_layers
from fernet.training.layer_remarks import LayerRemarks
from fernet.training.layer_statistics import LayerWatch, probe_samples
from fernet.training.logs import Logs
from fernet.training.new_model import STAGE_SEEDS, new_model
from fernet.training.sample_order import balanced, shuffled
from fernet.training.settings import RunSettings, Schedule
from fernet.training.stage_objectives import StageObjectives
from fernet.training.starting_model import starting_model
from fernet.training.step import Objective


class Run:
    """A training run in the folder `out`; it can be interrupted after any epoch and resumed."""

    def __init__(
        self, settings: RunSettings, clips: SequenceSet, out: Path, progress: Progress, resume: bool = False
    ) -> None:
        self.start = starting_model(settings.init)
        if self.start is not None:
            settings = self.start.for_classes(settings, clips.classes)
        self.settings, self.clips, self.out, self.progress = settings, clips, out, progress
        self.library: ModuleType = backend.choose(settings.backend)
        train, test = split_for_run(clips.subjects, clips.labels, clips.classes, settings)
        self.train, self.test = clips.subset(train), clips.subset(test)
        held_out, trained_on = (tuple(sorted(set(part.subjects))) for part in (self.test, self.train))
        self.record = DataRecord(held_out, trained_on, data_mark(clips))
        if resume:
            check_same_data(out, self.record)
        elif self.start is not None:
            for remark in self.start.remarks(clips, held_out):
                progress.note(remark)
            note_differences(self.start.model, clips.provenance, progress)
        # DTGN's weights were fitted to trajectories from which this mean was subtracted.
        mean = mean_trajectory(self.train) if self.start is None else self.start.model.trajectory_mean
        self.samples = Samples(
            self.train,
            settings.seed,
            mean,
            library=self.library,
            face_inputs=fast.face_inputs(self.library),
        )
        self.model = new_model(settings, clips, mean, self.start)
        self.model.history, self.model.data = to_json(settings), self._data()
        self.top_only = settings.init.layers == "top"
        self.state = state_file.load(out, self.model, self.top_only) if resume else state_file.State()
        self.logs = Logs(out, progress.note)
        if resume:
            self.logs.epochs = state_file.load_log(out, self.state)
            self.logs.layers = self.state.finished_epochs_of(read_layers(out))

    def train_all(self, threads_used: int | None = None) -> dict[str, Any]:
        """Train what remains to be trained, write the model and the metrics, and return the metrics.

        `threads_used` is the number of cores to use, by default all; it affects only the time.
        """
        settings, model = self.settings, self.model
        self._write_settings()
        with (
            backend.own_stream(self.library),
            threads.worker_threads(threads_used),
            multiply_in(settings.precision),
        ):
            model.to_library(self.library)
            objectives = StageObjectives(model, self.samples, self.library, self.top_only)
            for name in model.networks:
                if not self.state.finished(name, self._schedule(name)):
                    self._stage(name, objectives.of_network(name), self._schedule(name))
            if model.dtan is not None and model.dtgn is not None:
                self._integrate(objectives)
            scores = score_clips(model, self.test.faces, self.test.landmarks, self.library)
        if self.logs.behind:
            self.logs.try_to_write()
        save_model(self.out / "model.npz", model)
        test = self.test
        write_predictions(
            self.out / "predictions.csv", Predictions(test.names, test.subjects, test.labels, test.classes, scores)
        )
        metrics = all_metrics(scores, test.labels, test.classes)
        write_json(self.out / "metrics.json", {**metrics, "data": self.clips.title, "fold": settings.fold})
        state_file.remove(self.out)  # last: metrics.json says that the run is complete
        return metrics

    def _integrate(self, objectives: StageObjectives) -> None:
        """Train the tops named in the settings, all on the same frozen branches."""
        settings, model = self.settings, self.model
        for name in settings.integrations:
            if self.state.finished(name, settings.joint_schedule):
                continue
            if name not in model.tops:
                model.tops[name] = new_top(name, model.dtan, model.dtgn, settings.seed)
                model.to_library(self.library)
            self._stage(name, objectives.of_integration(name), settings.joint_schedule)

    def _schedule(self, name: str) -> Schedule:
        return {"dtan": self.settings.dtan_schedule, "dtgn": self.settings.dtgn_schedule}[name]

    def _stage(self, stage: str, objective: Objective, schedule: Schedule) -> None:
        """Train one part, saving log and state after every epoch."""
        first = self.state.epochs_done(stage)
        if first >= schedule.epochs:
            return
        kind = fast.optimiser(objective.params)
        optimiser = kind(objective.params, objective.decayed, schedule.momentum, schedule.weight_decay)
        self.state.restore_velocity(stage, optimiser)

        title = stage.upper() if stage in ("dtan", "dtgn") else stage
        watch = self._watch(stage, objective)
        trained_top = self.start is not None and self.start.has_classes(self.clips.classes)
        remarks = LayerRemarks(
            stage, title, len(self.clips.classes), self.logs.layers, self.progress.note, fresh_top=not trained_top
        )

        def epoch_done(epoch: Epoch, optimiser: SGD) -> None:
            bar.milestone(
                f"{title} epoch {epoch.number} of {schedule.epochs}: loss {epoch.loss:.3f}, "
                f"accuracy {epoch.accuracy:.1%}, {epoch.seconds:.1f} s"
            )
            remarks.epoch_ended(epoch.number, epoch.loss, last=epoch.number == schedule.epochs)
            self.logs.epochs.append([stage, epoch])
            self.logs.try_to_write()
            self.state = state_file.save(self.out, self.model, stage, epoch.number, optimiser, self.state)

        labels = self.samples.labels(np.arange(len(self.samples)))
        with self.progress.task(title, (schedule.epochs - first) * len(labels)) as bar:
            fit(
                objective,
                labels,
                schedule,
                (self.settings.seed, STAGE_SEEDS[stage]),
                optimiser,
                first,
                lambda count, loss, right: bar.advance(count, f"loss {loss:.3f}, accuracy {right:.1%}"),
                epoch_done,
                self.progress.note,
                watch,
                balanced if self.settings.balance else shuffled,
            )

    def _watch(self, stage: str, objective: Objective) -> LayerWatch:
        if stage not in self.model.networks or self.top_only:  # the layers below stay as they are
            return LayerWatch(stage, self.logs.layers)
        (probe,) = objective.inputs(probe_samples(len(self.train), self.samples.variants))
        return LayerWatch(stage, self.logs.layers, self.model.networks[stage], probe)

    def _data(self) -> dict[str, Any]:
        """What the run and its model record of the data."""
        return {**self.record.to_json(), **self.clips.provenance.to_json()}

    def _write_settings(self) -> None:
        write_json(self.out / "settings.json", to_json(self.settings))
        write_json(
            self.out / ENVIRONMENT,
            {
                **versions(self.library),
                "fast_versions": {
                    name: fast_versions(network, self._schedule(name).batch_size, self.library)
                    for name, network in self.model.networks.items()
                },
                "data": self.clips.title,
                **self._data(),
                **({} if self.start is None else {"init": self.start.to_json(self.clips.classes)}),
            },
        )
