"""The words the cast is made of: invented family and company names, real towns, usual functions."""

from leads.choices import DecisionRole, Headcount, Sector, Seniority, Turnover

WOMEN = (
    "Adèle", "Aïcha", "Alice", "Amandine", "Audrey", "Béatrice", "Brigitte", "Camille", "Carole", "Céline",
    "Chantal", "Chloé", "Claire", "Corinne", "Delphine", "Élodie", "Émilie", "Farida", "Florence",
    "Françoise", "Gaëlle", "Hélène", "Inès", "Isabelle", "Joëlle", "Karine", "Laurence", "Leïla", "Maëlle",
    "Magali", "Malika", "Margaux", "Mélanie", "Muriel", "Nadia", "Nathalie", "Noémie", "Pascale", "Pauline",
    "Sabrina", "Sandrine", "Solène", "Sophie", "Sylvie", "Valérie", "Yasmine",
)  # fmt: skip
MEN = (
    "Alain", "Amine", "Antoine", "Aurélien", "Baptiste", "Benoît", "Cédric", "Clément", "Damien", "Denis",
    "Didier", "Emmanuel", "Éric", "Fabien", "Franck", "Frédéric", "Guillaume", "Hugo", "Jérôme", "Julien",
    "Karim", "Loïc", "Ludovic", "Marc", "Mathieu", "Mehdi", "Mickaël", "Nicolas", "Olivier", "Patrice",
    "Philippe", "Quentin", "Rachid", "Raphaël", "Régis", "Romain", "Samir", "Sébastien", "Stéphane",
    "Tanguy", "Thibault", "Thomas", "Vincent", "Yann",
)  # fmt: skip
NAME_STARTS = (
    "Arva", "Belmo", "Brisse", "Calvo", "Cham", "Corvi", "Darri", "Delmo", "Estre", "Farmo", "Gali", "Garri",
    "Jossa", "Kerma", "Lambri", "Lessa", "Marvi", "Mela", "Mornu", "Navi", "Orsa", "Palvi", "Quenne", "Rambe",
    "Rosti", "Sauve", "Sermo", "Tala", "Trévi", "Vauba", "Verdo", "Vilma",
)  # fmt: skip
NAME_ENDS = (
    "beau", "chard", "court", "din", "drel", "fort", "gnac", "gny", "lac", "lard", "leau", "mond", "nac",
    "nault", "quin", "ran", "ret", "rol", "sac", "tel", "thier", "vel", "vert", "ville",
)  # fmt: skip

# (function, department, seniority, part in the decision, weight, topics that person cares for)
FUNCTIONS = (
    ("Responsable maintenance", "Maintenance", Seniority.MANAGER, DecisionRole.INFLUENCER, 17,
     ("maintenance-predictive", "gmao", "capteurs")),
    ("Directeur technique", "Technique", Seniority.DIRECTOR, DecisionRole.DECISION_MAKER, 8,
     ("maintenance-predictive", "arrets-programmes", "capteurs")),
    ("Directeur de site", "Direction", Seniority.DIRECTOR, DecisionRole.DECISION_MAKER, 9,
     ("arrets-programmes", "audit-energetique", "securite-machine")),
    ("Directeur industriel", "Direction", Seniority.EXECUTIVE, DecisionRole.DECISION_MAKER, 6,
     ("maintenance-predictive", "audit-energetique")),
    ("Responsable HSE", "Sécurité", Seniority.MANAGER, DecisionRole.INFLUENCER, 11,
     ("securite-machine", "formation")),
    ("Responsable énergie", "Énergie", Seniority.MANAGER, DecisionRole.INFLUENCER, 8,
     ("audit-energetique", "capteurs")),
    ("Responsable travaux neufs", "Technique", Seniority.MANAGER, DecisionRole.INFLUENCER, 6,
     ("securite-machine", "arrets-programmes")),
    ("Acheteur industriel", "Achats", Seniority.STAFF, DecisionRole.BUYER, 9,
     ("arrets-programmes", "gmao")),
    ("Technicien de maintenance", "Maintenance", Seniority.STAFF, DecisionRole.USER, 12,
     ("maintenance-predictive", "formation", "gmao")),
    ("Ingénieur fiabilité", "Maintenance", Seniority.STAFF, DecisionRole.USER, 7,
     ("maintenance-predictive", "capteurs")),
    ("Gérant", "Direction", Seniority.EXECUTIVE, DecisionRole.DECISION_MAKER, 5,
     ("securite-machine", "audit-energetique")),
    ("Responsable informatique industrielle", "Informatique", Seniority.MANAGER, DecisionRole.INFLUENCER, 5,
     ("capteurs", "gmao")),
)  # fmt: skip
STUDENT = (
    "Étudiant en génie industriel", "", Seniority.STUDENT, "", 0, ("maintenance-predictive", "formation")
)  # fmt: skip
# The same functions as women hold them, where the word differs.
FEMININE = {
    "Directeur technique": "Directrice technique",
    "Directeur de site": "Directrice de site",
    "Directeur industriel": "Directrice industrielle",
    "Acheteur industriel": "Acheteuse industrielle",
    "Technicien de maintenance": "Technicienne de maintenance",
    "Ingénieur fiabilité": "Ingénieure fiabilité",
    "Gérant": "Gérante",
    "Étudiant en génie industriel": "Étudiante en génie industriel",
}

