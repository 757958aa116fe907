"""What all benchmarks share: environments, taking turns, results, and the page made of them."""
