"""Reports: what was profiled, as pages that are read without a server, a network or JavaScript."""
