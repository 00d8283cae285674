"""What a message in free text means: its intent, what it names (slots), its language, and how sure that is.

Pure: no network, no clock, no state; the same message is always understood the same way. A message is cut up
(``reading.py``), weighed (``weights.py``), and then four rules are applied: a whole message that is one of the known
phrases is certain; one of nothing but unknown words means nothing; a message that stops, cancels or erases something is acted
on only where its words say so; and one whose words say so is never surely taken for something else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from flows.content import Service
from flows.places import Places
from flows.reading import Reader, Reading, features
from flows.slots import SlotReader, Slots, village_of
from flows.spelling import fold
from flows.vocabulary import load_vocabulary
from flows.weights import Sums, Weights, load_weights

INTENTS = (
    "greet", "menu", "help", "request_service", "complaint", "track_status", "cancel", "back", "yes", "no", "language_change", "tips",
    "quiz", "subscribe", "unsubscribe", "volunteer_register", "volunteer_checkin", "volunteer_recap", "talk_to_human", "delete_my_data",
    "out_of_scope",
)  # fmt: skip
HIGH = 0.88  # from here on it is acted on: right in at least 97 % of the dev split (docs/understanding.md)
MIDDLE = 0.40  # from here on two possibilities are offered; below, the menu
NO_SERVICE = "-"  # the label of a request or complaint that names no service
DANGEROUS = frozenset(("cancel", "unsubscribe", "delete_my_data"))


@dataclass(frozen=True, slots=True)
class Alternative:
    """An intent, and for a request or complaint the service meant, with its probability."""

    intent: str
    confidence: float
    service: str | None = None


@dataclass(frozen=True, slots=True)
class Understood:
    """What a message means.

    ``alternatives`` are the next likely intents, best first; ``services`` the likeliest services of a request or complaint
    whose service is not clear.
    """

    text: str
    language: str
    intent: str
    confidence: float
    slots: Slots
    alternatives: tuple[Alternative, ...]
    services: tuple[str, ...] = ()
    village_code: str = ""  # of the village slot
    village_codes: tuple[str, ...] = ()  # of the villages of one name, where it is not clear which is meant

    @property
    def is_sure(self) -> bool:
        return self.confidence >= HIGH

    @property
    def is_likely(self) -> bool:
        return self.confidence >= MIDDLE


class Understanding:
    """Understands messages; made once from the content, then used for every message."""

    def __init__(self, services: Mapping[str, Service], places: Places, weights: Weights) -> None:
        self._kinds = {service.id: service.kind for service in services.values()}
        vocabulary = load_vocabulary()
        self._reader = Reader(vocabulary, places, names_of(services))
        self._whole = {fold(phrase): intent for intent, phrases in vocabulary.whole.items() for phrase in phrases}
        self._slots = SlotReader(vocabulary.activities)
        self._weights = weights

    def classes(self, text: str) -> frozenset[str]:
        """List the classes of meaning that the words of a message belong to: a fraction of the work of understanding it."""
        return self._reader.classes(text)

    def understand(self, text: str, *, today: date, language: str = "id", asked: bool = False) -> Understood:
        """Say what a message means, in bounded time for a message of any length.

        Args:
            text: the message as typed.
            today: the day in the office's zone, to resolve "kemarin" and "wulan niki".
            language: the contact's own, "id" or "jv": decides where the words tell neither.
            asked: whether a question is open; "ya", "tidak" and "kembali" are then likelier.
        """
        reading = self._reader.read(text)
        sums = self._weights.add_up(features(reading))
        ranked = self._intents(reading, sums, asked=asked)
        best, confidence = ranked[0]
        kinds = dict.fromkeys(_KIND_OF[intent] for intent, _ in ranked[:_MOST_RANKED] if intent in _KIND_OF)
        shares = self._weights.weigh("service", sums) if kinds else {}
        meant = {kind: self._services(reading, shares, kind) for kind in kinds}
        services = meant.get(_KIND_OF.get(best, ""), ())
        service = _only(services)
        village = village_of(reading, best)
        return Understood(
            text=text,
            language=self._language(reading, sums, language),
            intent=best,
            confidence=round(confidence, 4),
            slots=self._slots.read(reading, best, service, today),
            alternatives=tuple(
                Alternative(intent, round(share, 4), _only(meant.get(_KIND_OF.get(intent, ""), ())))
                for intent, share in ranked[1:_MOST_RANKED]
            ),
            services=services,
            village_code=village.code if village else "",
            village_codes=tuple(place.code for place in reading.mentioned.several),
        )

    def _intents(self, reading: Reading, sums: Sums, *, asked: bool) -> list[tuple[str, float]]:
        """Rank the intents by probability, after the rules of caution."""
        whole = self._whole.get(" ".join(reading.words))
        if whole is not None:
            return [(whole, 1.0)]
        if reading.called:  # nothing but the name of a service
            return [("complaint" if self._kinds[reading.called[0]] == "complaint" else "request_service", 1.0)]
        if not reading.words:
            return [("out_of_scope", MIDDLE / 2)]
        shares = self._weights.weigh("intent", sums)
        if asked:
            shares = _likelier(shares)
        ranked = sorted(shares.items(), key=lambda pair: -pair[1])
        best, share = ranked[0]
        if not any(meaning or self._weights.knows(reading.words[at]) for at, _, meaning in reading.phrases):
            share = min(share, MIDDLE / 2)
        said = _dangers(reading)
        refused = best == "no" and not _REFUSING.isdisjoint(reading.classes)  # "gak usah": no, or stop, or cancel?
        if (best in DANGEROUS and best not in said) or (said and best not in said) or refused:
            share = min(share, HIGH - 0.01)
        return [(best, share), *ranked[1:]]

    def _services(self, reading: Reading, shares: Mapping[str, float], kind: str) -> tuple[str, ...]:
        """Find the service of a kind that is meant: one where that is clear, two where it may be either."""
        if reading.called and all(self._kinds[each] == kind for each in reading.called):
            return reading.called[:2]
        unlearned = [each for each in reading.services if each not in shares and self._kinds[each] == kind]
        if unlearned:  # a service added since the weights were learned, called by its name
            return (unlearned[0],)
        fitting = {each: share for each, share in shares.items() if self._kinds.get(each, kind) == kind}
        total = sum(fitting.values())
        best, second = sorted(fitting, key=lambda each: -fitting[each])[:2]
        if fitting[best] >= LIKELY_SERVICE * total:
            return () if best == NO_SERVICE else (best,)
        named = [each for each in reading.services if self._kinds[each] == kind]
        if len(named) == 1:
            return (named[0],)
        either = fitting[best] + fitting[second] >= EITHER_SERVICE * total and NO_SERVICE not in (best, second)
        return (best, second) if either else ()

    def _language(self, reading: Reading, sums: Sums, own: str) -> str:
        """Tell Javanese from Indonesian; the contact's own language decides a tie and what is too short to tell.

        A word or two of Indonesian tell little: names of papers and offices are Indonesian in both languages.
        """
        shares = self._weights.weigh("language", sums)
        best = max(shares, key=lambda each: shares[each])
        short = len(reading.words) < _ENOUGH_WORDS
        return own if shares[best] < _TOLD or (short and best == "id") else best


def load_understanding(services: Mapping[str, Service], places: Places) -> Understanding:
    """Read words and weights, and make ready to understand."""
    return Understanding(services, places, load_weights())


def names_of(services: Mapping[str, Service]) -> dict[str, tuple[str, ...]]:
    """List the names each service goes by in everyday speech."""
    return {each.id: each.words for each in services.values()}


LIKELY_SERVICE = 0.4  # of the probability of all services of the kind
EITHER_SERVICE = 0.5  # likewise, of the two likeliest together
_REFUSING = frozenset(("do not", "no longer", "disturb", "messages", "send messages", "subscribe"))
_ENOUGH_WORDS = 3
_TOLD = 0.6  # the share from which a language is told from the words
_MOST_RANKED = 4  # the intent and its alternatives
_KIND_OF = {"request_service": "service", "complaint": "complaint"}
_LIKELIER_WHEN_ASKED = frozenset(("yes", "no", "back", "cancel"))
_ASKED_FACTOR = 2.0


def _only(services: tuple[str, ...]) -> str | None:
    return services[0] if len(services) == 1 else None


def _likelier(shares: dict[str, float]) -> dict[str, float]:
    """Raise what a person asked something is likelier to say; the shares add up to 1 again."""
    raised = {name: share * (_ASKED_FACTOR if name in _LIKELIER_WHEN_ASKED else 1.0) for name, share in shares.items()}
    total = sum(raised.values())
    return {name: share / total for name, share in raised.items()}


def _dangers(reading: Reading) -> set[str]:
    """List the dangerous intents that the very words of a message speak for."""
    seen = reading.classes
    said = set()
    if "cancel" in seen:
        said.add("cancel")
    if "unsubscribe" in seen or (seen & {"stop", "do not", "disturb", "no longer"} and seen & {"send messages", "messages", "subscribe"}):  # fmt: skip
        said.add("unsubscribe")
    if "delete" in seen and seen & {"data", "consent"}:
        said.add("delete_my_data")
    return said