# What companies of a sector call themselves, and how often they are met.
TRADES: dict[Sector, tuple[int, tuple[str, ...]]] = {
    Sector.INDUSTRY: (44, ("Fonderies", "Ateliers", "Mécanique", "Usinages", "Emboutissage", "Plastiques",
                           "Papeteries", "Tôlerie", "Verreries", "Forges")),
    Sector.FOOD: (27, ("Laiteries", "Biscuiterie", "Conserverie", "Brasserie", "Moulins", "Salaisons")),
    Sector.ENERGY: (14, ("Énergies", "Chaufferies", "Hydro", "Réseaux")),
    Sector.LOGISTICS: (15, ("Transports", "Logistique", "Entrepôts")),
    Sector.CONSTRUCTION: (14, ("Béton", "Charpentes", "Travaux", "Carrières")),
    Sector.HEALTH: (9, ("Laboratoires", "Clinique", "Pharma")),
    Sector.AGRICULTURE: (9, ("Coopérative", "Silos", "Semences")),
    Sector.RETAIL: (8, ("Comptoir", "Négoce")),
    Sector.SOFTWARE: (6, ("Systèmes", "Logiciels")),
    Sector.CONSULTING: (8, ("Conseil", "Ingénierie")),
    Sector.PUBLIC: (6, ("Régie des eaux de", "Syndicat mixte de")),
    Sector.HOSPITALITY: (5, ("Thermes de", "Domaine de")),
    Sector.EDUCATION: (5, ("Campus technique de", "Institut de")),
}  # fmt: skip
PLACE_STARTS = (
    "Aubre", "Bruye", "Chante", "Clair", "Corme", "Dour", "Esca", "Ferri", "Fontar", "Grand", "Haute", "Jon",
    "Laube", "Long", "Male", "Mont", "Noir", "Orme", "Perche", "Pont", "Roche", "Sainte", "Sau", "Ter", "Vau",
)  # fmt: skip
PLACE_ENDS = (
    "bois", "brume", "combe", "croix", "fosse", "gard", "lande", "mare", "mont", "nelle", "pierre", "rive",
    "seille", "tane", "val", "vire",
)  # fmt: skip
# Each town with its postcode, its region and how often it is met.
TOWNS = (
    ("Lyon", "69003", "Auvergne-Rhône-Alpes", 9),
    ("Saint-Étienne", "42000", "Auvergne-Rhône-Alpes", 7),
    ("Grenoble", "38000", "Auvergne-Rhône-Alpes", 6),
    ("Clermont-Ferrand", "63000", "Auvergne-Rhône-Alpes", 4),
    ("Annecy", "74000", "Auvergne-Rhône-Alpes", 4),
    ("Oyonnax", "01100", "Auvergne-Rhône-Alpes", 4),
    ("Lille", "59000", "Hauts-de-France", 5),
    ("Dunkerque", "59140", "Hauts-de-France", 4),
    ("Amiens", "80000", "Hauts-de-France", 3),
    ("Strasbourg", "67000", "Grand Est", 4),
    ("Metz", "57000", "Grand Est", 3),
    ("Reims", "51100", "Grand Est", 3),
    ("Nantes", "44000", "Pays de la Loire", 4),
    ("Cholet", "49300", "Pays de la Loire", 3),
    ("Laval", "53000", "Pays de la Loire", 2),
    ("Rennes", "35000", "Bretagne", 3),
    ("Vitré", "35500", "Bretagne", 2),
    ("Le Havre", "76600", "Normandie", 4),
    ("Rouen", "76000", "Normandie", 3),
    ("Toulouse", "31000", "Occitanie", 3),
    ("Castres", "81100", "Occitanie", 2),
    ("Bordeaux", "33000", "Nouvelle-Aquitaine", 3),
    ("Limoges", "87000", "Nouvelle-Aquitaine", 2),
    ("Dijon", "21000", "Bourgogne-Franche-Comté", 3),
    ("Belfort", "90000", "Bourgogne-Franche-Comté", 3),
    ("Orléans", "45000", "Centre-Val de Loire", 3),
    ("Marseille", "13015", "Provence-Alpes-Côte d’Azur", 3),
    ("Gennevilliers", "92230", "Île-de-France", 4),
    ("Évry", "91000", "Île-de-France", 3),
    ("Meaux", "77100", "Île-de-France", 2),
)  # fmt: skip
# (size, turnover, weight, how many people of such a company come)
SIZES = (
    (Headcount.FROM_1, Turnover.UNDER_2M, 14, 2), (Headcount.FROM_10, Turnover.FROM_2M, 40, 5),
    (Headcount.FROM_50, Turnover.FROM_10M, 72, 10), (Headcount.FROM_250, Turnover.OVER_50M, 46, 16),
    (Headcount.OVER_5000, Turnover.OVER_50M, 8, 22),
)  # fmt: skip
# Numbers that ARCEP keeps for fiction (decision 2018-0881): nobody ever answers there.
FICTION_LANDLINES = ("01 99 00", "02 61 91", "03 53 01", "04 65 71", "05 36 49")
FICTION_MOBILE = "06 39 98"

