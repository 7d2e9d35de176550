"""What the tasks of the DAG ``backfill`` do: many months and authorities in one build.

Keys of partitions and how each ended are all that goes through XCom.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

from airflow.sdk import Param, get_current_context
from airflow.sdk.exceptions import AirflowFailException
from rich.console import Console

from cpw.core.home import Home
from cpw.core.partition import Partition
from cpw.core.partition_set import authorities_named, months_named
from cpw.orchestration.tasks import failures_fit_for_a_log

log = logging.getLogger(__name__)

READY = "ready"
STOPPED = "stopped"
Ends = list[list[str]]
"""Of each partition: its key, and ``ready``, ``unchanged``, ``published`` or ``stopped``."""

PARAMS = {
    "authorities": Param(
        "886",
        type="string",
        title="Authorities",
        description="Three-digit codes, such as 886 or 886,887.",
    ),
    "months": Param(
        "2017-07..2018-06",
        type="string",
        title="Months",
        description="A range such as 2017-07..2018-06, or a list such as 2018-03,2018-05.",
    ),
}


def _param(name: str) -> str:
    return str(get_current_context()["params"][name])


def named_authorities() -> list[str]:
    """The authorities of the run, one for each mapped task; the months are checked too."""
    with failures_fit_for_a_log():
        months = months_named([_param("months")])
        codes = authorities_named([_param("authorities")])
        return [Partition.of(code, str(months[0])).authority for code in codes]


def ingest_months(authority: str) -> Ends:
    """Take an authority's months into the lake and gate them, in their order."""
    from cpw.pipeline.load_set import take_in

    with failures_fit_for_a_log():
        months = months_named([_param("months")])
        partitions = [Partition.of(authority, str(month)) for month in months]
        return _ends(take_in(Home.from_environment(), partitions))


def publish_together(ingested: Iterable[Ends]) -> Ends:
    """Build the marts of all months that are ready in one go, and publish them at once."""
    from cpw.pipeline.load_set import build_and_publish

    ready = [Partition.parse(key) for ends in ingested for key, state in ends if state == READY]
    with failures_fit_for_a_log():
        if not ready:
            log.info("nothing is to be published")
            return []
        return _ends(build_and_publish(Home.from_environment(), ready, Console(quiet=True)))


def published_keys(ends: Ends) -> list[str]:
    """The keys of the partitions whose reports are to be written."""
    return [key for key, state in ends if state == "published"]


def write_reports_of(key: str) -> None:
    """Write the reports of one published month."""
    from cpw.pipeline import stages

    with failures_fit_for_a_log():
        log.info("%s", stages.write_reports(Home.from_environment(), Partition.parse(key)))


def name_stopped(ingested: Iterable[Ends], published: Ends) -> None:
    """Fail if a month is stopped; the log of the task that stopped it has the reason.

    Raises:
        AirflowFailException: a month is stopped.
    """
    every = [*(end for ends in ingested for end in ends), *published]
    stopped = [key for key, state in every if state == STOPPED]
    if stopped:
        raise AirflowFailException(
            f"{len(stopped)} of the months are stopped: {', '.join(stopped)}. The logs of ingest "
            "and publish_together have the reasons; the other months are published"
        )


def _ends(loaded: Iterable[Any]) -> Ends:
    """Log how each partition ended, and return it."""
    ends = []
    for one in loaded:
        for line in one.refusals:
            log.warning("%s: quarantined %s", one.partition, line)
        if one.why is not None:
            log.error("%s is stopped. %s", one.partition, one.why)
        ends.append([str(one.partition), one.state or READY])
        log.info("%s: %s", *ends[-1])
    return ends
