"""The main menu and the lists it leads to."""

from __future__ import annotations

from collections.abc import Mapping

from flows.chat import Chat, Flow, Option
from flows.content import Service
from flows.fields import Pick
from flows.outcomes import Nothing, Open, Outcome, Resume
from flows.text import N_, Both, Text, lines, paragraphs

SERVICES = Option(
    "services", N_("Services and letters"), ("layanan", "surat", "ladosan", "layanan surat", "urus surat")
)
COMPLAINT = Option(
    "complaints", N_("Complain or report"), ("aduan", "lapor", "keluhan", "mengadu", "wadul", "wadulan", "laporan")
)
MINE = Option(
    "my_requests",
    N_("My requests"),
    ("permohonan saya", "status", "permohonan", "panyuwunan", "panyuwunan kula", "laporan saya"),
)
LEARN = Option("learn", N_("Learn & quiz"), ("belajar", "sinau", "literasi", "aman", "kuis"))
LANGUAGE = Option("language", N_("Language"), ("bahasa", "basa", "ganti bahasa", "gantos basa"))
HELP = Option("help", N_("Help"), ("bantuan", "pitulungan", "tolong", "tulung"))
OFFICER = Option(
    "officer",
    N_("Talk to an officer"),
    ("petugas", "bicara dengan petugas", "matur dhateng petugas", "orang", "operator"),
)
VISIT = Option("visit", N_("Report a visit"), ("kunjungan", "lapor kunjungan", "visit"))
TASKS = Option("tasks", N_("My tasks"), ("tugas", "tugas saya", "tugas kula", "bantu", "biyantu"))
DESK = Option("desk", N_("Officer's desk"), ("meja petugas", "antrean", "antrian", "queue"))

MOST_LISTED = 10  # rows in a list of WhatsApp

_GROUPS: Mapping[str, tuple[Text, tuple[str, ...]]] = {
    "desa": (N_("Letters from the village"), ("surat", "surat desa", "desa", "kelurahan")),
    "dukcapil": (N_("KTP, KK, certificates"), ("ktp", "kk", "akta", "dukcapil", "kependudukan")),
    "sosial": (N_("Aid and health"), ("bansos", "bpjs", "sosial", "bantuan sosial", "kesehatan")),
    "usaha": (N_("Small business"), ("usaha", "umkm", "nib")),
    "kominfo": (N_("ICT and information"), ("tik", "kominfo", "internet", "informasi", "pelatihan")),
}  # fmt: skip


async def menu(chat: Chat) -> Outcome:
    """Ask what somebody wants. Facts: ``drafts`` [[conversation, title id, title jv], …], ``staff`` and ``volunteer``."""
    drafts = chat.facts.get("drafts")
    resumes = tuple(
        Option(
            f"draft:{number}",
            N_("Go on: {title}", title=Both(str(title_id), str(title_jv))),
            ("lanjut", "lanjutkan", "lajengaken"),
        )
        for number, title_id, title_jv in (
            draft for draft in (drafts if isinstance(drafts, list) else []) if isinstance(draft, list)
        )
    )
    field = (VISIT, TASKS) if chat.facts.get("volunteer") else ()
    desk = (DESK,) if chat.facts.get("staff") else ()
    hidden = (LANGUAGE,) if field or desk else ()  # makes room: their list is longer, and they know the word
    usual = (SERVICES, COMPLAINT, MINE, LEARN, LANGUAGE, HELP, OFFICER)
    options = (*field, *(option for option in usual if option not in hidden), *desk, *resumes)[:MOST_LISTED]
    choice = await chat.ask(
        "choice",
        N_("*Main menu*\nWhat can I help you with? Press a choice, or type its number or name."),
        Pick(options, hidden=hidden, per_page=MOST_LISTED),
    )
    if choice.startswith("draft:"):
        return Resume(int(choice.removeprefix("draft:")))
    return Open(choice)


def services_flow(services: Mapping[str, Service]) -> Flow[Outcome]:
    """Make the flow that finds a service: by group, or by typing any of its names at any point."""
    offered = [service for service in services.values() if service.kind == "service"]

    async def flow(chat: Chat) -> Outcome:
        groups = tuple(
            Option(group, label, words)
            for group, (label, words) in _GROUPS.items()
            if any(s.group == group for s in offered)
        )
        direct = tuple(_option(service) for service in offered)
        group = await chat.ask(
            "group",
            N_("Which service? Choose a kind, or type what you need, for example *surat domisili*."),
            Pick(groups, hidden=direct),
        )
        if group in services:
            return Open(f"request:{group}")
        inside = tuple(_option(service) for service in offered if service.group == group)
        chosen = await chat.ask("service", N_("Which one do you need?"), Pick(inside, hidden=direct))
        return Open(f"request:{chosen}")

    return flow


def complaints_flow(services: Mapping[str, Service]) -> Flow[Outcome]:
    """Make the flow that finds the kind of a complaint."""
    offered = tuple(_option(service) for service in services.values() if service.kind == "complaint")

    async def flow(chat: Chat) -> Outcome:
        kind = await chat.ask("kind", N_("What is it about?"), Pick(offered, per_page=10))
        return Open(f"request:{kind}")

    return flow


def _option(service: Service) -> Option:
    return Option(service.id, service.short, service.words)


async def help_flow(chat: Chat) -> Outcome:
    """Say how the bot is used. Facts: whether somebody is a ``volunteer``, of the regency's ``office``, or has another ``desk``."""
    chat.say(
        paragraphs(
            N_("*How to use Rewang*\nPress a choice, type its number, or write what you need in your own words."),
            lines(
                N_("• *menu*: the main menu\n• *kembali*: one question back\n• *batal*: stop what we are doing\n• *status*: how far your requests are\n• *belajar*: short lessons, with a quiz\n• *bahasa*: Indonesian or Javanese\n• *petugas*: talk to an officer\n• *hubungkan*: one account for Telegram and WhatsApp\n• *stop*: no more messages you did not ask for\n• *data saya* / *hapus data*: see or erase what is stored"),
                N_("• *cek pesan*: signs of fraud in a message you got\n• *langganan tips*: a short lesson each day or week"),
            ),
            N_("*For volunteers*\n• *kunjungan*: report a visit\n• *tugas*: requests you help with\n• *panduan*: guides of the office\n• *acara*: events, and what you answered\n• *rekap*: your figures") if chat.facts.get("volunteer") else None,
            lines(N_("*For officers*\n• *meja*: who and what is waiting\n• *tinjau*: visits to look at\n• *relawan* / *undang relawan*: volunteers, and inviting more\n• *panduan* / *acara*: publish guides, announce events\n• *rekap*: how the villages do"), N_("• *waspada*: suspicious messages that people had checked")) if chat.facts.get("office") else None,
            N_("*For the village office*\n• *meja*: who and what is waiting") if chat.facts.get("desk") else None,
            N_("Never send your NIK, KK number, OTP or photos of KTP/KK here."),
        )
    )  # fmt: skip
    return Nothing()
