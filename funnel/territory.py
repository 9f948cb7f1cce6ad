"""Where a French postcode lies: its department and region. Plain values.

Departments and regions by INSEE's official geographic code (2026: 101 departments, 18 regions, and the
overseas collectivities). A postcode begins with its department's number but for Corsica and overseas; the
few dozen communes served by a post office of the neighbouring department go with their post office.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

REGIONS: Mapping[str, str] = {
    "84": "Auvergne-Rhône-Alpes",
    "27": "Bourgogne-Franche-Comté",
    "53": "Bretagne",
    "24": "Centre-Val de Loire",
    "94": "Corse",
    "44": "Grand Est",
    "32": "Hauts-de-France",
    "11": "Île-de-France",
    "28": "Normandie",
    "75": "Nouvelle-Aquitaine",
    "76": "Occitanie",
    "52": "Pays de la Loire",
    "93": "Provence-Alpes-Côte d’Azur",
    "01": "Guadeloupe",
    "02": "Martinique",
    "03": "Guyane",
    "04": "La Réunion",
    "06": "Mayotte",
}

# Region → its departments: number and name.
_OF_REGION: Mapping[str, str] = {
    "84": "01 Ain|03 Allier|07 Ardèche|15 Cantal|26 Drôme|38 Isère|42 Loire|43 Haute-Loire|63 Puy-de-Dôme"
    "|69 Rhône|73 Savoie|74 Haute-Savoie",
    "27": "21 Côte-d’Or|25 Doubs|39 Jura|58 Nièvre|70 Haute-Saône|71 Saône-et-Loire|89 Yonne"
    "|90 Territoire de Belfort",
    "53": "22 Côtes-d’Armor|29 Finistère|35 Ille-et-Vilaine|56 Morbihan",
    "24": "18 Cher|28 Eure-et-Loir|36 Indre|37 Indre-et-Loire|41 Loir-et-Cher|45 Loiret",
    "94": "2A Corse-du-Sud|2B Haute-Corse",
    "44": "08 Ardennes|10 Aube|51 Marne|52 Haute-Marne|54 Meurthe-et-Moselle|55 Meuse|57 Moselle"
    "|67 Bas-Rhin|68 Haut-Rhin|88 Vosges",
    "32": "02 Aisne|59 Nord|60 Oise|62 Pas-de-Calais|80 Somme",
    "11": "75 Paris|77 Seine-et-Marne|78 Yvelines|91 Essonne|92 Hauts-de-Seine|93 Seine-Saint-Denis"
    "|94 Val-de-Marne|95 Val-d’Oise",
    "28": "14 Calvados|27 Eure|50 Manche|61 Orne|76 Seine-Maritime",
    "75": "16 Charente|17 Charente-Maritime|19 Corrèze|23 Creuse|24 Dordogne|33 Gironde|40 Landes"
    "|47 Lot-et-Garonne|64 Pyrénées-Atlantiques|79 Deux-Sèvres|86 Vienne|87 Haute-Vienne",
    "76": "09 Ariège|11 Aude|12 Aveyron|30 Gard|31 Haute-Garonne|32 Gers|34 Hérault|46 Lot|48 Lozère"
    "|65 Hautes-Pyrénées|66 Pyrénées-Orientales|81 Tarn|82 Tarn-et-Garonne",
    "52": "44 Loire-Atlantique|49 Maine-et-Loire|53 Mayenne|72 Sarthe|85 Vendée",
    "93": "04 Alpes-de-Haute-Provence|05 Hautes-Alpes|06 Alpes-Maritimes|13 Bouches-du-Rhône|83 Var"
    "|84 Vaucluse",
    "01": "971 Guadeloupe",
    "02": "972 Martinique",
    "03": "973 Guyane",
    "04": "974 La Réunion",
    "06": "976 Mayotte",
    "": "975 Saint-Pierre-et-Miquelon|977 Saint-Barthélemy|978 Saint-Martin|986 Wallis-et-Futuna"
    "|987 Polynésie française|988 Nouvelle-Calédonie",
}


def _unfold() -> dict[str, tuple[str, str]]:
    """Department → (name, region), in the order of their numbers."""
    found = {}
    for region, departments in _OF_REGION.items():
        for one in departments.split("|"):
            number, _, name = one.partition(" ")
            found[number] = (name, region)
    return dict(sorted(found.items()))


_DEPARTMENTS = _unfold()
DEPARTMENTS: Mapping[str, str] = {number: name for number, (name, _region) in _DEPARTMENTS.items()}

# Postcodes of Guadeloupe's number that belong to collectivities of their own.
_ISLANDS: Mapping[str, str] = {"97133": "977", "97150": "978", "97098": "977", "97052": "978"}


def department_of(postcode: str, country: str = "FR") -> str:
    """The department's number ("75", "2A", "974"); "" for what is not a French postcode.

    A country that is not known counts as France; overseas countries have French postcodes too.
    """
    code = "".join(postcode.split())
    if country not in FRENCH or len(code) != 5 or not (code.isascii() and code.isdigit()):
        return ""
    if code in _ISLANDS:
        return _ISLANDS[code]
    if code.startswith("20"):
        return _corsican(code)
    number = code[:3] if code.startswith(("97", "98")) else code[:2]
    return number if number in _DEPARTMENTS else ""


# ISO 3166-1: France, and the codes that its overseas parts have of their own.
FRENCH = frozenset({"", "FR", "GP", "MQ", "GF", "RE", "YT", "PM", "BL", "MF", "WF", "PF", "NC"})


def _corsican(code: str) -> str:
    """Ajaccio's postcodes begin with 200 and 201, Bastia's with 202 and 206."""
    if code.startswith(("200", "201")):
        return "2A"
    return "2B" if code.startswith(("202", "206")) else ""


def region_of(department: str) -> str:
    """The INSEE code of a department's region; "" for none."""
    return _DEPARTMENTS.get(department, ("", ""))[1]


def region_named(text: str) -> str:
    """The INSEE code of a region written out, whatever its capitals, accents, hyphens; "" for none."""
    return _BY_NAME.get(_plain(text), "")


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(sign for sign in decomposed.casefold() if sign.isalnum())


_BY_NAME: Mapping[str, str] = {_plain(name): code for code, name in REGIONS.items()}
