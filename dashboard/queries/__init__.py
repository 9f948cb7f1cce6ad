"""What the pages read, one module a page. Reads only: querysets and frozen dataclasses."""
