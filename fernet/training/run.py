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
from fernet.fast.version import FastVersion
from fernet.files import write_json, write_text
from fernet.inputs.samples import Samples, mean_trajectory
from fernet.json_settings import to_json
from fernet.networks import paper
from fernet.networks.build import Network
from fernet.networks.dtagn import DTAGN, INTEGRATIONS, check_network_fits, new_top
from fernet.networks.model_file import save_model
from fernet.networks.notation import parse
from fernet.networks.predict import score_clips
from fernet.progress import Progress
from fernet.sgd import SGD
from fernet.training import state_file
from fernet.training.data_record import ENVIRONMENT, DataRecord, check_same_data, data_mark
from fernet.training.environment import versions
from fernet.training.fit import Epoch, fit
from fernet.training.fold_check import split_for_run
from fernet.training.layer_file import LAYERS, read_layers, write_layers
from fernet.training.layer_remarks import LayerRemarks
from fernet.training.layer_statistics import LayerWatch, probe_samples
from fernet.training.objectives import ConcatenationObjective, FrozenBranch, JointObjective, NetworkObjective
from fernet.training.settings import RunSettings, Schedule
from fernet.training.step import Objective

_STAGES = {"dtan": 1, "dtgn": 2, "joint": 3, "l3": 4, "concatenation": 5}  # part of the seeds
_BATCH = 64  # for passes without gradients