NEEDS: dict[str, tuple[str, ...]] = {
    "maintenance-predictive": (
        "Surveiller les vibrations de nos vingt-quatre ventilateurs d’extraction",
        "Prévoir les pannes de la ligne de conditionnement avant la haute saison",
        "Réduire les arrêts non planifiés des presses",
    ),
    "audit-energetique": (
        "Audit réglementaire à rendre avant la fin de l’année",
        "Comprendre où part l’air comprimé : la facture a doublé",
        "Récupérer la chaleur des compresseurs",
    ),
    "securite-machine": (
        "Mettre en conformité trois machines anciennes après une visite de prévention",
        "Analyse de risques avant la réimplantation de l’atelier",
        "Remplacer les barrières immatérielles d’un îlot robotisé",
    ),
    "capteurs": (
        "Remonter les mesures de l’atelier sans toucher aux automates",
        "Équiper en capteurs sans fil un site classé",
        "Tableau de bord commun pour nos quatre usines",
    ),
    "gmao": (
        "Sortir du tableur et choisir une GMAO que les équipes utiliseront",
        "Reprendre l’historique de dix ans d’interventions",
    ),
    "arrets-programmes": (
        "Renfort de douze personnes pour l’arrêt d’août",
        "Préparer le grand arrêt : lotissement et planning",
    ),
    "formation": (
        "Habiliter huit techniciens à la consignation",
        "Former les équipes de nuit à l’analyse vibratoire de premier niveau",
    ),
}
PAINS = (
    "Trop de dépannages, pas assez de préventif",
    "Deux techniciens partis à la retraite, personne pour les remplacer",
    "Le coût de l’énergie mange la marge",
    "Des arrêts de ligne qui coûtent huit mille euros de l’heure",
    "Un accident évité de peu cet hiver",
    "Les données existent mais personne ne les lit",
)
