"""The stories: who says what. What the bot answers stands in the transcripts beside this file.

A line is ``who: words``. ``[photo]`` and ``[location LAT,LON]`` are sent as such, ``[press LABEL]`` presses a button of the
last message whose label begins so; ``{code}`` is the code of the newest request.
"""

from __future__ import annotations

STORIES: dict[str, dict[str, list[str]]] = {
    "kenalan": {
        "id": ["sri: Assalamualaikum", "sri: 1", "sri: setuju", "sri: Sumberagung", "sri: kembali", "sri: ds sumberagung kec gandusari"],
        "jv": ["sri: kula nuwun", "sri: basa jawa", "sri: sarujuk", "sri: [location -8.021654,111.973073]", "sri: 1"],
    },
    "surat": {
        "id": ["sri: surat domisili", "sri: 1", "sri: setuju", "sri: Salam", "sri: 1", "sri: Sri Lestari", "sri: RT 02 RW 05 Dusun Krajan", "sri: pendaftaran sekolah anak", "sri: 1", "sri: Sri Wahyuni", "sri: ya", "sri: status", "sri: 1"],
        "jv": ["sri: kula nuwun", "sri: 2", "sri: nggih", "sri: Salam", "sri: layanan", "sri: surat domisili", "sri: nggih", "sri: Sri Lestari", "sri: RT 02 RW 05 Dusun Krajan", "sri: ndaftar sekolah lare", "sri: nggih", "sri: {code}"],
    },
    "aduan": {
        "id": ["sri: halo", "sri: 1", "sri: 1", "sri: Salam", "sri: lapor", "sri: jalan", "sri: tanpa nama", "sri: Jalan depan balai desa berlubang besar, bahaya kalau malam", "sri: 1", "sri: sejak dua minggu lalu", "sri: [location -8.0217,111.9731]", "sri: [photo]", "sri: [photo]", "sri: lanjut", "sri: ya"],
        "jv": ["sri: halo", "sri: 2", "sri: 1", "sri: Salam", "sri: wadul", "sri: banjir", "sri: mawi nami kula", "sri: Banyune kali munggah nganti dalan", "sri: mboten", "sri: lewati", "sri: lewati", "sri: nggih"],
    },
    "petugas": {
        "id": ["dewi: +admin", "sri: halo", "sri: 1", "sri: 1", "sri: Salam", "sri: sku", "sri: 1", "sri: Sri Lestari", "sri: Warung Bu Sri", "sri: warung makan", "sri: pinjaman KUR", "sri: ya", "dewi: [press Buka]", "dewi: 1", "dewi: buka {code}", "dewi: [press Minta]", "dewi: Mohon kirim foto tempat usahanya, Bu.", "sri: [press Jawab]", "sri: [photo]", "sri: lanjut", "dewi: buka {code}", "dewi: [press Sudah siap]", "dewi: Silakan diambil besok pukul 08.00 di balai desa.", "sri: [press Ya]", "dewi: meja"],
        "jv": ["dewi: +admin", "sri: halo", "sri: 2", "sri: 1", "sri: Salam", "sri: petugas", "sri: Badhe nyuwun pirsa bab bansos", "dewi: [press Ambil]", "dewi: Sugeng enjing Bu, mangga.", "sri: Kok kula dereng angsal nggih?", "dewi: Mangga rawuh ing balai desa mbenjing.", "dewi: tutup", "sri: matur nuwun"],
    },
    "data": {
        "id": ["sri: halo", "sri: 1", "sri: 1", "sri: Salam", "sri: data saya", "sri: STOP", "sri: langganan", "sri: hapus data", "sri: ya", "sri: halo"],
        "jv": ["sri: halo", "sri: 2", "sri: 1", "sri: Salam", "sri: data kula", "sri: mandheg", "sri: busak data", "sri: nggih"],
    },
    "darurat": {
        "id": ["sri: halo", "sri: 1", "sri: 1", "sri: Salam", "sri: tolong ada kebakaran", "sri: NIK saya 3505123456789012", "sri: asdfgh", "sri: batal", "sri: qwerty zxcv"],
        "jv": ["sri: halo", "sri: 2", "sri: 1", "sri: Salam", "sri: tulung wonten tiyang kelem", "sri: belajar", "sri: bantuan"],
    },
}
