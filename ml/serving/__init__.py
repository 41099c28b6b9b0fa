"""What stands behind `ml.engine`: the web process's side (crew, bench) and the processes it starts (parent, worker)."""
