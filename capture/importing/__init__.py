"""Taking a file in: checking it without writing, running it slice by slice, taking it back."""
