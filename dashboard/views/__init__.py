"""The pages, one module each: HTTP to values, permission, reads, template."""
