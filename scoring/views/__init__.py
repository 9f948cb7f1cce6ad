"""The pages of scoring: versions, and the editor of drafts."""
