"""Signs of fraud: found in messages as swindlers write them in both languages, and not in what neighbours write."""

from __future__ import annotations

import csv
import json
import time
from datetime import date
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.chat import Json, Stale
from flows.content import SERVICES
from flows.suspicion import asks_whether_fraud, brings_message, carries_bait, find_signs, looks_sent_on
from flows.suspicion_check import FRAUD as SERVICE
from flows.suspicion_check import Seen, Suspect, tell_signs
from flows.suspicion_signs import SIGNS
from flows.text import LANGUAGES
from handlers.render import MOST_CHARS
from tests.talk import REGISTRY, VOICES

FRAUD: list[tuple[str, set[str]]] = [
    ("Kepada Yth Bapak/Ibu, kami mengundang ke pernikahan kami. Silakan buka *Undangan Pernikahan.apk*", {"apk"}),
    ("J&T Express: paket anda tertahan. Lihat foto resi di file LIHAT-PAKET.APK", {"apk", "authority"}),
    ("Surat tilang elektronik, mohon instal aplikasi berikut untuk melihat pelanggaran", {"apk"}),
    ("Monggo dibukak aplikasi undangan niki nggih", {"apk"}),
    ("Kode OTP sudah masuk, mohon sebutkan kode 6 angka untuk verifikasi WhatsApp anda", {"otp"}),
    ("Update data anda: isi nomor kartu, masa berlaku kartu, PIN dan CVV", {"otp"}),
    ("tulung kode verifikasine kirimen nang kene ya mbak", {"otp"}),
    ("Nyuwun tulung kode OTP-nipun dipunkirim mriki", {"otp"}),
    ("PIN ATM panjenengan nyuwun dipunaturi kangge verifikasi bank", {"otp"}),
    ("Selamat! Nomor Anda terpilih sebagai pemenang undian Shopee 12.12, klaim di bit.ly/hadiah-shopee", {"prize", "short_link"}),
    ("Dear customer, SELAMAT ANDA MENDAPAT HADIAH 1 UNIT MOBIL AVANZA. Info www.gebyar-poin2026.blogspot.com", {"prize", "link"}),
    ("Panjenengan angsal hadiah saking BRI 10 yuta. Enggal transfer biaya administrasi dhateng rekening niki", {"prize", "fee", "urgent", "authority"}),
    ("Sampeyan oleh hadiah motor, nanging kudu transfer disik biaya administrasi", {"prize", "fee"}),
    ("Bantuan presiden 2026 Rp 600.000, klik link niki bit.ly/bantuan-presiden", {"prize", "short_link"}),
    ("Ma, HP ku rusak, ini nomor baru. Tolong transfer 2 juta dulu ke rek 123456 an Joko, jangan bilang siapa2", {"fee", "secret", "number"}),
    ("Mama minta pulsa 50 ribu ke nomor ini, penting", {"fee"}),
    ("Polisi: anak bapak ditangkap karena narkoba, segera kirim uang damai 10 juta sekarang juga, jangan tutup telepon", {"fee", "secret", "urgent", "authority"}),
    ("Bu, kula saweg wonten kantor polisi, nyuwun tulung transfer gangsal yuta, ampun matur sinten-sinten", {"fee", "secret"}),
    ("Ojo kandha sapa-sapa yo, iki rahasia", {"secret"}),
    ("Paket anda ditahan bea cukai, bayar biaya pengiriman 350rb ke rekening berikut", {"fee", "authority"}),
    ("Pinjaman online langsung cair 5 menit tanpa syarat tanpa BI checking, hubungi WA ini", {"loan"}),
    ("Dana tunai cukup KTP saja, cair hari ini juga!!", {"loan", "urgent"}),
    ("Butuh utangan cepet? mung KTP, tanpa jaminan", {"loan"}),
    ("SLOT GACOR hari ini! Deposit 10rb bonus 100%, daftar di http://maxwin88.xyz", {"gambling", "link"}),
    ("Judi online paling gacor, daftar saiki entuk bonus", {"gambling"}),
    ("Modal kecil untung besar, profit 10% per hari dijamin, gabung grup telegram kami", {"profit"}),
    ("Lowongan kerja like youtube, komisi tiap hari 500 ribu, deposit awal 200 ribu", {"profit", "fee"}),
    ("PLN: tagihan listrik Anda menunggak, aliran akan diputus hari ini juga. Bayar segera lewat tinyurl.com/plnbayar", {"urgent", "short_link", "authority"}),
    ("Akun mobile banking anda akan diblokir 1x24 jam", {"urgent"}),
    ("Rekening panjenengan badhe dipunblokir, enggal verifikasi wonten mriki", {"urgent"}),
    ("Enggal daftar sakderengipun ditutup, bantuan namung dinten niki", {"urgent"}),
    ("Pelanggan Yth BRI, tarif transfer berubah menjadi Rp150.000/bulan. Isi formulir https://bri-tarif.top/konfirmasi", {"lookalike", "authority"}),
    ("BPJS Kesehatan: Anda berhak menerima bantuan Rp 2.500.000. Cek di bpjs-kesehatan-go-id.bantuan.xyz", {"lookalike", "prize"}),
    ("dikirimi link cek bansos kemensos-bantu.xyz karo pak RT", {"lookalike"}),
    ("Hi, I am HR manager, please add me +44 7911 123456", {"number"}),
    ("Assalamualaikum, iki nomer anyar kula, disimpen nggih", {"number"}),
    ("Silakan klik tautan di bawah untuk melihat foto anda", {"link"}),
]  # fmt: skip
HARMLESS = [
    "Undangan rapat RT besok malam jam 19.30 di rumah Pak Budi, agenda iuran dan kerja bakti",
    "Assalamualaikum bu, posyandu diundur hari Kamis nggih",
    "Bu, uangnya sudah saya transfer ya, suwun",
    "Anak saya juara satu lomba 17 Agustus, senang sekali",
    "Pak, paketnya sudah saya taruh di depan rumah, dari kurir",
    "Kode OTP Anda 482913. JANGAN BERIKAN kode ini kepada siapa pun, termasuk petugas bank.",
    "Bank tidak pernah meminta PIN, CVV, atau kata sandi Anda.",
    "Aja ngekeki kode OTP nang sapa wae",
    "Ampun maringi PIN dhateng tiyang sanes nggih bu",
    "tolong kirim pin lokasi rumah sampeyan",
    "Info pelayanan: Dukcapil Kabupaten Blitar buka Senin sampai Jumat, lihat https://dukcapil.blitarkab.go.id",
    "Syarat KIA ada di blitarkab.go.id, gratis",
    "Video kegiatan kemarin: https://youtu.be/abc123",
    "Setoran bank sampah dilaksanakan hari Minggu di balai dusun",
    "Pasang polisi tidur di depan sekolah sudah selesai",
    "Kula badhe ndamel surat domisili, syaratipun menapa mawon?",
    "jalan depan rumah berlubang besar, tolong segera diperbaiki",
    "Listrik padam sejak pagi di dusun Krajan",
    "acara enggal wonten bale desa, mangga rawuh",
    "Burunge gacor tenan, menang lomba ning Blitar",
    "Mbah wis tuku beras, regane mundhak",
    "Panen lele 50 kilo, yang mau pesan WA saya ya 081234567890",
    "Pengajian malam Jumat di mushola, bawa jajan sekadarnya",
    "BLT desa dibagikan hari Senin jam 9 di balai desa, bawa KTP dan KK",
    "Terima kasih Pak, suratnya sudah jadi",
    "hasil panen saya sehari 20 ribu",
    "Nomor antrean puskesmas bisa diambil lewat Mobile JKN",
]
QUESTIONS = [
    "apa ini penipuan?", "Apakah pesan ini penipuan", "iki penipuan apa dudu?", "iki hoaks opo ora", "menapa pesen niki penipuan?", "niki penipuan nopo sanes nggih",
    "cek hoaks", "tolong cek pesan ini", "pak, ini hoax bukan ya?", "ini asli atau penipuan", "bener opo hoax iki", "apa pesan ini benar?", "WA iki ngapusi opo ora?",
    "punika hoaks menapa mboten", "penipuan bukan ini min?", "apa benar ini modus penipuan", "mbak, cek link iki", "asli opo palsu",
]  # fmt: skip
NO_QUESTIONS = [
    "saya ketipu online, uang hilang 2 juta", "mau lapor penipuan", "sinau bareng cek hoaks, 14 cah", "Tes dong, aku bisa bedain hoaks apa nggak",
    "piye ngertine QRIS iku asli opo palsu", "apa surat ini harus asli?", "apa ini benar kantor desa Salam?", "cara membedakan hoaks apa bukan", "apa syarat KTP ini harus fotokopi asli",
    "cek status", "halo", "ini rumah saya bukan kontrakan", "hoaks kah? garam bisa nyembuhin corona",
]  # fmt: skip


