"""The company whose leads the demonstration shows; it does not exist, nor do its domains."""

NAME = "Valbrume Services Industriels"
DOMAIN = "valbrume.example"
SITE = f"https://www.{DOMAIN}"
# A provider of consumer mailboxes that exists nowhere: no real mailbox may be named.
FREE_MAIL_DOMAIN = "boite-libre.example"

# What it sells: (code of the topic, name, price in euros of a first contract).
SERVICES = (
    ("maintenance-predictive", "Maintenance prédictive", 38_000),
    ("audit-energetique", "Audit énergétique", 16_000),
    ("securite-machine", "Mise en sécurité des machines", 24_000),
    ("capteurs", "Capteurs et supervision", 29_000),
    ("gmao", "Intégration de GMAO", 21_000),
    ("arrets-programmes", "Arrêts programmés", 54_000),
    ("formation", "Formation des équipes", 7_500),
)
TOPICS = tuple(code for code, _name, _price in SERVICES)
