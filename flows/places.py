"""Villages (first cut, replaced by the full search)."""
from __future__ import annotations
import csv
from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt
from pathlib import Path
from flows.spelling import fold
@dataclass(frozen=True, slots=True)
class Place:
    code: str
    kind: str
    name: str
    district: str
    district_code: str
    latitude: float
    longitude: float
    @property
    def full_name(self) -> str:
        return f"{ {'village':'Desa','ward':'Kelurahan','district':'Kecamatan'}[self.kind]} {self.name}" + ("" if self.kind=="district" else f", Kec. {self.district}")
@dataclass(frozen=True, slots=True)
class One:
    place: Place
    city: bool = False
@dataclass(frozen=True, slots=True)
class Several:
    places: tuple[Place, ...]
    district: Place | None = None
    city: bool = False
@dataclass(frozen=True, slots=True)
class District:
    district: Place
    villages: tuple[Place, ...]
@dataclass(frozen=True, slots=True)
class City:
    name: str
@dataclass(frozen=True, slots=True)
class Nothing:
    suggestions: tuple[Place, ...] = ()
Found = One | Several | District | City | Nothing
class Places:
    def __init__(self, places: list[Place]) -> None:
        self._by_code = {p.code: p for p in places}
        self._all = places
    def find(self, typed: str) -> Found:
        w = fold(typed[:100]).removeprefix("desa ").replace(" ", "")
        vs = tuple(p for p in self._all if p.kind != "district" and fold(p.name).replace(" ", "") == w)
        ds = [p for p in self._all if p.kind == "district" and fold(p.name) == w]
        if len(vs) == 1 and not ds:
            return One(vs[0])
        if vs:
            return Several(vs, ds[0] if ds else None)
        if ds:
            return District(ds[0], self.villages_of(ds[0].code))
        return Nothing()
    def get(self, code: str) -> Place:
        return self._by_code[code]
    def find_code(self, code: str) -> Place | None:
        return self._by_code.get(code)
    def districts(self) -> tuple[Place, ...]:
        return tuple(sorted((p for p in self._all if p.kind == "district"), key=lambda p: p.name))
    def villages_of(self, code: str) -> tuple[Place, ...]:
        return tuple(sorted((p for p in self._all if p.kind != "district" and p.district_code == code), key=lambda p: p.name))
    def nearest(self, latitude: float, longitude: float, count: int = 3) -> list[tuple[Place, float]]:
        def km(p: Place) -> float:
            a, b = radians(latitude), radians(p.latitude)
            h = sin((a-b)/2)**2 + cos(a)*cos(b)*sin(radians(longitude-p.longitude)/2)**2
            return 12742*asin(sqrt(h))
        return sorted(((p, km(p)) for p in self._all if p.kind != "district"), key=lambda x: x[1])[:count]
    def is_near(self, latitude: float, longitude: float) -> bool:
        return self.nearest(latitude, longitude, 1)[0][1] < 15
def load_places() -> Places:
    with (Path(__file__).parent / "places.csv").open() as f:
        rows = list(csv.DictReader(line for line in f if not line.startswith("#")))
    d = {r["code"]: r["name"] for r in rows if r["kind"] == "district"}
    return Places([Place(r["code"], r["kind"], r["name"], d[r["code"][:8]], r["code"][:8], float(r["latitude"]), float(r["longitude"])) for r in rows])