@pytest.mark.parametrize(("text", "signs"), FRAUD)
def test_the_signs_of_a_fraud_are_found(text: str, signs: set[str]) -> None:
    assert set(find_signs(text)) >= signs


def test_every_sign_has_an_example() -> None:
    assert set(SIGNS) == {sign for _, signs in FRAUD for sign in signs}


@pytest.mark.parametrize("text", HARMLESS)
def test_what_neighbours_write_has_no_sign(text: str) -> None:
    assert find_signs(text) == ()


@pytest.mark.parametrize("text", QUESTIONS)
def test_a_question_for_fraud_is_heard(text: str) -> None:
    assert asks_whether_fraud(text)
    assert not brings_message(text), "there is nothing beside it"


@pytest.mark.parametrize("text", QUESTIONS)
def test_the_message_beside_the_question_is_noticed_before_it_and_behind(text: str) -> None:
    assert brings_message(f"{text} Selamat anda mendapat hadiah motor")
    assert asks_whether_fraud(f"{text} Selamat anda mendapat hadiah motor")
    assert brings_message(f"{text} bit.ly/xx")


@pytest.mark.parametrize("text", NO_QUESTIONS)
def test_other_words_are_no_such_question(text: str) -> None:
    assert not asks_whether_fraud(text)


def test_signs_have_ids_lessons_and_a_place_of_their_own() -> None:
    assert len({sign.number for sign in SIGNS.values()}) == len(SIGNS) >= 14
    assert {sign.lesson for sign in SIGNS.values()} <= set(REGISTRY.lessons)
    assert {"budaya_cek_hoaks", "aman_telanjur_transfer", "aman_apk"} <= set(REGISTRY.lessons)
    assert (SERVICES / f"{SERVICE}.yaml").is_file()
    assert all(len(sign.id) <= 12 for sign in SIGNS.values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_answer_is_one_message_and_never_a_verdict(language: str) -> None:
    voice = VOICES.of(language)
    for signs in ((), *((sign,) for sign in SIGNS), tuple(SIGNS)):
        told = voice.say(tell_signs(signs))
        assert len(told) <= MOST_CHARS
        for verdict in ("ini penipuan", "menika penipuan", "ini aman", "menika aman", "pesan asli"):
            assert verdict not in told.lower()


def test_what_villagers_ask_in_their_own_words_goes_on_as_it_is_understood() -> None:
    folder = Path(__file__).parent.parent / "understand"
    files = [(folder / f"{name}.csv").read_text("utf-8") for name in ("train", "dev")]
    texts = [row["text"] for file in files for row in csv.DictReader(file.splitlines())]
    assert len(texts) > 3000
    taken = [text for text in texts if looks_sent_on(text)]
    assert taken, "some tell of an undangan.apk"
    understand = partial(REGISTRY.understanding.understand, today=date(2026, 11, 25))
    meant = {text: understand(text) for text in taken}
    assert [text for text in taken if not meant[text].is_sure] == []
    assert [
        text for text in taken if carries_bait(text) and meant[text].intent in ("complaint", "request_service")
    ] == []


@pytest.mark.parametrize(
    "text",
    [
        "SLOT GACOR hari ini! Deposit 10rb bonus 100%, daftar di http://maxwin88.xyz",
        "Kepada Yth Bapak/Ibu, silakan buka undangan kami di Undangan Pernikahan.apk",
        "Bansos PKH 2026 sudah cair, daftar lewat s.id/bansos-pkh sekarang kuota terbatas",
    ],
)
def test_a_message_sent_on_is_noticed(text: str) -> None:
    assert looks_sent_on(text)
    assert not looks_sent_on(f"Saya ketipu, uang saya hilang. {text}"), "somebody's own story"
    assert not looks_sent_on("buka undangan.apk"), "too short to say"


@pytest.mark.parametrize("seen", [Seen(), Seen(("apk", "link")), Seen(pictures=("a" * 20,))])
def test_what_was_seen_is_kept_as_signs_and_pictures(seen: Seen) -> None:
    field = Suspect()
    assert field.load(json.loads(json.dumps(field.dump(seen)))) == seen


@pytest.mark.parametrize("raw", [None, "text", [], [["apk"]], ["apk", "b"], {"signs": []}])
def test_what_an_earlier_release_kept_otherwise_is_asked_again(raw: Json) -> None:
    with pytest.raises(Stale):
        Suspect().load(raw)


@given(st.one_of(st.text(st.characters(), max_size=400), st.lists(st.sampled_from([text for text, _ in FRAUD]), max_size=4).map(" ".join)))  # fmt: skip
def test_any_text_is_looked_at_and_always_alike(text: str) -> None:
    signs = find_signs(text)
    assert signs == find_signs(text)
    assert set(signs) <= set(SIGNS)
    assert list(signs) == [sign for sign in SIGNS if sign in signs], "the strongest first"
    assert asks_whether_fraud(text) is asks_whether_fraud(text)
    assert brings_message(text) is brings_message(text)
    assert looks_sent_on(text) is looks_sent_on(text)


@pytest.mark.parametrize("piece", ["transfer tolong ", "a.", "a-", "otp kirim jangan ", "+1 ", "1", "apa ini ", "http://", "slot gacor ", "\u0301", "ini "])  # fmt: skip
def test_a_long_text_takes_no_long_time(piece: str) -> None:
    text = (piece * 20_000)[:20_000]
    began = time.perf_counter()
    find_signs(text), asks_whether_fraud(text), brings_message(text), looks_sent_on(text)
    assert time.perf_counter() - began < 2, "most take a hundredth of that"
