"""Reading other people's files: what stands in them, which column means what, what each row says. Pure."""
