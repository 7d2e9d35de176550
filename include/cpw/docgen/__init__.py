"""Files that are generated from the contract, the catalogue and the YAML beside the models."""
