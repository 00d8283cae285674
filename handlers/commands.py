"""The global words: what they are in both languages, and what they do. They come before any open question."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from flows.chat import Json
from flows.codes import VISIT, find_code, is_code
from flows.outcomes import Changed
from flows.spelling import fold
from flows.text import N_
from handlers import erasure, handover, requests, talking, visits
from handlers.outcomes import choose_language, open_case, open_volunteer, settle
from handlers.rights import may_coordinate, may_talk
from handlers.turn import Denied, Tx
from storage import contacts, handovers
from storage.requests import Request, find_request

_WORDS = {
    "menu": ("menu", "menu utama", "menu utami", "beranda", "mulai", "start"),
    "help": ("bantuan", "help", "pitulungan", "cara pakai", "panduan"),
    "back": ("kembali", "wangsul", "balik", "bali", "mundur", "back"),
    "cancel": ("batal", "batalkan", "batalaken", "dibatalkan", "cancel", "ora sido", "mboten sios", "batal mawon"),
    "status": ("status", "cek status", "status permohonan", "status laporan", "permohonan saya", "panyuwunan kula"),
    "stop": ("stop", "berhenti", "mandheg", "kendel", "unsubscribe", "berhenti langganan", "leren langganan", "ampun dikirimi malih"),
    "subscribe": ("langganan", "subscribe", "langganan malih", "langganan lagi"),
    "language": ("bahasa", "basa", "ganti bahasa", "gantos basa", "ganti basa"),
    "indonesian": ("bahasa indonesia", "basa indonesia", "pakai bahasa indonesia"),
    "javanese": ("bahasa jawa", "basa jawa", "basa jawi", "boso jowo", "pakai bahasa jawa", "ngagem basa jawi"),
    "erase": ("hapus data", "hapus_data", "hapus data saya", "busak data", "busak data kula"),
    "data": ("data saya", "data_saya", "data kula", "lihat data saya"),
    "officer": ("petugas", "bicara dengan petugas", "bicara petugas", "matur dhateng petugas", "matur petugas", "operator"),
    "services": ("layanan", "daftar layanan"),
    "complaints": ("lapor", "aduan", "keluhan", "mengadu", "wadul"),
    "village": ("ganti desa", "gantos desa", "ubah desa", "desa saya"),
    "learn": ("belajar", "sinau", "tips"),
    "join": ("daftar relawan", "ndaftar relawan", "jadi relawan", "dados relawan", "gabung relawan"),
    "visit": ("kunjungan", "lapor kunjungan", "lapor kegiatan", "visit"),
    "volunteers": ("volunteers", "relawan", "daftar para relawan"),
    "volunteer": ("volunteer",),
    "desk": ("meja", "meja petugas", "antrean", "antrian", "desk"),
    "close": ("tutup", "tutup obrolan", "close"),
    "open": ("open", "buka", "bikak"),
    "talk": ("talk",),
    "add": ("add", "lengkapi", "jangkepi"),
    "confirm": ("confirm",),
    "reopen": ("reopen",),
}  # fmt: skip
# For a person's own requests and an officer's, these take a code or number behind the word.
_WITH_ARGUMENT = frozenset({"open", "volunteer", "talk", "add", "confirm", "reopen", "status"})
_ONLY_WITH_ARGUMENT = _WITH_ARGUMENT - {"status"}
_BY_WORD = MappingProxyType({fold(word): name for name, words in _WORDS.items() for word in words})
_MOST_CHARS = 48
ALWAYS = frozenset({"cancel", "stop", "officer"})  # get through whatever a question keeps for itself


@dataclass(frozen=True, slots=True)
class Command:
    """A global word, and what stood behind it."""

    name: str
    argument: str = ""


def find_command(text: str) -> Command | None:
    """Find the command a whole message is, with or without a slash."""
    typed = text.strip().removeprefix("/").strip()
    if not typed or len(typed) > _MOST_CHARS:
        return None
    whole = _BY_WORD.get(fold(typed))
    if whole is not None and whole not in _ONLY_WITH_ARGUMENT:
        return Command(whole)
    first, _, rest = typed.partition(" ")
    head = _BY_WORD.get(fold(first))
    if head in _WITH_ARGUMENT and rest.strip() and (find_code(rest) or rest.strip().isdecimal()):
        return Command(head, rest.strip())
    if head == "menu" and text.strip().lower().startswith("/start"):
        return Command("menu", rest.strip())
    return None


def run(tx: Tx, command: Command) -> None:
    """Do what a global word says.

    Raises:
        Denied: the person may not do that.
    """
    _DO[command.name](tx, command.argument)


def _flow(name: str) -> Callable[[Tx, str], None]:
    def begin(tx: Tx, argument: str) -> None:
        del argument
        talking.leave(tx)
        settle(tx, talking.start(tx, name))

    return begin


def _menu(tx: Tx, argument: str) -> None:
    """Show the menu; behind /start a link may name a service: ``layanan-surat_domisili``."""
    talking.leave(tx)
    service = argument.removeprefix("layanan-")
    if argument and service in tx.office.registry.services:
        settle(tx, talking.start(tx, f"request:{service}"))
        return
    settle(tx, talking.start(tx, "menu"))


def _back(tx: Tx, argument: str) -> None:
    conversation = tx.conversation
    if conversation is not None and talking.go_back(tx, conversation):
        return
    _menu(tx, argument)


def _cancel(tx: Tx, argument: str) -> None:
    del argument
    if tx.conversation is None:
        tx.say(N_("There is nothing to cancel."))
    else:
        talking.drop(tx)
        tx.say(N_("Cancelled. Nothing of it is kept."))
    tx.offer(N_("Main menu"), "menu")


def _status(tx: Tx, argument: str) -> None:
    if argument:
        show_code(tx, argument)
        return
    talking.leave(tx)
    settle(tx, talking.start(tx, "my_requests"))


def _stop(tx: Tx, argument: str) -> None:
    del argument
    if tx.person.stopped_at is None:
        contacts.change_contact(tx.connection, tx.person.contact_id, stopped_at=tx.now)
    tx.say(
        N_(
            "Stopped. You get no messages any more that you did not ask for. Answers to your own requests still come. To start again, type *langganan*."
        )
    )
    _ask_again(tx)


def _subscribe(tx: Tx, argument: str) -> None:
    del argument
    contacts.change_contact(tx.connection, tx.person.contact_id, stopped_at=None)
    tx.say(N_("All right, you get news and tips again. To stop, type *stop*."))
    _ask_again(tx)


def _data(tx: Tx, argument: str) -> None:
    del argument
    erasure.tell_data(tx)
    _ask_again(tx)


def _ask_again(tx: Tx) -> None:
    """After something that is no answer, show the open question again; a menu is an offer and can be asked for."""
    if tx.conversation is not None and tx.conversation.flow in talking.OFFERS:
        talking.drop(tx)
        tx.offer(N_("Main menu"), "menu")
    elif tx.conversation is not None:
        settle(tx, talking.answer(tx, tx.conversation, None))


def _speak(language: str) -> Callable[[Tx, str], None]:
    def change(tx: Tx, argument: str) -> None:
        del argument
        choose_language(tx, language)
        _ask_again(tx)

    return change


def _desk(tx: Tx, argument: str) -> None:
    if tx.person.role is None:
        raise Denied(N_("The desk is for officers."), "desk", "desk")
    _flow("desk")(tx, argument)


def _volunteers(tx: Tx, argument: str) -> None:
    """Show officers the volunteers; to others, what it is to become one."""
    _flow("volunteers" if may_coordinate(tx.person) else "volunteer_join")(tx, argument)


def _visit(tx: Tx, argument: str) -> None:
    del argument
    begin_visit(tx, {})


def begin_visit(tx: Tx, given: Mapping[str, Json]) -> None:
    """Let an active volunteer report a visit; tell others how to become one."""
    talking.leave(tx)
    if visits.may_report(tx):
        settle(tx, talking.start(tx, "visit", given))
        return
    tx.say(N_("Visits are reported by volunteers. To become one, type *daftar relawan*."))
    tx.offer(N_("Become a volunteer"), "daftar relawan")
    tx.offer(N_("Main menu"), "menu")


def _volunteer(tx: Tx, argument: str) -> None:
    if not argument.isdecimal():
        raise Denied(N_("There is no such volunteer."), "volunteer", "volunteer")
    talking.leave(tx)
    settle(tx, open_volunteer(tx, int(argument[:18])))


def _talk(tx: Tx, argument: str) -> None:
    if not may_talk(tx.person) or not argument.isdecimal():
        raise Denied(N_("Only officers can take a talk."), "talk", "handover")
    talking.leave(tx)
    handover.take_talk(tx, int(argument[:18]))


def _close(tx: Tx, argument: str) -> None:
    del argument
    talk = handovers.find_open(tx.connection, officer_id=tx.person.contact_id) if tx.person.role else None
    if talk is None:
        tx.say(N_("There is no talk to close."))
        tx.offer(N_("Main menu"), "menu")
        return
    handover.close_talk(tx, talk)


def _open(tx: Tx, argument: str) -> None:
    request = _request(tx, argument)
    if request is None:
        return
    if tx.person.role is None:
        raise Denied(
            N_("Only officers can open that. To see your own requests type *status*."),
            "open",
            f"request {request.code}",
        )
    talking.leave(tx)
    settle(tx, open_case(tx, request))


def _mine(flow: str) -> Callable[[Tx, str], None]:
    def begin(tx: Tx, argument: str) -> None:
        request = _request(tx, argument)
        if request is None:
            return
        if not requests.is_sender(tx, request):
            raise Denied(N_("That is not one of your requests."), flow, f"request {request.code}")
        talking.leave(tx)
        settle(tx, talking.start(tx, flow, {"request": request.id, "code": request.code}))

    return begin


def _confirm(tx: Tx, argument: str) -> None:
    request = _request(tx, argument)
    if request is not None:
        requests.act(tx, Changed(request.id, "confirm"))
        tx.offer(N_("Main menu"), "menu")


def show_code(tx: Tx, text: str) -> None:
    """Show the request whose code stands in a text: to its sender and to staff; to others that it exists is not said."""
    code = find_code(text)
    if code is not None and code.startswith(VISIT):
        visits.show(tx, code)
        tx.offer(N_("Main menu"), "menu")
        return
    request = _request(tx, text)
    if request is None:
        return
    if requests.is_sender(tx, request):
        talking.leave(tx)
        requests.tell_sender_view(tx, request)
    elif tx.person.role is not None:
        _open(tx, text)
    else:
        tx.say(N_("I find no request of yours with that number."))
        tx.offer(N_("My requests"), "status")


def _request(tx: Tx, text: str) -> Request | None:
    code = find_code(text)
    if code is None or not is_code(code):
        tx.say(N_("That number is not quite right: please check each letter and digit. It looks like BLT-7K3F."))
        tx.offer(N_("My requests"), "status")
        return None
    request = find_request(tx.connection, code=code)
    if request is None:
        tx.say(N_("I find no request of yours with that number."))
        tx.offer(N_("My requests"), "status")
    return request


_DO: MappingProxyType[str, Callable[[Tx, str], None]] = MappingProxyType(
    {
        "menu": _menu,
        "help": _flow("help"),
        "back": _back,
        "cancel": _cancel,
        "status": _status,
        "stop": _stop,
        "subscribe": _subscribe,
        "language": _flow("language"),
        "indonesian": _speak("id"),
        "javanese": _speak("jv"),
        "erase": _flow("erase"),
        "data": _data,
        "officer": _flow("officer"),
        "services": _flow("services"),
        "join": _flow("volunteer_join"),
        "volunteers": _volunteers,
        "visit": _visit,
        "volunteer": _volunteer,
        "complaints": _flow("complaints"),
        "village": _flow("village"),
        "learn": _flow("learn"),
        "desk": _desk,
        "close": _close,
        "open": _open,
        "talk": _talk,
        "add": _mine("supplement"),
        "confirm": _confirm,
        "reopen": _mine("reopen"),
    }
)
