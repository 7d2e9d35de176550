"""The page on what each source tells, as it is generated."""

from __future__ import annotations

from functools import cache

from cpw.docgen.indicators import read_indicators
from cpw.docgen.mart_page import read_marts
from cpw.docgen.sources_page import sources_page
from cpw.warehouse.kpi_sources import kpi_sources


@cache
def _page() -> str:
    return sources_page([one.indicator for one in read_indicators()])


def _section(title: str) -> list[str]:
    return _page().split(f"## {title}\n")[1].split("\n## ")[0].splitlines()


def test_every_indicator_has_a_line_by_source() -> None:
    lines = [line for line in _section("Indicators") if line.startswith("| [")]

    assert len(lines) == len(kpi_sources())
    by_id = {line.split("(kpis/")[1].split(".md")[0]: line.split("| ") for line in lines}
    health = [cell.strip() for cell in by_id["health_assessment_in_timescale"][2:]]
    assert health == [
        "yes",
        "yes",
        "header, episodes, OC2, HEALTH_ASSESSMENT",
        "1, March only",
        "national |",
    ]
    stable = [cell.strip() for cell in by_id["same_placement_2y"][2:]]
    assert stable == ["yes", "yes", "header, episodes", "3", "local |"]
    assert [cell.strip(" |") for cell in by_id["complaints_in_month"][2:4]] == ["yes", "no"]
    assert [cell.strip(" |") for cell in by_id["persistent_absence"][2:4]] == ["no", "no"]


def test_the_page_counts_the_indicators_by_source() -> None:
    both = sum(source.in_return == "yes" for source in kpi_sources())

    assert f"Of {len(kpi_sources())} indicators {both} come from both sources" in _page()


def test_differences_stand_with_the_definition_the_figure_has() -> None:
    lines = _section("Where the national and the local definition part")

    contact = next(line for line in lines if "care_leavers_in_contact" in line)
    assert "| national | Nationally: those whom the return says" in contact
    assert not any("number_of_cic.md" in line for line in lines)


def test_what_a_return_lacks_has_its_tables_to_feed() -> None:
    lines = _section("What to feed besides")

    complaints = next(line for line in lines if "complaints_in_month" in line)
    assert complaints.endswith("| the return has no complaints | `local_complaints` |")
    assert not any("number_of_cic.md" in line for line in lines)


def test_every_published_table_says_what_it_has_of_a_return() -> None:
    lines = [line for line in _section("Published tables") if line.startswith("| [")]

    assert [line.split("[")[1].split("]")[0] for line in lines] == [m.name for m in read_marts()]
    assert all(mart.from_return for mart in read_marts())
