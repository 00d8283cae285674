"""Looks at a message for signs of fraud: pure rules over its words and addresses. They are hints, never a verdict.

Nothing of the message is kept: what comes out are the ids of signs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from flows.hosts import is_known, is_shortener, list_hosts, looks_official
from flows.spelling import fold
from flows.suspicion_signs import FORBIDDING, HARMLESS, SIGNS, Sign

MOST_CHARS = 4000  # as long as a message gets (handlers/messages.py); what is beyond is not looked at
NEAR_WORDS = 8  # so close two wordings of one clue stand
MOST_HITS = 40  # of one wording that are looked at
_FORBIDDEN_WORDS = 3  # so far before a wording stands what forbids it
_WORTH_A_WORD = 2  # the weights of the signs together
_FEWEST_WORDS = 4  # of a message sent on
_ABOUT_WORDS = 5  # so far before the question stands that somebody would like to learn about it
_BESIDES_WORDS = 4  # so many words beside the question are the message itself

_ENDINGS = ("nya", "ne", "e", "ipun", "mu", "ku", "kan", "in", "na", "en", "aken", "lah")
_APK = re.compile(r"\w\.apk\b")
_FOREIGN = re.compile(r"(?<![\w+])(?:\+|00)(?!62)[1-9]\d{0,2}[\s.-]?\d[\d\s.-]{5,14}\d")


def _wordings(group: str) -> re.Pattern[str]:
    """Compile "a|b|c" so that it finds each as whole words of a folded text, with an ending or without."""
    words = sorted({fold(each) for each in group.split("|")}, key=len, reverse=True)
    return re.compile(rf"(?<!\S)(?:{'|'.join(map(re.escape, words))})(?:{'|'.join(_ENDINGS)})?(?!\S)")


def _heads(group: str) -> frozenset[str]:
    """Give the words with which the wordings of a group begin: where none of them stands, none needs to be looked for."""
    return frozenset(fold(each).split()[0] for each in group.removeprefix("!").split("|"))


_Groups = tuple[tuple[bool, re.Pattern[str]], ...]
_CLUES: tuple[tuple[Sign, tuple[frozenset[str], ...], _Groups], ...] = tuple(
    (
        sign,
        tuple(map(_heads, clue)),
        tuple((group.startswith("!"), _wordings(group.removeprefix("!"))) for group in clue),
    )
    for sign in SIGNS.values()
    for clue in sign.clues
)
_UNLESS = {sign.id: _wordings(sign.unless) for sign in SIGNS.values() if sign.unless}
_FORBIDS = _wordings("|".join(FORBIDDING))
_HARMLESS = _wordings("|".join(HARMLESS))

_WHAT = "penipuan|penipu|tipuan|tipu tipu|modus penipuan|modus tipu|hoaks|hoax|hoak|hoaxs|scam|phishing|ngapusi|apus apus|goroh"
_DOUBTFUL = "asli|palsu|benar|bener|beneran|leres|aman|saestu"
_THIS = "ini|iki|niki|menika|punika|tersebut"
_ASKED = "apa|apakah|opo|napa|nopo|menapa|punapa"
_OR_NOT = "bukan|dudu|sanes|mboten|ora|gak|ga|tidak|tdk|nggak"
_MESSAGE = "pesan|pesen|wa|sms|chat|link|tautan|kabar|info|berita|pawartos|undangan|nomor|nomer|telepon|telpon"


def _any_of(group: str) -> str:
    return f"(?:{'|'.join(sorted({fold(each) for each in group.split('|')}, key=len, reverse=True))})"


_QUESTION = re.compile(
    "(?<!\\S)(?:"
    + "|".join(
        (
            rf"^(?:(?:{_any_of('tolong|mohon|min|admin|pak|bu|mas|mbak|kak|mbok|tulung|nyuwun|bisa|saged|bantu')}) ){{0,3}}"
            rf"cek (?:{_any_of('hoaks|hoax|pesan|pesen|penipuan|link|tautan')})(?: {_any_of(_THIS)})?",
            rf"{_any_of(_ASKED)} (?:\S+ ){{0,3}}?{_any_of(_THIS)} (?:\S+ ){{0,2}}?{_any_of(_WHAT)}(?: {_any_of(_ASKED)})?(?: {_any_of(_OR_NOT)})?",
            rf"{_any_of(_ASKED)} (?:{_any_of(_DOUBTFUL)} )?{_any_of(_MESSAGE)} {_any_of(_THIS)} {_any_of(_DOUBTFUL)}",
            rf"{_any_of(_THIS)} (?:\S+ )?{_any_of(_WHAT)} (?:(?:{_any_of(_ASKED)}|{_any_of('atau|utawa|utawi')}) )?{_any_of(_OR_NOT + '|kah|ya|nggih')}",
            rf"{_any_of(_WHAT)} {_any_of(_OR_NOT)} {_any_of(_THIS)}",
            rf"{_any_of(_WHAT)} (?:{_any_of(_ASKED)}|{_any_of('atau|utawa|utawi')}) (?:{_any_of(_OR_NOT)}|{_any_of(_DOUBTFUL)})",
            rf"(?:{_any_of(_THIS)} )?{_any_of(_DOUBTFUL)} (?:{_any_of(_ASKED)}|{_any_of('atau|utawa|utawi')}) (?:{_any_of(_WHAT)}|{_any_of('palsu')})",
            rf"{_any_of('penipuankah|penipuan kah|hoakskah')}",
        )
    )
    + ")(?!\\S)"
)
_LEARNS = _wordings(
    "bedain|membedakan|bedakan|mbedakna|bedakna|bedakne|mbedakne|mbedakaken|ngerti|mangertos|ngerteni|mengenali|kenali|ciri|cara|caranipun|kuis|tes|belajar|"
    "sinau|ajari|materi|warahi"
)
# Somebody tells what has happened to them: not a message sent on, and nothing to be judged.
_OWN_STORY = _wordings(
    "tertipu|ketipu|ditipu|kena tipu|kenek tipu|keno tipu|kapusan|diapusi|dipunapusi|kenging tipu|dibajak|terlanjur|telanjur|kebacut|kadung|kelajeng|uang saya|"
    "uangku|duitku|dhuwitku|arta kula|melapor|melaporkan|lapor|nglaporke"
)


def find_signs(text: str) -> tuple[str, ...]:
    """List the ids of the signs in a message, in the order of SIGNS."""
    seen = text[:MOST_CHARS]
    hosts = list_hosts(seen)
    folded = _HARMLESS.sub(" ", fold(seen))
    words = _stems(folded)
    found = {
        sign.id for sign, heads, clue in _CLUES if not any(map(words.isdisjoint, heads)) and _has(folded, sign, clue)
    }
    if _APK.search(seen.lower()):
        found.add("apk")
    if any(map(looks_official, hosts)):
        found.add("lookalike")
    if any(map(is_shortener, hosts)):
        found.add("short_link")
    if _FOREIGN.search(seen):
        found.add("number")
    strange = [host for host in hosts if not is_known(host)]
    if strange:
        found.add("link")
    if (hosts and not strange) or found & {"lookalike", "short_link"}:  # an official address, or it is said already
        found.discard("link")
    return tuple(sign for sign in SIGNS if sign in found)


def keep_known(ids: Iterable[str]) -> tuple[str, ...]:
    """Keep the ids of signs there are, in their order."""
    kept = set(ids)
    return tuple(sign for sign in SIGNS if sign in kept)


def asks_whether_fraud(text: str) -> bool:
    """Tell whether a message asks whether something is fraud or a hoax."""
    folded = fold(text[:MOST_CHARS])
    found = _QUESTION.search(folded)
    return found is not None and not _LEARNS.search(" ".join(folded[: found.start()].split()[-_ABOUT_WORDS:]))


def brings_message(text: str) -> bool:
    """Tell whether a message has more in it than that question: the message to be looked at."""
    besides = _QUESTION.sub(" ", fold(text[:MOST_CHARS]), count=1)
    return len(besides.split()) >= _BESIDES_WORDS or bool(list_hosts(text[:MOST_CHARS]))


def looks_sent_on(text: str) -> bool:
    """Tell whether a message that asks nothing has signs enough to speak of them: and is nobody's own story."""
    if len(text.split()) < _FEWEST_WORDS or _OWN_STORY.search(fold(text[:MOST_CHARS])):
        return False
    return sum(SIGNS[sign].weight for sign in find_signs(text)) >= _WORTH_A_WORD


