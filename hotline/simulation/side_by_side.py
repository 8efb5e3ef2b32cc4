"""One plan played by several processes at once: each has its own people, and all of them keep to one clock."""

from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier

from flask import current_app

from hotline.app import bare_app
from hotline.config import Config
from hotline.simulation.crew import gather
from hotline.simulation.plan import CityPlan
from hotline.simulation.play import Part, Played, Progress, play

LONGEST = 900
"""Seconds until a process that waits for the others gives up."""


def play_side_by_side(plan: CityPlan, told: Progress, *, twins: bool, processes: int) -> Played:
    """Play the plan by this process and so many more. Raises `BrokenBarrierError` when one of them dies."""
    config, context = current_app.extensions["hotline-config"], get_context("spawn")
    crew, barrier = gather(config), context.Barrier(processes)
    others = []
    for number in range(1, processes):
        ours, theirs = context.Pipe(duplex=False)
        child = context.Process(target=_play_part, args=(config, plan, twins, (number, processes, barrier), theirs))
        child.start()
        theirs.close()
        others.append((child, ours))
    try:
        played = play(plan, crew, told, twins=twins, part=_part(0, processes, barrier))
        for _, ours in others:
            more: Played = ours.recv()
            played.tickets |= more.tickets
            played.done += more.done
            played.refused += more.refused
    except BaseException:
        barrier.abort()
        raise
    finally:
        for child, _ in others:
            child.join()
    return played


def _part(number: int, of: int, barrier: Barrier) -> Part:
    return Part(number, of, lambda: barrier.wait(LONGEST))


def _play_part(
    config: Config, plan: CityPlan, twins: bool, part: tuple[int, int, Barrier], answer: Connection
) -> None:
    try:
        with bare_app(config).app_context():
            answer.send(play(plan, gather(config), _silent, twins=twins, part=_part(*part)))
    except BaseException:
        part[2].abort()
        raise


def _silent(_done: int, _total: int, _moment: object) -> None:
    """The first process tells."""
