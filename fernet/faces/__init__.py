"""From videos to faces and landmarks, with OpenCV: frames, detection, tracking, landmarks, crops."""
