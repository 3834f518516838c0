"""The peers that the benchmarks load: each in a process of its own, and far cheaper than what asks it."""
