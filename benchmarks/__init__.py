"""Figures with their method: `make bench`. Timings are never tests; the machine is noisy."""
