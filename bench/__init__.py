"""What `make bench` runs: the pages that matter, measured against a floor."""
