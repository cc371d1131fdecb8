"""What the Makefile runs: plain Python for any Debian machine, before anything is installed."""
