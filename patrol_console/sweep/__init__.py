"""自动预检: sweeps ordered by people or by a round, run in the background, kept with what became of each camera."""
