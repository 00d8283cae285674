"""The kernel's own few words: what means yes, no and skip, in both languages and as people type them."""

from __future__ import annotations

from flows.text import N_

YES_WORDS = ("ya", "iya", "y", "yes", "ok", "oke", "betul", "benar", "setuju", "kirim", "sudah", "nggih", "inggih", "injih", "leres",
             "sarujuk", "sampun", "yo", "iyo", "bener")  # fmt: skip
NO_WORDS = (
    "tidak",
    "gak",
    "nggak",
    "tdk",
    "bukan",
    "belum",
    "mboten",
    "boten",
    "ora",
    "dereng",
    "durung",
    "no",
    "salah",
)
# A yes that stands alone says nothing where words are asked for; nor does an "all right", but to "how did it go?".
BARE_YES = ("ya", "iya", "y", "yes", "yup", "nggih", "inggih", "injih", "enggih", "yoi", "ya ya", "nggih nggih")
BARE_WORDS = (*BARE_YES, "ok", "oke", "okey", "baik", "siap", "sip", "sampun", "sudah", "sudah siap", "ya siap", "ok siap", "oke siap",
              "nggih sampun", "nggih siap", "ya sudah", "sae", "setuju", "sarujuk", "lanjut")  # fmt: skip
ADDRESS_WORDS = ("pak", "bapak", "bu", "ibu", "mas", "mbak", "kak", "min", "admin")
LEAVE_OUT_WORDS = ("lewati", "lewat", "skip", "langkungi")
SKIP_WORDS = (*LEAVE_OUT_WORDS, "tidak ada", "mboten wonten", "ora ana", "gak ada", "kosong")
DONE_WORDS = ("lanjut", "selesai", "sudah", "cukup", "lajeng", "rampung", "sampun", "terus", "uwis", "wis")

YES_LABEL = N_("Yes, that is right")
SKIP_LABEL = N_("Skip")
DONE_LABEL = N_("Go on")
REVIEW_HELP = N_("Reply *yes* if everything is right, or the number of the line you want to change.")
REVIEW_ASK = N_("Is everything right? Reply *yes* to send it, or the number of a line to change it.")
