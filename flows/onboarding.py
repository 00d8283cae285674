"""First contact: language, privacy notice and consent, village."""

from __future__ import annotations

from flows.chat import Chat, Flow, Option
from flows.fields import Pick
from flows.outcomes import Declined, Onboarded, Outcome
from flows.places import Places
from flows.text import N_, Both, paragraphs
from flows.villages import Village
from flows.words import NO_WORDS, YES_WORDS

NOTICE_VERSION = "2026-11.2"  # changes whenever the words of NOTICE change in meaning: consent is recorded with it
FIRST_VERSION = "2026-11"  # read by those whose first contact began before the version was among its facts
# Spoken in both languages at once until the person has chosen one.
CHOOSE_LANGUAGE = Both(
    id="Silakan pilih bahasa.\nMangga milih basa.",
    jv="Silakan pilih bahasa.\nMangga milih basa.",
)
INDONESIAN = Option("id", Both(id="Bahasa Indonesia", jv="Bahasa Indonesia"), ("indonesia", "bahasa", "indo"))
JAVANESE = Option(
    "jv", Both(id="Basa Jawi", jv="Basa Jawi"), ("jawa", "jawi", "boso jowo", "bahasa jawa", "basa jawa", "krama")
)
# The language is only chosen during this flow, so its later texts carry both languages and are spoken in the chosen one.
NOTICE = Both(
    id="Rewang menyimpan nama, desa, dan isi permohonan Anda hanya untuk mengurus layanan ini; pesan lewat di server"
    " Telegram/WhatsApp di luar negeri. Relawan desa yang membantu permohonan Anda ikut membacanya. Anda bisa melihat atau menghapusnya kapan saja: ketik *data saya* atau *hapus data*."
    "\n\nApakah Anda setuju?",
    jv="Rewang nyimpen asma, desa, lan isi panyuwunan panjenengan namung kangge ngurus layanan menika; pesenipun"
    " langkung server Telegram/WhatsApp wonten manca nagari. Relawan desa ingkang mbiyantu panyuwunan panjenengan ugi maos. Panjenengan saged mirsani utawi mbusak kapan kemawon:"
    " ketik *data kula* utawi *busak data*.\n\nMenapa panjenengan sarujuk?",
)
AGREE = Option("yes", Both(id="Setuju", jv="Sarujuk"), ("setuju", "sarujuk", *YES_WORDS))
REFUSE = Option("no", Both(id="Tidak setuju", jv="Mboten sarujuk"), ("tidak setuju", "mboten sarujuk", *NO_WORDS))


def onboarding_flow(places: Places) -> Flow[Outcome]:
    """Make the flow of the first contact."""

    async def flow(chat: Chat) -> Outcome:
        language = await chat.ask("language", CHOOSE_LANGUAGE, Pick((INDONESIAN, JAVANESE)))
        if await chat.ask("consent", NOTICE, Pick((AGREE, REFUSE))) == "no":
            return Declined()
        village = await chat.ask(
            "village",
            paragraphs(N_("Which village are you from? Type its name, share your location, or choose from the list.")),
            Village(places),
        )
        return Onboarded(language, village)

    return flow
