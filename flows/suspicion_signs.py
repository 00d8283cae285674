"""The signs of fraud, as data: what each is called, what is said of it, the lesson that fits, and the wordings that show it.

A clue is one group of wordings, "a|b|c", or two that must stand near each other; all are compared folded, and with the endings of
both languages. Behind ``!`` a wording does not count where it is forbidden: "jangan berikan kode OTP" is no wish for the code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from flows.text import Both

Clue = tuple[str] | tuple[str, str]


@dataclass(frozen=True, slots=True)
class Sign:
    """A sign of fraud.

    Attributes:
        number: stands for it in fences of reminders; never given anew.
        id: stands for it in figures and commands; at most 12 characters.
        name: a few words, for lists.
        hint: what is said of it to the person: what is seen, never what it proves.
        lesson: the lesson that fits.
        weight: what it counts in a message that nobody asked about; from two on it is worth a word.
        clues: wordings that show it; signs of addresses and numbers have rules of their own in flows/suspicion.py.
        unless: wordings near a clue that take its force away.
    """

    number: int
    id: str
    name: Both
    hint: Both
    lesson: str
    weight: int = 1
    clues: tuple[Clue, ...] = ()
    unless: str = ""


_SECRETS = "otp|pin|m pin|mpin|cvv|cvc|password|pasword|sandi|kode verifikasi|kode aktivasi|kode rahasia|kode sms|kode 6 angka|kode 6 digit|kode enam angka|nomor kartu|nomer kartu|masa berlaku kartu"
_PLEASE = "tolong|mohon|segera|silakan|silahkan|harap|harus|wajib|bisa|bantu|pinjam|tulung|nyuwun|enggal|cepat|cepet|gek ndang|kudu|kedah|mangga|monggo|jaluk|njaluk|minta|suruh|disuruh|dikengken"
_BODIES = (
    "bank|bri|bca|bni|bsi|btn|bank mandiri|bank jatim|pln|bpjs|polisi|polsek|polres|kepolisian|kejaksaan|bea cukai|kantor pajak|ditjen pajak|djp|kominfo|"
    "komdigi|telkomsel|indihome|telkom|shopee|tokopedia|lazada|kurir|j t|jnt|j t express|jne|pos indonesia|dukcapil|kemensos|ojk|pegadaian|whatsapp|e tilang|etle"
)
_THREATS = (
    "yth|nasabah|pelanggan|customer|pihak|layanan resmi|pusat|blokir|diblokir|dibekukan|nonaktif|dinonaktifkan|ditangkap|penangkapan|tertahan|ditahan|tilang|"
    "tagihan|menunggak|tunggakan|diputus|verifikasi|update data|pembaruan data|perbarui data|tarif|denda|surat panggilan|terdeteksi|hadiah|undian|narkoba"
)

_ALL = (
    Sign(
        1, "apk",
        Both("Aplikasi (APK)", "Aplikasi (APK)"),
        Both("Ada berkas aplikasi (APK). Undangan, resi, dan surat tilang yang asli bukan aplikasi.",
             "Wonten berkas aplikasi (APK). Undangan, resi, lan surat tilang ingkang asli sanes aplikasi."),
        "aman_apk",
        weight=2,
        clues=(
            ("aplikasi undangan|apk undangan|undangan apk|file apk|berkas apk|format apk|bentuk apk|awujud apk",),
            ("apk", "buka|bukak|bikak|klik|undangan|resi|paket|surat|tilang|foto|file|berkas|tagihan|kirim"),
            ("install|instal|pasang|pasangen|download|unduh", "aplikasi berikut|aplikasi ini|aplikasi iki|aplikasi niki|aplikasi di atas|aplikasi terlampir"),
        ),
    ),
    Sign(
        2, "lookalike",
        Both("Alamat mirip resmi", "Alamat mirip resmi"),
        Both("Alamat tautannya mirip nama resmi, padahal bukan alamat resmi yang saya kenal.",
             "Alamat tautanipun mirip nami resmi, kamangka sanes alamat resmi ingkang kula mangertosi."),
        "aman_tautan_palsu",
        weight=2,
    ),
    Sign(
        3, "otp",
        Both("Minta OTP atau PIN", "Nyuwun OTP utawi PIN"),
        Both("Meminta OTP, PIN, atau kata sandi. Petugas yang asli tidak pernah memintanya.",
             "Nyuwun OTP, PIN, utawi tembung sandi. Petugas ingkang asli mboten nate nyuwun punika."),
        "aman_otp",
        clues=(
            (_SECRETS, "!kirim|kirimi|dikirim|dikirimi|kirimen|berikan|memberikan|beri|kasih|kasihkan|wenehi|sebut|sebutkan|menyebutkan|infokan|informasikan|"
             "masukkan|masukan|memasukkan|isi|isikan|mengisi|diisi|bacakan|balas|minta|meminta|diminta|jaluk|njaluk|dijaluk|nyuwun|lebokna|lebokne|"
             "paring|paringi|paringaken|dipunparingaken|aturi|dipunkirim|dipunisi|screenshot|foto|konfirmasi"),
        ),
    ),
    Sign(
        4, "prize",
        Both("Hadiah atau bantuan", "Hadiah utawi bantuan"),
        Both("Menjanjikan hadiah, undian, atau bantuan.", "Njanjekaken hadiah, undian, utawi bantuan."),
        "aman_tautan_palsu",
        clues=(
            ("selamat anda|pemenang undian|hadiah undian|undian berhadiah|menang undian|menangkan hadiah|memenangkan|klaim hadiah|ambil hadiah|"
             "pengambilan hadiah|hadiah langsung|gebyar hadiah|gebyar undian|mendapat hadiah|mendapatkan hadiah|hadiah utama|angsal hadiah|oleh hadiah|"
             "entuk hadiah|pikantuk hadiah|bagi bagi hadiah|giveaway|pin pemenang|kode pemenang|give away",),
            ("selamat|congratulations|sugeng|nomor|nomer", "pemenang|terpilih|kepilih|menang|beruntung|mendapat hadiah|dapat hadiah|berhak|hadiah"),
            ("anda|panjenengan|sampeyan|jenengan", "dapat hadiah|berhak menerima|berhak mendapatkan|berhak mendapat|menang undian"),
            ("bantuan|bansos|blt|subsidi|kuota gratis|pulsa gratis|saldo gratis", "klik|klaim|klem"),
        ),
    ),
    Sign(
        5, "fee",
        Both("Minta uang dulu", "Nyuwun arta rumiyin"),
        Both("Meminta uang, transfer, pulsa, atau biaya lebih dulu.", "Nyuwun arta, transfer, pulsa, utawi biaya rumiyin."),
        "aman_telanjur_transfer",
        clues=(
            ("uang damai|uang tebusan|mama minta pulsa|deposit awal|setor awal|transfer rumiyin|transfer dhisik|tf dulu|transfer dulu|bayar dulu lewat|pajak hadiah|"
             "biaya pencairan|biaya penebusan",),
            (_PLEASE, "!transfer|tf|kirim uang|kirim dana|kirim duit|kirim arta|kirim pulsa|isi pulsa|belikan pulsa|minta pulsa|setor|top up|topup|mentransfer|ditransfer"),
            ("!transfer|tf|bayar|membayar|mbayar|dibayar|setor|kirim|deposit|dikenakan|lunasi|melunasi",
             "biaya admin|biaya administrasi|uang muka|uang jaminan|biaya pendaftaran|biaya pengiriman|biaya registrasi|bea cukai|norek|no rek|rekening berikut|"
             "rekening ini|rekening niki|rekening iki|rek ini|rek berikut|ke rek|ke rekening|dhateng rekening|nang rekening|neng rekening"),
        ),
    ),
    Sign(
        6, "secret",
        Both("Disuruh merahasiakan", "Dipunkengken wados"),
        Both("Menyuruh Anda diam-diam, atau tidak bertanya kepada orang lain.",
             "Ngengken panjenengan mboten matur utawi nyuwun pirsa dhateng tiyang sanes."),
        "aman_telepon_palsu",
        clues=(
            ("jangan bilang siapa|jangan bilang siapa siapa|jangan bilang siapa2|jangan bilang bilang|jangan beritahu siapa|jangan beritahu siapapun|"
             "jangan beri tahu siapa|jangan beri tahu siapapun|jangan kasih tahu siapa|jangan kasih tau siapa|jangan kasih tau siapa2|jangan cerita|jangan bilang ke|"
             "jangan bilang bapak|jangan bilang ibu|rahasiakan dulu|rahasiakan ini|tolong rahasiakan|mohon rahasiakan|jangan sampai ada yang tahu|"
             "jangan tutup telepon|jangan tutup telpon|jangan ditutup telepon|jangan ditutup telpon|telepon jangan ditutup|telpon jangan ditutup|"
             "aja kandha|ojo kondo|ojo kandha|ojo omong|aja omong|aja ngomong|ojo ngomong|aja crita|ojo cerito|ampun crios|ampun cariyos|"
             "ampun matur sinten|ampun matur dhateng sinten|ampun dipuncriyosaken|ampun dipuncariyosaken|ampun wicanten",),
        ),
        unless="otp|kode|pin|sandi|password",
    ),
    Sign(
        7, "loan",
        Both("Pinjaman kilat", "Pinjaman kilat"),
        Both("Menawarkan pinjaman cepat atau tanpa syarat. Tanyakan izinnya ke OJK, telepon 157.",
             "Nawakaken pinjaman cepet utawi tanpa syarat. Ijinipun dipuntangletaken dhateng OJK, telpon 157."),
        "aman_pinjol",
        clues=(
            ("tanpa bi checking|tanpa slik|pinjaman kilat|dana kilat|cair tanpa syarat|cair tanpa jaminan|dana cepat cair",),
            ("pinjol|pinjaman|pinjaman online|dana|dana tunai|kredit|utangan|silihan|sambutan|utang",
             "cair|langsung cair|tanpa syarat|tanpa jaminan|tanpa agunan|tanpa survei|tanpa survey|cukup ktp|hanya ktp|modal ktp|mung ktp|namung ktp"),
        ),
    ),
    Sign(
        8, "gambling",
        Both("Judi online", "Judi online"),
        Both("Mengajak berjudi atau main slot.", "Ngajak judi utawi main slot."),
        "aman_judi",
        clues=(
            ("slot gacor|maxwin|bonus new member|rtp live|link alternatif|agen slot|situs slot|link slot|bandar slot|slot88|jp paus",),
            ("slot|zeus|scatter", "gacor|deposit|depo|bonus|wd|jackpot|rtp|zeus|scatter|menang"),
            ("judi|judi online|judol|togel|casino|kasino|taruhan", "!daftar|deposit|depo|bonus|klik|link|gacor|jackpot|gabung|main sekarang|dijamin menang"),
        ),
    ),
    Sign(
        9, "profit",
        Both("Untung pasti", "Bathi mesthi"),
        Both("Menjanjikan untung yang cepat atau pasti.", "Njanjekaken bathi ingkang cepet utawi mesthi."),
        "aman_investasi",
        clues=(
            ("robot trading|modal kecil untung besar|uang kembali dua kali lipat|like youtube|like and subscribe dibayar|tugas like",),
            ("untung|keuntungan|profit|komisi|cuan|bathi|bonus", "per hari|perhari|sehari|setiap hari|tiap hari|saben dina|saben dinten|dijamin|pasti|mesthi|tanpa risiko|tanpa resiko"),
        ),
    ),
    Sign(
        10, "urgent",
        Both("Didesak waktu", "Dipunoyak wekdal"),
        Both("Mendesak Anda buru-buru, atau mengancam akan diblokir, diputus, atau hangus.",
             "Ngoyak panjenengan supados kesesa, utawi ngancam badhe dipunblokir, dipunputus, utawi hangus."),
        "budaya_cek_hoaks",
        clues=(
            ("hari ini juga|sekarang juga|saat ini juga|1x24 jam|1 x 24 jam|2x24 jam|1 kali 24 jam|waktu 24 jam|dalam 24 jam|akan diblokir|akan hangus|akan dibekukan|"
             "akan dinonaktifkan|akan diputus|sebelum diblokir|sebelum hangus|sebelum dihapus|kuota terbatas|terakhir hari ini|dinten niki ugi|dina iki uga|"
             "saiki uga|sakmenika ugi|badhe dipunblokir|bakal diblokir|arep diblokir|badhe hangus|sakderengipun dipunblokir|sebarkan sebelum|viralkan",),
            ("segera|cepat|cepetan|buruan|enggal|gek ndang|ndang|ayo", "sebelum|sakderengipun|saderengipun|sadurunge|diblokir|hangus|ditutup|diputus|klik|klaim|konfirmasi|verifikasi|transfer"),
        ),
    ),
    Sign(
        11, "short_link",
        Both("Tautan pendek", "Tautan cekak"),
        Both("Tautannya dipendekkan, jadi tujuan aslinya tidak kelihatan.", "Tautanipun dipuncekak, dados tujuan aslinipun mboten ketingal."),
        "aman_tautan_palsu",
    ),
    Sign(
        12, "authority",
        Both("Mengaku instansi", "Ngaken instansi"),
        Both("Memakai nama bank, kurir, polisi, PLN, atau instansi. Nama mudah ditiru.",
             "Ngginakaken nami bank, kurir, polisi, PLN, utawi instansi. Nami gampil dipuntiru."),
        "aman_telepon_palsu",
        weight=0,
        clues=((_BODIES, _THREATS),),
    ),
    Sign(
        13, "number",
        Both("Nomor asing atau baru", "Nomer asing utawi enggal"),
        Both("Memakai nomor luar negeri, atau mengaku bernomor baru.", "Ngginakaken nomer manca nagari, utawi ngaken nomeripun enggal."),
        "aman_telepon_palsu",
        weight=0,
        clues=(("nomor baru|nomer baru|nomor saya yang baru|nomer anyar|nomer kula enggal|nomer enggal|nomor wa baru|no baru|no wa baru|no hp baru|ganti nomor|"
                "ganti nomer|gantos nomer|pakai nomor teman|pake nomor teman|hp rusak|hp ku rusak|hpku rusak|hp saya rusak|hp kula risak",),),
    ),
    Sign(
        14, "link",
        Both("Ada tautan", "Wonten tautan"),
        Both("Ada tautan yang minta dibuka.", "Wonten tautan ingkang nyuwun dipunbikak."),
        "aman_tautan_palsu",
        clues=(("klik tautan|klik link|klik di sini|klik disini|klik wonten mriki|klik ning kene|buka tautan|buka link|bukak link|bikak tautan|bikak link|link berikut|"
                "tautan berikut|link di bawah|tautan di bawah|link niki|link iki|link ini|tautan ini|tautan niki",),),
    ),
)  # fmt: skip
SIGNS: Mapping[str, Sign] = MappingProxyType({sign.id: sign for sign in _ALL})

# What sounds like a clue and is none.
HARMLESS = ("pin lokasi", "share pin", "pin bb", "bank sampah", "polisi tidur", "bank soal", "cash bank")
# Before a wording it forbids it.
FORBIDDING = (
    "jangan",
    "jgn",
    "jangn",
    "ojo",
    "aja",
    "ampun",
    "sampun",
    "tidak",
    "tdk",
    "tak",
    "gak",
    "ora",
    "mboten",
    "dilarang",
    "rahasiakan",
)
