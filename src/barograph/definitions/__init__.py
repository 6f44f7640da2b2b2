"""The model and the data contract as data: frozen objects, TOML in and out, fingerprints, lint."""