def carries_bait(text: str) -> bool:
    """Tell whether a message names a strange address or an app's file: seldom somebody's own words."""
    seen = text[:MOST_CHARS]
    return _APK.search(seen.lower()) is not None or not all(map(is_known, list_hosts(seen)))


def _stems(folded: str) -> set[str]:
    """List the words of a folded text, with their endings and without."""
    words = set(folded.split())
    return words | {word.removesuffix(ending) for word in words for ending in _ENDINGS if word.endswith(ending)}


def _has(folded: str, sign: Sign, clue: _Groups) -> bool:
    """Tell whether the groups of a clue stand in a folded text, near each other."""
    places = [list(_places(folded, wording, forbidden=may_be_forbidden)) for may_be_forbidden, wording in clue]
    if not all(places):
        return False
    first = places[0] if len(places) == 1 else [here for here in places[0] if _is_near(here, places[1])]
    if sign.id in _UNLESS and first:
        against = list(_places(folded, _UNLESS[sign.id], forbidden=False))
        first = [here for here in first if not _is_near(here, against)]
    return bool(first)


def _places(folded: str, wording: re.Pattern[str], *, forbidden: bool) -> Iterator[int]:
    """Find where a wording stands, in words from the beginning; where ``forbidden``, leave out what the words before it forbid."""
    for count, found in enumerate(wording.finditer(folded)):
        if count == MOST_HITS:
            return
        before = folded[: found.start()]
        if forbidden and _FORBIDS.search(" ".join(before.split()[-_FORBIDDEN_WORDS:])):
            continue
        yield before.count(" ")


def _is_near(here: int, others: Iterable[int]) -> bool:
    return any(abs(here - other) <= NEAR_WORDS for other in others)