class Run:
    """A training run in the folder `out`; it can be interrupted after any epoch and resumed."""

    def __init__(
        self, settings: RunSettings, clips: SequenceSet, out: Path, progress: Progress, resume: bool = False
    ) -> None:
        self.settings, self.clips, self.out, self.progress = settings, clips, out, progress
        self.library: ModuleType = backend.choose(settings.backend)
        train, test = split_for_run(clips.subjects, clips.labels, clips.classes, settings)
        self.train, self.test = clips.subset(train), clips.subset(test)
        held_out, trained_on = (tuple(sorted(set(part.subjects))) for part in (self.test, self.train))
        self.record = DataRecord(held_out, trained_on, data_mark(clips))
        if resume:
            check_same_data(out, self.record)
        self.samples = Samples(
            self.train,
            settings.seed,
            mean_trajectory(self.train),
            library=self.library,
            face_inputs=fast.face_inputs(self.library),
        )
        self.model = self._new_model()
        self.state = state_file.load(out, self.model) if resume else state_file.State()
        self.log = state_file.load_log(out, self.state) if resume else []
        self.layers = self.state.finished_epochs_of(read_layers(out)) if resume else []
        self.log_is_behind = False

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
            if model.dtan is not None:
                objective = NetworkObjective(model.dtan, self.samples.faces, self.library)
                self._stage("dtan", objective, settings.dtan_schedule)
            if model.dtgn is not None:
                objective = NetworkObjective(model.dtgn, self.samples.trajectories, self.library)
                self._stage("dtgn", objective, settings.dtgn_schedule)
            if model.dtan is not None and model.dtgn is not None:
                self._integrate()
            scores = score_clips(model, self.test.faces, self.test.landmarks, self.library)
        if self.log_is_behind:
            self._try_to_write_log()
        save_model(self.out / "model.npz", model)
        test = self.test
        write_predictions(
            self.out / "predictions.csv", Predictions(test.names, test.subjects, test.labels, test.classes, scores)
        )
        metrics = all_metrics(scores, test.labels, test.classes)
        write_json(self.out / "metrics.json", {**metrics, "data": self.clips.title, "fold": settings.fold})
        state_file.remove(self.out)  # last: metrics.json says that the run is complete
        return metrics

    def _integrate(self) -> None:
        """Train the tops named in the settings, all on the same frozen branches."""
        settings, model = self.settings, self.model
        unfinished = [name for name in settings.integrations if not self.state.finished(name, settings.joint_schedule)]
        if not unfinished:
            return
        branches = [
            FrozenBranch(network, inputs, len(self.samples), _BATCH, self.library)
            for network, inputs in ((model.dtan, self.samples.faces), (model.dtgn, self.samples.trajectories))
        ]
        for name in unfinished:
            if name not in model.tops:
                model.tops[name] = new_top(name, model.dtan, model.dtgn, settings.seed)
                model.to_library(self.library)
            weights = INTEGRATIONS[name]
            if weights is None:
                objective: Objective = ConcatenationObjective(model.tops[name], *branches)
            else:
                objective = JointObjective(model.tops[name], *branches, weights)
            self._stage(name, objective, settings.joint_schedule)

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
        remarks = LayerRemarks(stage, title, len(self.clips.classes), self.layers, self.progress.note)

        def epoch_done(epoch: Epoch, optimiser: SGD) -> None:
            bar.milestone(
                f"{title} epoch {epoch.number} of {schedule.epochs}: loss {epoch.loss:.3f}, "
                f"accuracy {epoch.accuracy:.1%}, {epoch.seconds:.1f} s"
            )
            remarks.epoch_ended(epoch.number, epoch.loss, last=epoch.number == schedule.epochs)
            self.log.append([stage, epoch])
            self._try_to_write_log()
            self.state = state_file.save(self.out, self.model, stage, epoch.number, optimiser, self.state)

        labels = self.samples.labels(np.arange(len(self.samples)))
        with self.progress.task(title, (schedule.epochs - first) * len(labels)) as bar:
            fit(
                objective,
                labels,
                schedule,
                (self.settings.seed, _STAGES[stage]),
                optimiser,
                first,
                lambda count, loss, right: bar.advance(count, f"loss {loss:.3f}, accuracy {right:.1%}"),
                epoch_done,
                self.progress.note,
                watch,
            )

    def _watch(self, stage: str, objective: Objective) -> LayerWatch:
        if stage not in self.model.networks:
            return LayerWatch(stage, self.layers)
        (probe,) = objective.inputs(probe_samples(len(self.train), self.samples.variants))
        return LayerWatch(stage, self.layers, self.model.networks[stage], probe)

    def _new_model(self) -> DTAGN:
        settings, clips = self.settings, self.clips
        classes, small = len(clips.classes), settings.small_networks
        notations = {
            "dtan": parse(settings.dtan) if settings.dtan else paper.dtan(classes, small),
            "dtgn": parse(settings.dtgn) if settings.dtgn else paper.dtgn(classes, small),
        }
        networks = {}
        for name, notation in notations.items():
            if settings.networks in (name, "both"):
                networks[name] = Network(notation, settings.options, seed=settings.seed * 10 + _STAGES[name])
                check_network_fits(name, networks[name], clips.preprocessing, classes)
        model = DTAGN(
            clips.classes, clips.preprocessing, self.samples.trajectory_mean, networks.get("dtan"), networks.get("dtgn")
        )
        model.alpha, model.history, model.data = settings.alpha, to_json(settings), self._data()
        return model

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
                    name: self._fast_versions(name, network) for name, network in self.model.networks.items()
                },
                "data": self.clips.title,
                **self._data(),
            },
        )

    def _fast_versions(self, name: str, network: Network) -> dict[str, str]:
        """The fast version of each layer that has one, for a full batch of training, and that of SGD."""
        schedule = {"dtan": self.settings.dtan_schedule, "dtgn": self.settings.dtgn_schedule}[name]
        # Only its shape counts: a single zero, repeated without memory of its own.
        batch = self.library.broadcast_to(
            self.library.zeros((), np.float32), (schedule.batch_size, *network.input_shape)
        )
        chosen = [(name, layer) for name, layer in network.versions(batch) if isinstance(layer, FastVersion)]
        sgd = fast.optimiser(network.params)
        return {
            **{name: type(layer).__name__ for name, layer in chosen},
            **({} if sgd is SGD else {"sgd": sgd.__name__}),
        }

    def _try_to_write_log(self) -> None:
        """Write log.csv and layers.csv; while another program holds one open, as on Windows, leave it for later."""
        path = self.out / "log.csv"
        try:
            write_text(path, state_file.log_text(self.log))
            path = self.out / LAYERS
            write_layers(self.out, self.layers)
        except PermissionError as error:
            if not self.log_is_behind:
                self.progress.note(
                    f"{path} cannot be written ({error.strerror or error}), perhaps another program "
                    "holds it open: it is written again after the next epoch"
                )
            self.log_is_behind = True
        else:
            self.log_is_behind = False
