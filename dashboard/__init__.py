"""Pages that look across the apps: the dashboard, the funnel report, the list of leads, one lead's page."""
