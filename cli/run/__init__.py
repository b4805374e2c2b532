"""A command that runs as a job: its progress, metrics, signals and receipt."""
