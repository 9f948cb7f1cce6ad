"""The editor of rules: what a document looks like on the page, and what a form of the page does to it.

Pure, but for ``forms`` which knows the site's codes; the views are in scoring/views.
"""
