"""How long each repair takes for texts made to be slow: CPU seconds for 1 MB of each string, and how they grow.

    python benchmarks/linear_time.py [--size 1000000] [--modules NAME ...] [--whole] [--language en]

One row for each repair module (with --whole, for newsclean.repair and newsclean.clean): the string that took longest, the
seconds, the seconds for ordinary news of the same size, and the growth from a quarter of the string to the whole: 4 is
proportion, 16 the square. Strings that grow faster than 8 are listed below the table. Needs no data.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

from newsclean import repairs
from newsclean.cleaner import Cleaner
from newsclean.model import Context
from newsclean.settings import CleanSettings
from newsclean.tokens import Tokens

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import adversarial

NEWS = (
    "The harbour office said on Monday that the ferry would sail again before the month ends, weather permitting.\n\n"
    "“Nobody had expected the repairs to take this long,” Ada Orde, who runs the port, told reporters. It’s closed until May 4.\n\n"
)

# Below this a clock that ticks every 4 ms cannot tell how time grows.
TOO_SHORT_SECONDS = 0.1


def readings(names: list[str], language: str, whole: bool) -> dict[str, Callable[[str], object]]:
    """What is timed, by name."""
    if whole:
        cleaner = Cleaner()
        return {
            "newsclean.repair": lambda text: cleaner.repair({"text": text, "language": language}),
            "newsclean.clean": lambda text: cleaner.clean({"text": text, "language": language}),
        }
    context = Context(language, "", "", CleanSettings(repair_level="plausible", split_words=True))

    def of(find: Callable[..., object]) -> Callable[[str], object]:
        return lambda text: sum(1 for _ in find(text, context, Tokens(text)))  # type: ignore[attr-defined]

    return {one.name: of(one.find) for one in repairs.repairs() if not names or one.name in names}


def spent(work: Callable[[str], object], text: str) -> float:
    """CPU seconds."""
    began = time.process_time()
    work(text)
    return time.process_time() - began


def main() -> int:
    """The table; exit code 1 if something grows faster than the text."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=1_000_000)
    parser.add_argument("--modules", nargs="*", default=[])
    parser.add_argument("--language", default="en")
    parser.add_argument("--whole", action="store_true")
    parser.add_argument(
        "--all-ends", action="store_true", help="each string between each pair of ends, not one of them"
    )
    given = parser.parse_args()
    print("| | slowest string | CPU s | ordinary news | growth from a quarter |\n|---|---|---|---|---|")
    steep = []
    for name, work in readings(given.modules, given.language, given.whole).items():
        work("Warm up.\n")
        ordinary = spent(work, adversarial.text(NEWS, given.size))
        worst = (0.0, "none", 0.0)
        for number, (unit_name, unit) in enumerate(adversarial.UNITS.items()):
            one = adversarial.ENDS[number % len(adversarial.ENDS)]
            for head, tail in adversarial.ENDS if given.all_ends else (one,):
                quarter = spent(work, adversarial.text(unit, given.size // 4, head, tail))
                seconds = spent(work, adversarial.text(unit, given.size, head, tail))
                growth = seconds / max(quarter, 0.004)
                worst = max(worst, (seconds, unit_name, growth))
                if seconds > TOO_SHORT_SECONDS and growth > 8:
                    steep.append(f"{name}: {unit_name} {head!r}: {quarter:.2f} → {seconds:.2f} s")
        print(f"| `{name}` | {worst[1]} | {worst[0]:.2f} | {ordinary:.2f} | {worst[2]:.1f} |", flush=True)
    print("\n".join(steep) if steep else "nothing grows faster than the text")
    return 1 if steep else 0


if __name__ == "__main__":
    sys.exit(main())
