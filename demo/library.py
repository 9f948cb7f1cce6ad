"""What Valbrume publishes: the content library of the demonstration, written out."""

from __future__ import annotations

from dataclasses import dataclass

from demo.company import SITE, TOPICS
from leads.choices import Band, ContentType, Phase

TOFU, MOFU, BOFU = Band.TOFU, Band.MOFU, Band.BOFU
AWARENESS, INTEREST, CONSIDERATION = Phase.AWARENESS, Phase.INTEREST, Phase.CONSIDERATION
DECISION, CONVERSION = Phase.DECISION, Phase.CONVERSION
GATED = True
EVERYTHING = TOPICS


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of content; the fields are those of ``leads.models.Content``."""

    code: str
    type: ContentType
    band: Band
    phase: Phase
    topics: tuple[str, ...]
    title: str
    summary: str
    is_gated: bool = False

    @property
    def url(self) -> str:
        """Where it is read."""
        return f"{SITE}/ressources/{self.code}/"


LIBRARY: tuple[Piece, ...] = (
    Piece(
        "lb-maintenance-predictive",
        ContentType.WHITE_PAPER,
        TOFU,
        INTEREST,
        ("maintenance-predictive",),
        "Maintenance prédictive : par où commencer sans tout équiper",
        "Choisir les dix machines qui comptent, poser les premières mesures et savoir, en trois mois, "
        "si la démarche rapporte. Avec la grille que nos équipes utilisent sur site.",
        GATED,
    ),
    Piece(
        "lb-air-comprime",
        ContentType.WHITE_PAPER,
        TOFU,
        INTEREST,
        ("audit-energetique",),
        "Air comprimé : retrouver les 30 % qui fuient",
        "Où partent les kilowattheures d’un réseau d’air comprimé, comment les mesurer un dimanche et "
        "dans quel ordre réparer. Chiffres relevés dans quarante ateliers.",
        GATED,
    ),
    Piece(
        "lb-conformite-machines",
        ContentType.WHITE_PAPER,
        TOFU,
        INTEREST,
        ("securite-machine",),
        "Machines anciennes : mettre en conformité sans arrêter l’atelier",
        "Ce que demande la réglementation sur les équipements de travail, ce qui se traite en une nuit "
        "et ce qui exige une étude. Une méthode en cinq visites.",
        GATED,
    ),
    Piece(
        "lb-cout-arret",
        ContentType.WHITE_PAPER,
        TOFU,
        AWARENESS,
        ("arrets-programmes", "maintenance-predictive"),
        "Le vrai coût d’une heure d’arrêt",
        "Matière perdue, heures supplémentaires, pénalités, clients déçus : une feuille de calcul "
        "commentée pour mettre tout le monde d’accord sur un seul chiffre.",
        GATED,
    ),
    Piece(
        "ebook-capteurs-sans-fil",
        ContentType.EBOOK,
        TOFU,
        INTEREST,
        ("capteurs",),
        "Capteurs sans fil en milieu industriel : le petit livre",
        "Portée, piles, zones classées, cybersécurité : ce qu’il faut savoir avant d’acheter le premier "
        "capteur.",
        GATED,
    ),
    Piece(
        "ebook-gmao",
        ContentType.EBOOK,
        MOFU,
        CONSIDERATION,
        ("gmao",),
        "Choisir sa GMAO : quinze questions à poser aux éditeurs",
        "Les questions qui font la différence en démonstration, et les réponses qui doivent alerter.",
        GATED,
    ),
    Piece(
        "ebook-arrets",
        ContentType.EBOOK,
        MOFU,
        CONSIDERATION,
        ("arrets-programmes",),
        "Réussir un grand arrêt : le carnet du préparateur",
        "De J−180 à la remise en service : lotissement, permis, logistique, retour d’expérience. Trente "
        "pages écrites par ceux qui y passent leurs étés.",
        GATED,
    ),
    Piece(
        "ebook-energie",
        ContentType.EBOOK,
        MOFU,
        CONSIDERATION,
        ("audit-energetique",),
        "Audit énergétique : lire le rapport et décider",
        "Un audit ne vaut que par ce qu’on en fait : hiérarchiser les actions, estimer les aides, "
        "convaincre un comité de direction.",
        GATED,
    ),
    Piece(
        "ebook-consignation",
        ContentType.EBOOK,
        TOFU,
        INTEREST,
        ("securite-machine", "formation"),
        "Consignation : les gestes qui sauvent, les raccourcis qui tuent",
        "Sept accidents évitables racontés sans détour, et la procédure qui les aurait empêchés.",
        GATED,
    ),
    Piece(
        "guide-analyse-vibratoire",
        ContentType.GUIDE,
        MOFU,
        CONSIDERATION,
        ("maintenance-predictive", "capteurs"),
        "Guide de l’analyse vibratoire de premier niveau",
        "Reconnaître un balourd, un défaut d’alignement ou un roulement fatigué sur un spectre, sans "
        "être expert.",
        GATED,
    ),
    Piece(
        "guide-aides-energie",
        ContentType.GUIDE,
        MOFU,
        CONSIDERATION,
        ("audit-energetique",),
        "Aides à l’efficacité énergétique : le guide pratique",
        "Quelles aides pour quels travaux, dans quel ordre déposer les dossiers, quelles erreurs font "
        "tout perdre.",
        GATED,
    ),
    Piece(
        "guide-analyse-risques",
        ContentType.GUIDE,
        MOFU,
        CONSIDERATION,
        ("securite-machine",),
        "Conduire une analyse de risques machine en une journée",
        "Le déroulé, les participants, la grille de cotation et un exemple complet sur un îlot robotisé.",
        GATED,
    ),
    Piece(
        "guide-cahier-des-charges",
        ContentType.GUIDE,
        BOFU,
        DECISION,
        ("maintenance-predictive", "gmao"),
        "Modèle de cahier des charges pour une prestation de maintenance",
        "Un document prêt à compléter : périmètre, indicateurs, pénalités justes, réversibilité.",
        GATED,
    ),
    Piece(
        "infographie-courbe-pf",
        ContentType.INFOGRAPHIC,
        TOFU,
        AWARENESS,
        ("maintenance-predictive",),
        "De la première vibration à la panne : la courbe en une image",
        "Combien de semaines chaque technique de mesure vous laisse pour intervenir.",
    ),
    Piece(
        "infographie-facture",
        ContentType.INFOGRAPHIC,
        TOFU,
        AWARENESS,
        ("audit-energetique",),
        "Où va l’énergie d’un atelier de cinquante personnes",
        "Compresseurs, chauffage, fours, éclairage : la répartition moyenne relevée par nos auditeurs.",
    ),
    Piece(
        "infographie-obligations",
        ContentType.INFOGRAPHIC,
        TOFU,
        AWARENESS,
        ("securite-machine",),
        "Vérifications périodiques : le calendrier de l’année",
        "Levage, pression, électricité, protections : qui vérifie quoi, et quand.",
    ),
    Piece(
        "article-preventif-correctif",
        ContentType.ARTICLE,
        TOFU,
        AWARENESS,
        ("maintenance-predictive",),
        "Préventif, correctif, prédictif : sortir du débat par les chiffres",
        "Trois stratégies, une seule question : que coûte la panne que l’on n’a pas vue venir ?",
    ),
    Piece(
        "article-chaleur-fatale",
        ContentType.ARTICLE,
        TOFU,
        AWARENESS,
        ("audit-energetique",),
        "Récupérer la chaleur des compresseurs : quand est-ce rentable ?",
        "Une règle de trois suffit souvent à savoir s’il faut aller plus loin.",
    ),
    Piece(
        "article-barrieres",
        ContentType.ARTICLE,
        TOFU,
        AWARENESS,
        ("securite-machine",),
        "Barrière immatérielle : cinq erreurs d’implantation fréquentes",
        "La distance de sécurité ne se négocie pas ; voici comment la calculer.",
    ),
    Piece(
        "article-transmission",
        ContentType.ARTICLE,
        TOFU,
        AWARENESS,
        ("formation",),
        "Transmettre le savoir des anciens avant leur départ",
        "Filmer, dessiner, faire faire : trois méthodes essayées dans des ateliers où la moitié de "
        "l’équipe part à la retraite.",
    ),
    Piece(
        "article-tableur",
        ContentType.ARTICLE,
        TOFU,
        AWARENESS,
        ("gmao",),
        "Pourquoi votre tableur de maintenance vous coûte cher",
        "Douze colonnes, trois versions, une personne qui sait : les signes qu’il est temps d’en changer.",
    ),
    Piece(
        "article-passerelle",
        ContentType.ARTICLE,
        TOFU,
        INTEREST,
        ("capteurs",),
        "Remonter des mesures sans toucher aux automates",
        "Une passerelle, un réseau séparé, et l’accord du service informatique : retour sur un déploiement.",
    ),
    Piece(
        "article-arret-aout",
        ContentType.ARTICLE,
        TOFU,
        AWARENESS,
        ("arrets-programmes",),
        "L’arrêt d’août se prépare en février",
        "Pourquoi les sous-traitants que vous voulez sont déjà pris au printemps.",
    ),
    Piece(
        "etude-laiterie",
        ContentType.CASE_STUDY,
        MOFU,
        CONSIDERATION,
        ("maintenance-predictive", "capteurs"),
        "Une laiterie divise par trois ses arrêts de conditionnement",
        "Vingt-six capteurs, quatre mois, deux roulements remplacés à temps : le déroulé et les chiffres.",
    ),
    Piece(
        "etude-fonderie",
        ContentType.CASE_STUDY,
        MOFU,
        CONSIDERATION,
        ("audit-energetique",),
        "Une fonderie économise 410 MWh par an sans investir",
        "Réglages, consignes, fuites : ce qu’un audit bien suivi a changé en une saison.",
    ),
    Piece(
        "etude-emboutissage",
        ContentType.CASE_STUDY,
        MOFU,
        CONSIDERATION,
        ("securite-machine",),
        "Neuf presses remises en conformité en six week-ends",
        "Le planning, les protections choisies, et ce que les opérateurs en disent.",
    ),
    Piece(
        "etude-papeterie",
        ContentType.CASE_STUDY,
        BOFU,
        DECISION,
        ("arrets-programmes",),
        "Grand arrêt d’une papeterie : livré avec neuf heures d’avance",
        "Cent vingt personnes, onze jours, zéro accident : l’organisation heure par heure.",
    ),
    Piece(
        "temoignage-directeur",
        ContentType.TESTIMONIAL,
        BOFU,
        DECISION,
        ("maintenance-predictive",),
        "« Nous avons arrêté de courir » : un directeur de site raconte",
        "Deux ans de contrat, les difficultés du début comprises.",
    ),
    Piece(
        "temoignage-hse",
        ContentType.TESTIMONIAL,
        BOFU,
        DECISION,
        ("securite-machine", "formation"),
        "« Les opérateurs demandent maintenant les protections »",
        "Une responsable HSE sur la façon de faire adhérer trois équipes.",
    ),
    Piece(
        "webinaire-predictif",
        ContentType.WEBINAR,
        MOFU,
        CONSIDERATION,
        ("maintenance-predictive", "capteurs"),
        "Webinaire : prédire une panne en direct",
        "Nous dégradons un moteur devant vous et regardons ce que voient les capteurs. Quarante-cinq "
        "minutes, questions comprises.",
        GATED,
    ),
    Piece(
        "webinaire-energie",
        ContentType.WEBINAR,
        MOFU,
        CONSIDERATION,
        ("audit-energetique",),
        "Webinaire : l’audit énergétique expliqué à ceux qui doivent le lire",
        "Un rapport réel, anonymisé, commenté page à page.",
        GATED,
    ),
    Piece(
        "webinaire-securite",
        ContentType.WEBINAR,
        MOFU,
        CONSIDERATION,
        ("securite-machine",),
        "Webinaire : vos questions sur la conformité des machines",
        "Un ancien préventeur et un intégrateur répondent sans langue de bois.",
        GATED,
    ),
    Piece(
        "video-pose-capteur",
        ContentType.VIDEO,
        TOFU,
        INTEREST,
        ("capteurs",),
        "Vidéo : poser un capteur de vibration en quatre minutes",
        "Préparation, orientation, essai : le geste complet, filmé de près.",
    ),
    Piece(
        "video-thermographie",
        ContentType.VIDEO,
        TOFU,
        INTEREST,
        ("maintenance-predictive", "audit-energetique"),
        "Vidéo : une armoire électrique vue par la caméra thermique",
        "Un serrage oublié se voit à l’œil chaud. Trois exemples.",
    ),
    Piece(
        "video-consignation",
        ContentType.VIDEO,
        TOFU,
        INTEREST,
        ("securite-machine", "formation"),
        "Vidéo : consigner un convoyeur, pas à pas",
        "La procédure complète avec deux intervenants, en six minutes.",
    ),
    Piece(
        "demo-supervision",
        ContentType.DEMO,
        BOFU,
        DECISION,
        ("capteurs", "maintenance-predictive"),
        "Démonstration : le tableau de bord de supervision",
        "Essayez avec les données d’une usine fictive : alertes, tendances, rapports.",
    ),
    Piece(
        "tarifs",
        ContentType.PRICE_LIST,
        BOFU,
        DECISION,
        EVERYTHING,
        "Grille tarifaire des prestations",
        "Journées d’audit, abonnements de surveillance, forfaits de mise en conformité : les prix, sans "
        "« nous consulter ».",
        GATED,
    ),
    Piece(
        "catalogue-formations",
        ContentType.CATALOGUE,
        MOFU,
        CONSIDERATION,
        ("formation",),
        "Catalogue des formations",
        "Analyse vibratoire, consignation, énergie, GMAO : programmes, dates et lieux.",
        GATED,
    ),
    Piece(
        "fiche-passerelle",
        ContentType.DATA_SHEET,
        BOFU,
        DECISION,
        ("capteurs",),
        "Fiche technique : passerelle et capteurs",
        "Protocoles, autonomie, indices de protection, zones classées.",
    ),
    Piece(
        "fiche-contrat",
        ContentType.DATA_SHEET,
        BOFU,
        CONVERSION,
        ("maintenance-predictive", "arrets-programmes"),
        "Fiche : ce que contient un contrat de surveillance",
        "Niveaux de service, délais d’intervention, pièces, conditions de sortie.",
    ),
    Piece(
        "lettre-valbrume",
        ContentType.NEWSLETTER,
        TOFU,
        AWARENESS,
        ("maintenance-predictive", "audit-energetique", "securite-machine"),
        "La lettre de l’atelier",
        "Une fois par mois : un cas réel, un chiffre, une date à retenir.",
    ),
)
BY_CODE = {piece.code: piece for piece in LIBRARY}


def codes(*types: ContentType, topics: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The pieces of some types, those on one of ``topics`` if there are any."""
    pieces = [piece for piece in LIBRARY if piece.type in types]
    fitting = [piece for piece in pieces if set(piece.topics) & set(topics)]
    return tuple(piece.code for piece in fitting or pieces)
