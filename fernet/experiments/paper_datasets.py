"""The databases of the paper (sections 3 to 5): how each is treated, and the numbers of its tables and figure."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PaperDataset:
    """One database of the paper.

    accuracy_table, confusion_table, recall_figure   numbers in the paper
    peak   where the expression is strongest: at the end of the clip, or in the middle if it fades again; the frame
           there is the input of the single-frame network
    """

    title: str
    accuracy_table: int
    confusion_table: int
    recall_figure: int
    small_networks: bool
    peak: str


DATASETS = {
    "ck+": PaperDataset("CK+", 2, 3, 8, False, "end"),
    "oulu": PaperDataset("Oulu-CASIA", 4, 5, 9, False, "end"),
    "mmi": PaperDataset("MMI", 6, 7, 10, True, "middle"),
}
