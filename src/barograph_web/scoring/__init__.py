"""Published weeks, scores and models, projected from the workspace files."""
