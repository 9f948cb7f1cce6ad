"""What is made before the pages can be served: third-party files and compiled translations."""
