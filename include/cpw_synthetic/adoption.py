"""Permanence: plans for adoption, agency decisions, matches, orders, and special guardianship."""

from __future__ import annotations

from cpw_synthetic.chance import profile
from cpw_synthetic.extract import After, ExtractRow, SyntheticExtract
from cpw_synthetic.lives import AdoptionPath, Period, World


def add_permanence(extract: SyntheticExtract, world: World, period: Period) -> None:
    """Add the permanence row and the adoption plan of a period, where it has any."""
    path = period.adoption
    if period.kind == "sgo":
        _add_guardianship(extract, world, period)
    elif path is not None and period.end > path.decided:
        siblings = profile().draw(world.rng("siblings", period.slot, period.number), "siblings")
        _add_plan(extract, world, period, path, siblings)
        _add_decision(extract, world, period, path, siblings)


def _add_guardianship(extract: SyntheticExtract, world: World, period: Period) -> None:
    rng = world.rng("permanence", period.slot, period.number)
    order = "Child Arrangements Order" if period.reason == "E41" else "Special Guardianship"
    if period.reason not in ("E41", "E45", "E46", "E47", "E48"):
        return
    extract.add(
        "ssd_permanence",
        {
            "perm_table_id": f"PM{period.cla_id[3:]}",
            "perm_person_id": period.person.person_id,
            "perm_cla_id": period.cla_id,
            "perm_part_of_sibling_group": "Y" if rng.random() < 0.4 else "N",
            "perm_permanence_order_date": period.end,
            "perm_permanence_order_type": order,
        },
        known=period.end,
    )


def _add_plan(
    extract: SyntheticExtract, world: World, period: Period, path: AdoptionPath, siblings: str
) -> None:
    rng = world.rng("plan", period.slot, period.number)
    shape = profile()
    together_or_apart = "" if siblings == "none" else siblings.split(":")[0]
    extract.add(
        "local_adoption_plans",
        {
            **plan_row(period, path.initiated, together_or_apart),
            "plan_agreed_at_review_number": int(shape.draw(rng, "plan_agreed_at_review")),
            "parallel_planning": After(
                path.matched or path.reversed_on, "N", shape.draw(rng, "parallel_planning")
            ),
            "matching_panel_date": None if path.matched is None else path.matched - 5,
        },
    )


def plan_row(period: Period, initiated: int, siblings: str) -> ExtractRow:
    """What every plan for adoption holds; ``siblings`` says `TOGETHER`, `APART` or nothing."""
    return {
        "adoption_plan_id": f"AP{period.cla_id[3:]}",
        "person_id": period.person.person_id,
        "cla_id": period.cla_id,
        "plan_initiated_date": initiated,
        "sibling_group_id": f"SG{period.cla_id[3:]}" if siblings else None,
        "sibling_plan": siblings or None,
    }


def _add_decision(
    extract: SyntheticExtract, world: World, period: Period, path: AdoptionPath, siblings: str
) -> None:
    rng = world.rng("permanence", period.slot, period.number)
    shape = profile()
    adopters = shape.draw(rng, "adopters").split(":")
    counts = [int(number) for number in siblings.split(":")[1:]]
    in_group = (counts[0], counts[1]) if counts else None
    adopted = path.placed is not None and period.reason in ("E11", "E12")
    start_of_ffa = period.start + rng.randrange(1, 20) if path.fostering_for_adoption else None
    reason = shape.draw(rng, "reversal_reason")
    if path.reversed_on is not None and path.ordered is None:
        reason = "RD2"
    extract.add(
        "ssd_permanence",
        {
            **decision_row(period, path, in_group, reason, adopted),
            "perm_ffa_cp_decision_date": start_of_ffa,
            "perm_adopter_sex": After(path.placed, adopters[0]),
            "perm_adopter_legal_status": After(path.placed, adopters[1]),
            "perm_number_of_adopters": After(path.placed, int(adopters[2])),
            "perm_placed_foster_carer_date": After(
                path.placed if path.by_carer else None, period.start
            ),
            "perm_placed_ffa_cp_date": start_of_ffa,
            "perm_placement_provider_urn": After(path.placed, f"SC{rng.randrange(10**5, 10**6)}"),
        },
    )


def decision_row(
    period: Period, path: AdoptionPath, siblings: tuple[int, int] | None, reason: str, adopted: bool
) -> ExtractRow:
    """What every agency decision's row holds.

    ``siblings``, of a group of them, are placed together and apart; ``reason`` is a reversal's.
    """
    together, apart = siblings or (0, 0)
    ended = period.end if adopted else None
    return {
        "perm_table_id": f"PM{period.cla_id[3:]}",
        "perm_person_id": period.person.person_id,
        "perm_cla_id": period.cla_id,
        "perm_adm_decision_date": path.decided,
        "perm_part_of_sibling_group": "Y" if siblings else "N",
        "perm_siblings_placed_together": After(path.placed, together),
        "perm_siblings_placed_apart": After(path.placed, apart),
        "perm_placement_order_date": path.ordered,
        "perm_matched_date": path.matched,
        "perm_placed_for_adoption_date": path.placed,
        "perm_adopted_by_carer_flag": After(path.placed, "Y" if path.by_carer else "N"),
        "perm_decision_reversed_date": path.reversed_on,
        "perm_decision_reversed_reason": After(path.reversed_on, reason),
        "perm_permanence_order_date": ended,
        "perm_permanence_order_type": After(ended, "Adoption"),
    }
