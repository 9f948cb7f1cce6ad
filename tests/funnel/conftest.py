from hypothesis import settings

# The first use of a year of public holidays takes longer than hypothesis's default deadline.
settings.register_profile("funnel", deadline=None)
settings.load_profile("funnel")
