"""Pages of the settings about leads."""
