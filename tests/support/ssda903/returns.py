"""Returns made by hand: an episode is a line, a return a list of children."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from support.ssda903.forms import columns, write_csv
from support.ssda903.plain_rows import Raw


def episode(line: str) -> dict[str, str]:
    """An episode's cells.

    ``start, reason, legal status, place/provider, address`` and, where it has ended, its end and
    the reason, such as ``01/05/2017 S C2 U6/PR1 a1 01/07/2017 X1``. An address is the number of a
    provider (URN); one that is no ``a…`` is the home's and the placement's postcode, with ``>``
    between them and ``_`` for the space.
    """
    start, reason, status, place, address, *end = line.split()
    made = {"decom": start, "rne": reason, "ls": status, "cin": "N1"}
    made["place"], made["place_provider"] = place.split("/")
    if address.startswith("a"):
        made["urn"] = f"SC{address[1:]:0>6}"
    else:
        made["home_post"], made["pl_post"] = address.replace("_", " ").split(">")
    return made | dict(zip(("dec", "rec"), end, strict=False))


@dataclass
class Made:
    """A return in the making."""

    raw: Raw = field(default_factory=lambda: {"header": [], "episodes": []})

    def child(self, child: str, born: str, *episodes: str, upn: str = "UN1") -> Made:
        """Add a child with its episodes."""
        self.add("header", child, dob=born, sex="1", ethnic="WBRI", upn=upn)
        for line in episodes:
            self.add("episodes", child, **episode(line))
        return self

    def add(self, module: str, child: str, **cells: str) -> Made:
        """Add a row of a module."""
        assert cells.keys() <= set(columns(module)), module
        rows = self.raw.setdefault(module, [])
        rows.append({"child": child, "row": str(len(rows) + 2)} | cells)
        return self

    def module(self, name: str) -> Made:
        """Have a module in the return, though it may be without rows."""
        self.raw.setdefault(name, [])
        return self

    def write(self, folder: Path) -> Path:
        """Write it as a folder of CSV files."""
        return write_csv(self.raw, folder)


ALL_MODULES = (
    "reviews",
    "uasc",
    "oc2",
    "oc3",
    "ad1",
    "placed_for_adoption",
    "missing",
)


def made(*without: str) -> Made:
    """A return with all modules that indicators are made of, but for some."""
    empty = Made()
    for name in ALL_MODULES:
        if name not in without:
            empty.module(name)
    return empty


# Three years of one authority. Months count back from 31 March 2018; each child is there for one
# trap, said above it. What counts of it on 31 March 2018 is in `EXPECTED` below.


def return_of_2016() -> Made:
    """1 April 2015 to 31 March 2016."""
    return (
        made()
        .child("REENTRY", "01/02/2008", "01/06/2015 S C2 U6/PR1 a1 10/01/2016 E4A")
        .child("TOOLATE", "01/02/2008", "01/06/2015 S C2 U6/PR1 a1 10/01/2016 E4A")
        .child("ADOPTED", "01/06/2015", "01/03/2016 S C2 U6/PR1 a1")
    )


def return_of_2017() -> Made:
    """1 April 2016 to 31 March 2017."""
    return (
        made()
        .child(
            "CORRECTED",
            "01/02/2008",
            "01/05/2016 S C2 U6/PR1 a1 10/03/2017 X1",
            "10/03/2017 P C2 K2/PR4 a2",
        )
        .child("CLOSED", "01/02/2008", "10/01/2017 S C2 U6/PR1 a1")
        .child("VANISHED", "01/02/2008", "01/02/2017 S C2 K2/PR5 a1")
        .child("LATE_END", "01/02/2008", "01/02/2017 S C2 U6/PR2 a1")
        .child("SGO", "01/02/2008", "01/02/2017 S C2 U3/PR2 a1")
        .child("WAS_UASC", "01/02/2001", "01/09/2016 S C2 H5/PR4 a1")
        .child(
            "ADOPTED",
            "01/06/2015",
            "01/03/2016 S C2 U6/PR1 a1 20/10/2016 X1",
            "20/10/2016 B E1 A6/PR1 a2",
        )
        .add("uasc", "WAS_UASC", sex="1", duc="01/12/2017")
        .add("placed_for_adoption", "ADOPTED", date_placed="01/09/2016")
        .add("reviews", "LATE_END", review="31/03/2017", review_code="PN1")
        .child("L_22", "15/06/1995")
        .add("oc3", "L_22", in_touch="YES", activ="F2", accom="U1")
    )


def return_of_2018() -> Made:
    """1 April 2017 to 31 March 2018."""
    book = made()
    _placements(book)
    _chains(book)
    _unaccompanied(book)
    _adoptions(book)
    _facts(book)
    _care_leavers(book)
    return book


def _placements(book: Made) -> None:
    # T at the same address: one placement. P makes the second, though the address stays: no 3.
    book.child(
        "SAME_CARER",
        "01/02/2008",
        "01/05/2017 S C2 U6/PR1 a1 01/07/2017 X1",
        "01/07/2017 T C2 U6/PR1 a1 01/09/2017 X1",
        "01/09/2017 T C2 U6/PR1 a1 01/11/2017 X1",
        "01/11/2017 P C2 U6/PR1 a1",
    )
    # the same carer moves house twice: three placements
    book.child(
        "CARER_MOVES",
        "01/02/2008",
        "01/05/2017 S C2 U6/PR1 a1 01/07/2017 X1",
        "01/07/2017 T C2 U6/PR1 a2 01/09/2017 X1",
        "01/09/2017 T C2 U6/PR1 a3",
    )
    # L is the legal status alone: two placements
    book.child(
        "STATUS_ONLY",
        "01/02/2008",
        "01/05/2017 S C1 U4/PR4 a1 01/06/2017 X1",
        "01/06/2017 L C2 U4/PR4 a1 01/08/2017 X1",
        "01/08/2017 L V2 U4/PR4 a1 01/10/2017 X1",
        "01/10/2017 P V2 U4/PR4 a2",
    )
    # in hospital and back: the placement goes on, two placements and a temporary one
    book.child(
        "HOSPITAL",
        "01/02/2008",
        "01/05/2017 S C2 U6/PR1 a1 01/08/2017 X1",
        "01/08/2017 P C2 T1/PR3 a9 10/08/2017 X1",
        "10/08/2017 P C2 U6/PR1 a1 01/12/2017 X1",
        "01/12/2017 P C2 R1/PR5 a2",
    )
    # in hospital still: of all placements in force the only one, neither foster nor residential
    book.child(
        "STILL_AWAY",
        "01/02/2008",
        "01/05/2017 S C2 U6/PR1 a1 20/03/2018 X1",
        "20/03/2018 P C2 T1/PR3 a9",
    )
    # Maidstone to Canterbury: 24 miles. Maidstone to Chatham: 7 miles, in Medway.
    book.child("FAR", "01/02/2008", "01/05/2017 S C2 U6/PR1 ME14_1XQ>CT1_2EH")
    book.child("NEAR", "01/02/2008", "01/05/2017 S C2 U6/PR1 ME14_1XQ>ME4_4TR")


def _chains(book: Made) -> None:
    # the later return has other dates: three placements after 31 March 2017, the last with PR1
    book.child(
        "CORRECTED",
        "01/02/2008",
        "01/05/2016 S C2 U6/PR1 a1 05/04/2017 X1",
        "05/04/2017 P C2 U4/PR4 a2 01/10/2017 X1",
        "01/10/2017 P C2 U4/PR1 a3",
    )
    # open in the return before, where care started two days earlier; closed in this one
    book.child("CLOSED", "01/02/2008", "12/01/2017 S C2 U6/PR1 a1 15/08/2017 E4A")
    # it ends after the year: in care on 31 March, and has not left
    book.child("LATE_END", "01/02/2008", "01/02/2017 S C2 U6/PR2 a1 05/04/2018 E45")
    book.child("SGO", "01/02/2008", "01/02/2017 S C2 U3/PR2 a1 10/10/2017 E46")
    # 24 months after 10 January 2016 is 10 January 2018
    book.child("REENTRY", "01/02/2008", "09/01/2018 S C2 U6/PR1 a1")
    book.child("TOOLATE", "01/02/2008", "11/01/2018 S C2 U6/PR1 a1")
    # one child under two ids: both are counted, both are named
    book.child("TWIN_A", "01/02/2008", "01/05/2017 S C2 U6/PR1 a1", upn="A123456789012")
    book.child("TWIN_B", "01/02/2008", "01/06/2017 S C2 U6/PR1 a1", upn="A123456789012")
    # short breaks are nobody's care, even where they turn into care within the period
    book.child("SHORT_V3", "01/02/2008", "01/05/2017 S V3 K2/PR4 a1")
    book.child(
        "SHORT_V4",
        "01/02/2008",
        "01/06/2017 S V4 K2/PR4 a1 01/12/2017 X1",
        "01/12/2017 L C2 K2/PR4 a1",
    )
    # the first episode known is no start: in care, and nothing is measured from that day
    book.child("NO_START", "01/02/2008", "01/06/2017 P C2 U6/PR2 a1")


def _unaccompanied(book: Made) -> None:
    # ceased before the day; ceases later; ceases on the day, which counts still
    book.child("WAS_UASC", "01/02/2001", "01/09/2016 S C2 H5/PR4 a1")
    book.child("IS_UASC", "01/02/2001", "01/09/2017 S C2 K2/PR4 a1")
    book.child("LAST_DAY", "31/03/2001", "01/09/2017 S C2 U6/PR1 a1")
    book.add("uasc", "WAS_UASC", sex="1", duc="01/12/2017")
    book.add("uasc", "IS_UASC", sex="1", duc="01/02/2019")
    book.add("uasc", "LAST_DAY", sex="1", duc="31/03/2018")


def _adoptions(book: Made) -> None:
    book.child("ADOPTED", "01/06/2015", "20/10/2016 B E1 A6/PR1 a2 20/11/2017 E11")
    book.add("placed_for_adoption", "ADOPTED", date_placed="01/09/2016")
    book.add(
        "ad1",
        "ADOPTED",
        date_int="01/09/2016",
        date_match="01/10/2016",
        foster_care="0",
        nb_adoptr="2",
        sex_adoptr="MF",
        ls_adoptr="L11",
    )
    book.child("DECIDED", "01/06/2015", "01/05/2017 S C2 U6/PR1 a1")
    book.add("placed_for_adoption", "DECIDED", date_placed="01/11/2017")
    book.child("REVERSED", "01/06/2015", "01/05/2017 S C2 U6/PR1 a1")
    book.add(
        "placed_for_adoption",
        "REVERSED",
        date_placed="01/06/2017",
        date_placed_ceased="01/02/2018",
        reason_placed_ceased="RD4",
    )


def _facts(book: Made) -> None:
    # in care for twelve months: CORRECTED, LATE_END, WAS_UASC. The others' OC2 does not count.
    checks = {
        "CORRECTED": ("1", "1", "8"),
        "LATE_END": ("1", "0", "15"),
        "WAS_UASC": ("0", "0", ""),
    }
    for child, (assessed, teeth, score) in {**checks, "FAR": ("1", "1", "40")}.items():
        book.add(
            "oc2",
            child,
            sdq_score=score,
            convicted="0",
            health_check="1",
            teeth_check=teeth,
            health_assessment=assessed,
        )
    # held in the year and asked about: four of LATE_END and one of CLOSED; three took part
    for day, code in (
        ("31/03/2017", "PN1"),  # the day before, which the return before has too
        ("01/04/2017", "PN1"),
        ("01/07/2017", "PN7"),
        ("01/10/2017", "PN0"),  # too young to be asked
        ("01/01/2018", "PN6"),
        ("31/03/2018", "PN4"),
        ("03/04/2018", "PN1"),  # not known yet
    ):
        book.add("reviews", "LATE_END", review=day, review_code=code)
    book.add("reviews", "CLOSED", review="01/08/2017", review_code="PN5")
    book.add("reviews", "SHORT_V3", review="01/08/2017", review_code="PN1")
    # missing from care in March: FAR, twice, and NEAR; others away, before, or not in care
    book.add("missing", "FAR", missing="M", mis_start="02/03/2018", mis_end="03/03/2018")
    book.add("missing", "FAR", missing="M", mis_start="12/03/2018", mis_end="13/03/2018")
    book.add("missing", "NEAR", missing="M", mis_start="31/03/2018")
    book.add("missing", "LATE_END", missing="A", mis_start="12/03/2018", mis_end="13/03/2018")
    book.add("missing", "CORRECTED", missing="M", mis_start="27/02/2018", mis_end="03/03/2018")
    book.add("missing", "CLOSED", missing="M", mis_start="12/03/2018", mis_end="13/03/2018")


def _care_leavers(book: Made) -> None:
    """Birthdays from the 17th to the 21st within the year; of 29 February on 1 March."""
    for child, born, touch, activity, home in (
        ("L_18", "15/06/1999", "YES", "F2", "U1"),
        ("L_LEAP", "29/02/2000", "YES", "G5", "B2"),
        ("L_LAST", "31/03/2001", "YES", "P1", "K1"),
        ("L_NO", "15/06/1998", "NO", "0", "0"),
        ("L_DIED", "15/06/1998", "DIED", "0", "0"),
        ("L_22", "15/06/1995", "YES", "F2", "U1"),
        ("L_16", "15/06/2001", "YES", "F2", "U1"),
    ):
        book.child(child, born)
        book.add("oc3", child, in_touch=touch, activ=activity, accom=home)


# kpi, cohort: numerator, denominator
EXPECTED: dict[tuple[str, str], tuple[float, float | None]] = {
    # SAME_CARER CARER_MOVES STATUS_ONLY HOSPITAL STILL_AWAY FAR NEAR, CORRECTED LATE_END REENTRY
    # TOOLATE TWIN_A TWIN_B NO_START, WAS_UASC IS_UASC LAST_DAY, DECIDED REVERSED: 7 + 7 + 3 + 2
    ("number_of_cic", "all"): (19, None),
    # but for IS_UASC and LAST_DAY
    ("number_of_cic", "exc_uasc"): (17, None),
    ("cic_per_10000", "all"): (19, 333045),
    ("cic_per_10000_exc_uasc", "all"): (17, 333045),
    # CARER_MOVES, CORRECTED
    ("three_or_more_placements_12m", "all"): (2, 19),
    ("three_or_more_placements_12m", "exc_uasc"): (2, 17),
    # not HOSPITAL (R1), STILL_AWAY (T1), WAS_UASC (H5): 14, of them STATUS_ONLY with PR4, LATE_END
    # and NO_START with PR2
    ("in_house_foster_exc_uasc", "all"): (11, 14),
    # FAR and NEAR are the only ones with postcodes
    ("within_20_miles_exc_uasc", "all"): (1, 2),
    # HOSPITAL with PR5, IS_UASC with PR4
    ("private_voluntary_residential", "all"): (2, 19),
    ("private_voluntary_residential", "exc_uasc"): (1, 17),
    ("residential_placements_exc_uasc", "all"): (1, 17),
    # NEAR is in Medway, Kent's neighbour
    ("placed_outside_area", "all"): (1, 19),
    ("placed_outside_area_exc_neighbour", "all"): (0, 19),
    # CLOSED, SGO, ADOPTED; and VANISHED, whose open episode ends where the return begins without it
    ("left_care_adopted", "all"): (1, 4),
    ("left_care_adopted_exc_uasc", "all"): (1, 4),
    ("left_care_sgo", "all"): (1, 4),
    # all but ADOPTED are 5 or over; all four are White British; the order of ADOPTED is of 2016
    ("left_care_adopted_aged_5_plus", "all"): (0, 3),
    ("left_care_adopted_bme", "all"): (0, 0),
    ("adm_to_placement_order_days", "all"): (0, 0),
    # decided on 1 September 2016, placed on 20 October 2016
    ("placed_within_12_months_of_adm", "all"): (1, 1),
    # starts from 1 April 2017: 7 of placements; REENTRY TOOLATE TWIN_A TWIN_B; IS_UASC LAST_DAY;
    # DECIDED REVERSED. Not NO_START, nor the short breaks.
    ("re_entry_within_24m", "all"): (1, 15),
    # CORRECTED, LATE_END, WAS_UASC
    ("health_assessment_in_timescale", "all"): (2, 3),
    ("dental_check_in_timescale", "all"): (1, 3),
    ("sdq_average", "all"): (23, 2),
    # 01/04 PN1 yes, 01/07 PN7 no, 01/01 PN6 yes, 31/03 PN4 no; CLOSED PN5 yes
    ("participation_at_reviews", "all"): (3, 5),
    ("cic_missing_in_month", "all"): (2, None),
    # DECIDED
    ("agency_decision_not_placed", "all"): (1, 19),
    ("awaiting_adoption", "all"): (1, 19),
    # ADOPTED, DECIDED, REVERSED: reversed
    ("plan_changed_from_adoption", "all"): (1, 3),
    # in touch: L_18, L_LEAP, L_LAST; with them L_NO
    ("care_leavers_suitable_accommodation", "all"): (2, 3),
    ("care_leavers_eet", "all"): (2, 3),
    ("care_leavers_in_contact", "all"): (3, 4),
}
