"""Run the catalogue on the lab: `python -m tests.accuracy [--resume] [WORD…]`; the last line is the figures as JSON.

Words choose cases whose names contain one of them. Without words the results go to docs/accuracy.md. A lab is started
where none of the right shape runs; it must have today's product in it (`python -m tests.lab deploy`).
"""

import argparse

import msgspec

from tests.accuracy.catalogue import SHAPES, Case, Kind, cases
from tests.accuracy.result import confusion, document, figures, misses
from tests.accuracy.stage import Said, said
from tests.lab import cluster
from tests.lab.fixtures import exported, run_lab
from tests.lab.layout import REPOSITORY, LabError, Shape, shape

RESULTS = REPOSITORY / ".cache" / "accuracy.jsonl"
"""What was said so far, one case a line: a campaign that was cut short goes on from there."""
DOCUMENT = REPOSITORY / "docs" / "accuracy.md"
BEGIN, END = "<!-- results -->", "<!-- end of results -->"


def main() -> None:
    """Run what is wanted and not yet known."""
    parser = argparse.ArgumentParser(prog="python -m tests.accuracy", description=__doc__)
    parser.add_argument("--resume", action="store_true", help="keep what a former run found out")
    parser.add_argument("--kind", choices=[kind.name.lower() for kind in Kind], help="cases of one kind alone")
    parser.add_argument("words", nargs="*")
    given = parser.parse_args()
    wanted = [
        case
        for case in cases()
        if given.kind in (None, case.kind.name.lower())
        and (not given.words or any(word in case.name for word in given.words))
    ]
    known = _known() if given.resume else {}
    if not given.resume:
        RESULTS.unlink(missing_ok=True)
    unstaged = list[str]()
    for number, case in enumerate(wanted, 1):
        if case.name not in known:
            try:
                known[case.name] = _try(case, _environment(SHAPES[case.lab]))
            except LabError as error:
                unstaged.append(case.name)
                print(f"{number}/{len(wanted)} could not be staged: {case.name}: {error}", flush=True)
                continue
        told = known[case.name]
        well = told.both if len(told.expected) > 1 else told.right
        print(
            f"{number}/{len(wanted)} {'ok  ' if well else 'MISS'} {case.name}: {told.named or told.verdict}", flush=True
        )
    results = [known[case.name] for case in wanted if case.name in known]
    if not given.words and not given.kind:
        _write(results)
    print(confusion(results), misses(results), sep="\n\n")
    if unstaged:
        print(f"\nnot staged: {'; '.join(unstaged)}")
    print(msgspec.json.encode(figures(results)).decode())


def _environment(wanted: Shape) -> dict[str, str]:
    """What a shell needs for a lab of that shape, which is started where none runs, or one of another shape."""
    if cluster.is_up() and shape() != wanted:
        cluster.down()
    if not cluster.is_up():
        started = run_lab("up", *wanted.options)
        if started.returncode:
            raise LabError(started.stderr)
    return exported()


def _try(case: Case, environment: dict[str, str]) -> Said:
    told = said(case, environment)
    RESULTS.parent.mkdir(exist_ok=True)
    with RESULTS.open("ab") as kept:
        kept.write(msgspec.json.encode(told) + b"\n")
    return told


def _known() -> dict[str, Said]:
    lines = RESULTS.read_bytes().splitlines() if RESULTS.exists() else []
    return {told.case: told for told in (msgspec.json.decode(line, type=Said) for line in lines)}


def _write(results: list[Said]) -> None:
    """Put the results between the marks of the document; what is around them people wrote."""
    text = DOCUMENT.read_text(encoding="utf-8")
    before, after = text.split(BEGIN)[0], text.split(END)[1]
    DOCUMENT.write_text(f"{before}{BEGIN}\n{document(results)}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
