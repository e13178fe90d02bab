"""The numbers printed in the paper (Tables 1 to 9); rates are in per cent."""

from fernet.synthetic.sets import SEVEN, SIX

CLASSES = {"ck+": SEVEN, "oulu": SIX, "mmi": SIX}

# Table 1. The rates of the paper's Table 7 are possible only with 31 clips of anger and 32 of disgust in MMI.
SEQUENCES = {
    "ck+": {"anger": 45, "contempt": 18, "disgust": 59, "fear": 25, "happiness": 69, "sadness": 28, "surprise": 83},
    "oulu": {"anger": 80, "disgust": 80, "fear": 80, "happiness": 80, "sadness": 80, "surprise": 80},
    "mmi": {"anger": 32, "disgust": 31, "fear": 28, "happiness": 42, "sadness": 32, "surprise": 40},
}

# Tables 2, 4 and 6: results of others; the numbers in brackets are references in the paper.
OTHERS = {
    "ck+": {
        "HOG 3D [9]": 91.44,
        "MSR [14]": 91.4,
        "TMS [6]": 91.89,
        "Cov3D [15]": 92.3,
        "STM-ExpLet [12]": 94.19,
        "3DCNN [11]": 85.9,
        "3DCNN-DAP [11]": 92.4,
    },
    "oulu": {
        "3D SIFT [16]": 55.83,
        "LBP-TOP [24]": 68.13,
        "HOG 3D [9]": 70.63,
        "AdaLBP [23]": 73.54,
        "Atlases [4]": 75.52,
        "STM-ExpLet [12]": 74.59,
    },
    "mmi": {
        "HOG 3D [9]": 60.89,
        "3D SIFT [16]": 64.39,
        "ITBN [20]": 59.7,
        "CSPL [25] (with more ground truth)": 73.53,
        "STM-ExpLet [12]": 75.12,
        "3DCNN [11]": 53.2,
        "3DCNN-DAP [11]": 63.4,
    },
}

# Tables 2, 4, 6, 8 and 9: the paper's own networks.
ACCURACY = {
    "ck+": {
        "dtan": 91.44,
        "dtgn": 92.35,
        "weighted_sum": 96.94,
        "concatenation": 94.5,
        "l3": 96.64,
        "joint": 97.25,
    },
    "oulu": {
        "dtan": 74.38,
        "dtgn": 74.17,
        "weighted_sum": 80.62,
        "concatenation": 75.63,
        "l3": 81.04,
        "joint": 81.46,
    },
    "mmi": {
        "dtan": 62.45,
        "dtgn": 59.02,
        "weighted_sum": 65.85,
        "concatenation": 67.8,
        "l3": 69.76,
        "joint": 70.24,
    },
}

# Tables 3, 5 and 7: joint fine-tuning; a row for each true class.
CONFUSION = {
    "ck+": [
        [100, 0, 0, 0, 0, 0, 0],
        [0, 94.44, 0, 0, 0, 5.56, 0],
        [0, 0, 100, 0, 0, 0, 0],
        [0, 0, 0, 84, 8, 0, 8],
        [0, 0, 0, 0, 100, 0, 0],
        [10.71, 0, 0, 0, 0, 89.29, 0],
        [0, 1.2, 0, 0, 0, 0, 98.8],
    ],
    "oulu": [
        [72.5, 16.25, 1.25, 1.25, 8.75, 0],
        [21.25, 75, 3.75, 0, 0, 0],
        [2.5, 1.25, 77.5, 6.25, 2.5, 10],
        [0, 0, 7.5, 90, 2.5, 0],
        [13.75, 0, 2.5, 0, 83.75, 0],
        [0, 0, 10, 0, 0, 90],
    ],
    "mmi": [
        [61.29, 25.8, 0, 0, 12.9, 0],
        [15.62, 71.88, 0, 9.37, 0, 3.13],
        [10.71, 0, 35.71, 10.71, 14.29, 28.57],
        [0, 0, 4.76, 95.24, 0, 0],
        [9.38, 3.13, 15.62, 0, 68.8, 3.12],
        [2.5, 0, 20, 2.5, 0, 75],
    ],
}
