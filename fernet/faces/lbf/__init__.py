"""The landmark model: local binary features (Ren et al. 2014), in the file format of OpenCV's FacemarkLBF."""
