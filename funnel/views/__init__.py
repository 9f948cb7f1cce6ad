"""The pages of sales: the inbox, and the leads a rep works."""
