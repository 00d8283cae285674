"""The addresses of the web in a text: whose they are, whether one is shortened, and whether one only looks official.

Nothing is opened or looked up: an address is judged by its letters alone.
"""

from __future__ import annotations

import re

from flows.spelling import edits_between

# Officials that swindlers like to imitate.
IMITATED = (
    "bri.co.id", "bca.co.id", "klikbca.com", "mandiri.co.id", "bankmandiri.co.id", "bni.co.id", "btn.co.id", "bankbsi.co.id",
    "bankjatim.co.id", "pegadaian.co.id", "pln.co.id", "posindonesia.co.id", "shopee.co.id", "tokopedia.com", "lazada.co.id",
    "whatsapp.com", "telkomsel.com", "indihome.co.id", "facebook.com", "instagram.com", "bpjs-kesehatan.go.id",
    "bpjsketenagakerjaan.go.id", "kominfo.go.id", "komdigi.go.id", "kemensos.go.id", "dukcapil.kemendagri.go.id", "blitarkab.go.id",
)  # fmt: skip
# What else need not be pointed at. The first ones are given to public bodies alone (pandi.id: Kebijakan Umum Nama Domain .id).
_KNOWN = (
    "go.id", "desa.id", "mil.id", "ac.id", "sch.id", "jne.co.id", "jet.co.id", "dana.id", "ovo.id", "gojek.com", "grab.com", "wa.me",
    "shope.ee", "tokopedia.link", "fb.watch", "fb.me", "youtube.com", "youtu.be", "tiktok.com", "telegram.org", "kompas.com",
    "detik.com", "turnbackhoax.id", "cekfakta.com",
)  # fmt: skip
_SHORTENERS = frozenset((
    "bit.ly", "s.id", "tinyurl.com", "cutt.ly", "t.ly", "t.co", "rebrand.ly", "is.gd", "v.gd", "shorturl.at", "rb.gy", "goo.gl",
    "ow.ly", "lynk.id", "linktr.ee", "heylink.me", "tiny.cc", "bitly.com", "shorten.is", "clck.ru", "short.gy", "tiny.one",
    "urlz.fr",
))  # fmt: skip
# The ends of addresses written without https://; behind others, "besok.terima kasih" and "S.Pd" are no addresses.
_ENDS = frozenset((
    "com", "net", "org", "id", "info", "biz", "xyz", "top", "site", "online", "store", "shop", "click", "link", "live", "club",
    "vip", "pro", "icu", "app", "io", "co", "me", "ly", "gl", "gd", "cc", "gy", "ru", "fr", "page", "dev", "asia", "website",
    "space", "fun", "win", "bet", "buzz", "cyou", "sbs", "cfd", "lol", "monster", "digital", "cloud", "group", "world", "today",
    "blog", "one", "tk", "ml", "ga", "cf", "gq",
))  # fmt: skip
_GOVERNMENT = "go.id"
_ORDINARY = frozenset(("mandiri", "dukcapil"))  # "mandiri" is a word of every day; dukcapil is listed below
_BRANDS = frozenset(
    {name.split(".")[0] for name in IMITATED} - _ORDINARY
    | {"bpjs", "brimo", "livin", "dukcapil", "kemensos", "prakerja"}
)
_LONG_BRAND_CHARS = 6  # from here on a brand inside a longer word is no chance: shopeehadiah
_LONG_NAME_CHARS = 12  # two letters may differ
_LETTERS = str.maketrans("01345", "oleas")  # digits that stand for letters
_ADDRESS = re.compile(
    r"h(?:tt|xx)ps?://(?P<rest>\S{1,300})"
    r"|(?<![\w.@/-])(?P<bare>(?:[\w-]{1,63}\.){1,8}(?P<end>[a-z]{2,12}))(?![\w@-])"
)
_AFTER_HOST = re.compile(r"[/?#\\\"'<>()*,;]")


def list_hosts(text: str) -> list[str]:
    """List the hosts of the addresses in a text, in lower case, in their order."""
    hosts = []
    for found in _ADDRESS.finditer(text.lower()):
        rest = found["rest"]
        if rest is not None:
            hosts.append(_AFTER_HOST.split(rest, maxsplit=1)[0].rpartition("@")[2].partition(":")[0].strip("."))
        elif found["end"] in _ENDS:
            hosts.append(found["bare"])
    return [host.removeprefix("www.") for host in hosts if "." in host]


def is_known(host: str) -> bool:
    """Tell whether a host is an official's or a well-known one, or inside of one."""
    return any(host == name or host.endswith(f".{name}") for name in (*IMITATED, *_KNOWN))


def is_shortener(host: str) -> bool:
    """Tell whether a host's addresses lead somewhere else."""
    return host in _SHORTENERS


def looks_official(host: str) -> bool:
    """Tell whether a host resembles an official's and is not it.

    By the official name inside another (bri.co.id.hadiah.top, bansos-go-id.top), by a brand in it (login-bca.com,
    shopeehadiah.xyz), by a letter or two (blitarkab.go.ld, br1.co.id), or by letters of other scripts.
    """
    if is_known(host):
        return False
    if not host.isascii() or "xn--" in host:
        return True
    inside = f".{host.replace('-', '.')}."
    plain = host.translate(_LETTERS)
    words = {word for each in (host, plain) for word in re.split(r"[.-]", each)}
    return (
        any(f".{name.replace('-', '.')}." in inside for name in (*IMITATED, _GOVERNMENT))
        or not words.isdisjoint(_BRANDS)
        or any(brand in word for word in words for brand in _BRANDS if len(brand) >= _LONG_BRAND_CHARS)
        or any(edits_between(host, name) <= 1 + (len(name) >= _LONG_NAME_CHARS) for name in IMITATED)
    )
