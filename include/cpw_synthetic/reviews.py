"""Statutory reviews: within 20 working days, after three months, then every six."""

from __future__ import annotations

from cpw_synthetic.chance import profile
from cpw_synthetic.days import add_months, working_days_after
from cpw_synthetic.extract import After, SyntheticExtract
from cpw_synthetic.lives import Period, World
from cpw_synthetic.services import add_review_record


def add_reviews(extract: SyntheticExtract, world: World, period: Period) -> list[int]:
    """Add a period's reviews and return the days they were held.

    The next review is planned on the day of the last one; when care ends before it, it is
    cancelled.
    """
    shape, person = profile(), period.person
    rng = world.rng("reviews", period.slot, period.number)
    quiet = shape.happens(rng, "does_not_participate")
    held: list[int] = []
    planned = period.start
    due = working_days_after(period.start, 20)
    number = 0
    while planned < min(period.end, extract.horizon):
        row_id = f"RV{period.cla_id[3:]}{number:03d}"
        number += 1
        late = shape.happens(rng, "review_late")
        day = due + rng.randrange(2, 30) if late else max(due - rng.randrange(0, 21), planned + 1)
        cancelled = day >= period.end or (held != [] and shape.happens(rng, "review_cancelled"))
        if cancelled:
            # Known as cancelled when care ends, or when another day was agreed.
            on = period.end if day >= period.end else day
            extract.add(
                "ssd_cla_reviews",
                {
                    "clar_cla_review_id": row_id,
                    "clar_cla_id": period.cla_id,
                    "clar_cla_review_due_date": due,
                    "clar_cla_review_cancelled": After(on, "Y", "N"),
                },
                known=planned,
                last=on,
            )
            if day >= period.end:
                break
            planned, due = day, max(due, day + 1)
            continue
        if person.age(day) < 4:
            code: str | None = "PN0"
        elif quiet:
            code = shape.draw(rng, "participation_quiet")
        else:
            code = shape.draw(rng, "participation")
        extract.add(
            "ssd_cla_reviews",
            {
                "clar_cla_review_id": row_id,
                "clar_cla_id": period.cla_id,
                "clar_cla_review_due_date": due,
                "clar_cla_review_date": day,
                "clar_cla_review_cancelled": "N",
                "clar_cla_review_participation": After(day, code),
            },
            known=planned,
            last=day,
        )
        add_review_record(extract, world, period, row_id, day)
        held.append(day)
        planned = day
        due = add_months(day, 3 if len(held) == 1 else 6)
    return held
