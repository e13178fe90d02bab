"""Where labelled clips come from: folders on disk, or faces rendered on demand."""
