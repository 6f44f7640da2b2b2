"""Invented names of companies and people, and their addresses under reserved domains."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import numpy as np

from barograph.synthetic.frame import Ints


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FIRST_HALVES = _words(
    "Alder Amber Arden Ash Beck Birch Blaken Blythe Bram Brier Bright Brook Calder Carn Cedar Clear Cole "
    "Copper Corn Crane Dale Dun East Elder Elm Ever Fair Fal Fen Fern Finch Flint Fox Glen Gold Grey Hale "
    "Hart Haw Hazel Heath Heron High Holm Iron Ivy Juniper Kelp Kings Lark Laurel Linden Lock Long Maple "
    "Marl Merrow Mill Moss North Oak Orchard Otter Pine Quarry Raven Red Ridge Rook Rowan Rush Sand "
    "Silver Sorrel South Spring Star Stone Summer Swan Tarn Thistle Thorn Tide Vale Wake Wander Wester "
    "White Willow Winter Wolf Wood Wren Yarrow Yew"
)
SECOND_HALVES = _words(
    "acre bank beck borne bourne bridge brook burn bury by cliff combe croft dale den dean fell field "
    "ford gate garth ham haven hill holt hurst land ley lock mere mark mont moor more mouth over port "
    "ridge rill shaw shore side stead stone thorpe ton vale view wall ward water way well wick wold worth "
    "yard"
)
LINES = _words(
    "Analytics Apparel Aviation Beverages Biotech Capital Ceramics Clinics Components Consulting Dental "
    "Devices Diagnostics Education Electronics Energy Engineering Events Farms Fasteners Films Foods "
    "Freight Furniture Games Glass Health Homes Hotels Insurance Labs Legal Logistics Machines Marine "
    "Media Metals Mobility Motors Optics Packaging Paper Partners Parts Pharma Plastics Press Properties "
    "Publishing Rail Recruiting Retail Robotics Security Software Solar Sports Studios Systems Telecom "
    "Textiles Timber Tools Toys Trading Travel Utilities Ventures Water"
)
GIVEN = _words(
    "Aaliyah Adaeze Aiko Alejandra Amara Amir Ana Anders Anjali Arash Astrid Ayodele Beatriz Benedikt "
    "Bilal Camille Carlos Chen Chiara Dagny Daniel Deepa Dimitri Eilidh Elif Emeka Esther Farah Fatima "
    "Felix Freya Gabriel Giulia Hana Haruto Hugo Ibrahim Ines Ingrid Isabel Jamal Jiho Joao Jonas Kamala "
    "Karim Kofi Laila Lars Leila Liam Lucia Mai Marek Mariam Mateo Mei Mina Nadia Naledi Nikolai Noor "
    "Oluwaseun Olga Omar Paolo Petra Priya Rafael Ravi Rosa Ruth Samir Sanna Sara Sofia Soren Tamar Tariq "
    "Thabo Tomas Valentina Wei Yara Yuki Yusuf Zanele Zofia"
)
FAMILY = _words(
    "Abebe Adeyemi Ahmed Almeida Andersson Bakker Banerjee Bauer Becker Bianchi Boateng Castillo Chaudhry "
    "Chen Cohen Costa Dang Diallo Dubois Eriksen Evans Farouk Fernandes Fischer Fontaine Garcia Gomez "
    "Haddad Hansen Haruki Hassan Hoffmann Ivanova Iyer Jansen Johansson Jung Kaplan Kaur Keller Khan Kim "
    "Kovacs Kowalski Kuznetsov Lam Larsen Levi Lindgren Lopez MacLeod Mbeki Mehta Mendes Moreau Mwangi "
    "Nakamura Ncube Nguyen Novak OConnor Okafor Olsen Ortiz Osei Park Pereira Petrov Popescu Quispe "
    "Rahman Ramos Reyes Rossi Saito Salem Santos Schmidt Sharma Silva Singh Suzuki Tanaka Torres Tran "
    "Vargas Virtanen Wagner Wang Weber Wright Yamamoto Yilmaz Zhang Zielinski"
)

_STEP = 1_299_709
"""Shares no factor with the lengths of the lists: steps of it visit every combination before one repeats."""


def company_names(numbers: Ints, seed: int) -> list[str]:
    """A name for each account number; numbers closer than some 377,000 never share one."""
    combinations = len(FIRST_HALVES) * len(SECOND_HALVES) * len(LINES)
    places = (numbers * _STEP + seed * 104_729) % combinations
    halves, lines = np.divmod(places, len(LINES))
    first, second = np.divmod(halves, len(SECOND_HALVES))
    return [
        f"{FIRST_HALVES[a]}{SECOND_HALVES[b]} {LINES[c]}"
        for a, b, c in zip(first.tolist(), second.tolist(), lines.tolist(), strict=True)
    ]


def people(rng: np.random.Generator, count: int) -> list[str]:
    """Full names; the same name can occur twice, as it does among people."""
    given = rng.integers(0, len(GIVEN), count).tolist()
    family = rng.integers(0, len(FAMILY), count).tolist()
    return [f"{GIVEN[g]} {FAMILY[f]}" for g, f in zip(given, family, strict=True)]


def staff(role: str, count: int, seed: int) -> list[str]:
    """Distinct work addresses of the company's own people, all under example.com."""
    first = {"csm": 0, "am": 6_000, "support": 8_000}[role]
    addresses = []
    for number in range(first, first + count):
        given, family = divmod((number * _STEP + seed * 31) % (len(GIVEN) * len(FAMILY)), len(FAMILY))
        addresses.append(f"{GIVEN[given]}.{FAMILY[family]}@example.com".lower())
    return addresses


def slug(name: str) -> str:
    """A name as an identifier or a host name: lower case, words joined by hyphens."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")


def domains(names: Sequence[str]) -> list[str]:
    """A host name for each company under the reserved top-level domain `.example`."""
    return [f"{slug(name)}.example" for name in names]


def address(person: str, domain: str) -> str:
    """A person's e-mail address at a company."""
    return f"{slug(person).replace('-', '.')}@{domain}"
