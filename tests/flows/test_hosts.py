"""Addresses in a text: found, and judged by their letters alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.hosts import IMITATED, is_known, is_shortener, list_hosts, looks_official


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        ("Buka https://www.bri-tarif.top/konfirmasi?id=1 ya", ["bri-tarif.top"]),
        ("klaim di bit.ly/hadiah, atau s.id/xx.", ["bit.ly", "s.id"]),
        ("(lihat blitarkab.go.id)", ["blitarkab.go.id"]),
        ("HTTPS://BCA.CO.ID@jahat.xyz:8080/login", ["jahat.xyz"]),
        ("hxxps://103.20.1.9/apk", ["103.20.1.9"]),
        ("www.gebyar-poin.blogspot.com", ["gebyar-poin.blogspot.com"]),
        ("kirim ke budi@gmail.com, jam 24.00, Rp 50.000, S.Pd., foto.jpg, dokumen.pdf", []),
        ("sampun dipuntampi.matur nuwun", []),
        ("http:// https://x", []),
    ],
)
def test_hosts_are_found(text: str, hosts: list[str]) -> None:
    assert list_hosts(text) == hosts


@pytest.mark.parametrize(
    "host",
    [
        "bri.co.id.hadiah.top", "bansos-go-id.hadiah.top", "login-bca.com", "bri.com", "shopeehadiah.xyz", "sh0pee.site", "blitarkab.go.ld", "blitarkab-info.com",
        "br1.co.id", "pln-diskon.site", "bpjs-kesehatan-go-id.bantuan.xyz", "whatsapp-verifikasi.club", "tokopedla.com", "xn--bc-xka.co.id", "bса.co.id",
        "posindonesia-paket.click", "kominfo-bantuan.online", "komdigi.web.id", "kemensos-bantu.xyz", "bankmandirl.co.id", "mandiri.co.id.cek.top",
    ],
)  # fmt: skip
def test_a_host_that_only_looks_official_is_told(host: str) -> None:
    assert looks_official(host)


@pytest.mark.parametrize(
    "host",
    [
        *IMITATED, "ib.bri.co.id", "cekbansos.kemensos.go.id", "slorok-garum.desa.id", "oss.go.id", "sman1garum.sch.id", "bit.ly", "s.id", "tokobudi.com", "koperasi-mandiri.com",
        "kompas.com", "shope.ee", "wa.me", "youtu.be", "jne.co.id", "hadiah.top", "forms.gle", "kabarblitar.net", "net.co.id", "indah-jaya.co.id",
    ],
)  # fmt: skip
def test_an_official_or_plain_host_does_not_look_like_one(host: str) -> None:
    assert not looks_official(host)


def test_what_ends_in_an_official_name_without_the_dot_is_not_known() -> None:
    assert is_known("bri.co.id")
    assert is_known("www2.bri.co.id")
    assert not is_known("notbri.co.id")
    assert is_shortener("tinyurl.com")
    assert not is_shortener("tinyurl.com.top")


@given(st.text(st.characters(), max_size=200))
def test_any_text_has_hosts_that_can_be_judged(text: str) -> None:
    for host in list_hosts(text):
        assert isinstance(looks_official(host), bool)
        assert "." in host
