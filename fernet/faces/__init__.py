"""From a video to faces and landmarks, with OpenCV: frames, detection, landmarks, crops."""
