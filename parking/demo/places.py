"""The demo's city: invented people at real street names of Jambi (domain.md 10)."""

from dataclasses import dataclass
from enum import StrEnum


class Character(StrEnum):
    """When a street is busy."""

    SHOPS = "shops"
    MARKET = "market"
    EVENING = "evening"


@dataclass(frozen=True, slots=True)
class Place:
    code: str
    name: str
    road: str
    zone: str
    area_type: str  # "street", "market" or "special"
    character: Character


def _place(
    code: str, name: str, road: str, zone: str, area_type: str = "street",
    character: Character = Character.SHOPS,
) -> Place:  # fmt: skip
    return Place(code, name, road, zone, area_type, character)


PLACES = (
    _place("PSR-01", "Simpang Bata", "Jl. Sultan Thaha", "Pasar", "market", Character.MARKET),
    _place("PSR-02", "Blok A pasar", "Jl. Dr. Sutomo", "Pasar", "market", Character.MARKET),
    _place("PSR-03", "Depan toko kain", "Jl. Raden Mattaher", "Pasar", "market"),
    _place("PSR-04", "Jajaran toko emas", "Jl. Wahidin", "Pasar", "market"),
    _place("KTB-01", "Tugu Keris Siginjai", "Jl. H. Agus Salim", "Kota Baru", "special",
           Character.EVENING),
    _place("KTB-02", "Taman Remaja", "Jl. H. Agus Salim", "Kota Baru", "special",
           Character.EVENING),
    _place("SDR-01", "Jajaran pertokoan", "Jl. Jenderal Sudirman", "Sudirman–Jelutung"),
    _place("SDR-02", "Depan apotek", "Jl. Hayam Wuruk", "Sudirman–Jelutung"),
    _place("SDR-03", "Depan bank", "Jl. Gatot Subroto", "Sudirman–Jelutung"),
    _place("SDR-04", "Deretan ruko", "Jl. M. Husni Thamrin", "Sudirman–Jelutung"),
    _place("SDR-05", "Simpang warung", "Jl. Kolonel Abunjani", "Sudirman–Jelutung"),
    _place("PTH-01", "Rumah makan", "Jl. Dr. Abdul Rachman Saleh", "Pasir Putih–Thehok"),
    _place("PTH-02", "Deretan kafe", "Jl. H. Adam Malik", "Pasir Putih–Thehok", "street",
           Character.EVENING),
    _place("PTH-03", "Toko roti", "Jl. Halim Perdana Kusuma", "Pasir Putih–Thehok"),
    _place("SKH-01", "Deretan bengkel", "Jl. Soekarno Hatta", "Soekarno-Hatta"),
    _place("SPN-01", "Tepi Danau Sipin", "Jl. Jend. A. Thalib", "Sipin–Telanaipura", "special",
           Character.EVENING),
    _place("SPN-02", "Depan kampus", "Jl. Sumantri Brojonegoro", "Sipin–Telanaipura"),
    _place("SPN-03", "Perkantoran", "Jl. Slamet Riyadi", "Sipin–Telanaipura"),
    _place("MYG-01", "Kuliner malam", "Jl. Kapten Pattimura", "Mayang", "street",
           Character.EVENING),
    _place("TLB-01", "Pasar Talang Banjar", "Jl. Orang Kayo Pingai", "Talang Banjar", "market",
           Character.MARKET),
    _place("AUD-01", "Pasar Aur Duri", "Jl. Aur Duri", "Aur Duri", "market", Character.MARKET),
)  # fmt: skip

# Given names with words that are nobody's family name: rivers, hills and trees of the province.
GIVEN = (
    "Andi", "Budi", "Citra", "Dedi", "Eka", "Fitri", "Gunawan", "Hasan", "Indra", "Joko",
    "Kartini", "Lukman", "Murni", "Nasir", "Oki", "Putri", "Qori", "Rahmat", "Sari", "Taufik",
    "Umar", "Vina", "Wahyu", "Yusuf", "Zainal",
)  # fmt: skip
EPITHETS = (
    "Batanghari", "Kerinci", "Masurai", "Merangin", "Tungkal", "Berbak", "Meranti", "Bulian",
    "Tembesi", "Pinang", "Sialang", "Rotan", "Kelapa", "Durian", "Gaharu", "Mangga", "Cempaka",
    "Jelutung", "Nibung",
)  # fmt: skip


def person(number: int) -> str:
    """An invented name, a different one for each number up to 475."""
    given = GIVEN[number % len(GIVEN)]
    return f"{given} {EPITHETS[(number + number // len(GIVEN)) % len(EPITHETS)]}"


def place_of(number: int) -> Place:
    """Where attendant `number` stands. Beyond the list, further spots on the same streets."""
    lap, index = divmod(number, len(PLACES))
    place = PLACES[index]
    if not lap:
        return place
    return Place(
        f"{place.code}{chr(ord('A') + lap - 1)}", f"{place.name} {lap + 1}", place.road,
        place.zone, place.area_type, place.character,
    )  # fmt: skip
