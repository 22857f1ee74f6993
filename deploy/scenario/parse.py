"""The language of scenarios: text → head lines and dated steps, each with the line it stands on.

Only the form is read here. Whether a verb exists, what its words mean and whether its results hold is the
runner's business; values of `set` and `season` are read by the policy.
"""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass, field
from datetime import date

from deploy.scenario.words import REFUSED, RESULTS, Word, WordsInvalid, split_words
from shared.kernel.errors import InvalidInput
from shared.kernel.season import parse_season

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_VERB = re.compile(r"[a-z][a-z_]*", re.ASCII)
_SEASON_OPTIONS = ("price_residential", "price_nonresidential", "segments", "published")
_DEFAULT_POLICY = "default"


class ScenarioInvalid(InvalidInput):
    """A scenario that cannot be read. Facts: ``file``, ``line`` (1 is the first)."""

    code = "scenario_invalid"
    remedy = "Correct the line that is named."


@dataclass(frozen=True, slots=True)
class Setting:
    """``set PARAMETER VALUE``; the value is YAML text."""

    line: int
    parameter: str
    value: str


@dataclass(frozen=True, slots=True)
class SeasonLine:
    """``season S25 START END …``; ``season`` is its first year, the end is as the policy reads season ends."""

    line: int
    season: int
    start_on: date
    end_on: date
    prices: dict[str, str]


@dataclass(frozen=True, slots=True)
class Step:
    """``DATE VERB ARGUMENT… key=value… => key=value…`` or ``… !! code``."""

    line: int
    day: date
    verb: str
    arguments: list[str]
    options: dict[str, str]
    expected: dict[str, str]
    refusal: str | None


@dataclass(frozen=True, slots=True)
class Scenario:
    name: str
    policy: str = _DEFAULT_POLICY
    settings: list[Setting] = field(default_factory=list)
    seasons: list[SeasonLine] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)


def parse_scenario(text: str, name: str) -> Scenario:
    """The scenario in ``text``; ``name`` is the file that refusals speak of.

    Refused, with the line: a quotation without end, a day that does not exist or lies before the one above, a
    head line after the first dated one, a head line that says what another has said, an option twice.
    """
    return _Reading(name).read(text)


class _Reading:
    """The lines read so far of one file."""

    def __init__(self, name: str) -> None:
        self.name, self.line = name, 0
        self.policy: str | None = None
        self.settings: list[Setting] = []
        self.seasons: list[SeasonLine] = []
        self.steps: list[Step] = []

    def read(self, text: str) -> Scenario:
        for self.line, line in enumerate(text.removeprefix("\ufeff").split("\n"), start=1):
            try:
                words = split_words(line)
            except WordsInvalid as problem:
                raise self._refusal(str(problem)) from None
            if words:
                self._statement(words)
        policy = self.policy or _DEFAULT_POLICY
        return Scenario(self.name, policy, self.settings, self.seasons, self.steps)

    def _statement(self, words: list[Word]) -> None:
        if _DATE.fullmatch(words[0].text):
            self.steps.append(self._step(words))
        elif words[0].text not in ("policy", "set", "season"):
            raise self._refusal(f"a line begins with a date, policy, set or season, not with {words[0].text!r}")
        elif self.steps:
            raise self._refusal(f"{words[0].text} stands before the first dated line")
        elif words[0].text == "policy":
            self._policy_line(words[1:])
        elif words[0].text == "set":
            self._set_line(words[1:])
        else:
            self._season_line(words[1:])

    def _policy_line(self, words: list[Word]) -> None:
        if len(words) != 1:
            raise self._refusal("policy takes one name")
        if self.policy is not None:
            raise self._refusal("the policy is already named")
        self.policy = words[0].text

    def _set_line(self, words: list[Word]) -> None:
        if len(words) != 2:
            raise self._refusal("set takes a parameter and one value, quoted where it holds a space")
        parameter, value = (word.text for word in words)
        if any(setting.parameter == parameter for setting in self.settings):
            raise self._refusal(f"{parameter} is already set")
        self.settings.append(Setting(self.line, parameter, value))

    def _season_line(self, words: list[Word]) -> None:
        arguments, prices = self._arguments(words)
        if len(arguments) != 3:
            raise self._refusal("season takes a season, its first and its last day")
        for option in prices:
            if option not in _SEASON_OPTIONS:
                raise self._refusal(f"season knows {', '.join(_SEASON_OPTIONS)}, not {option}")
        season = self._season(arguments[0])
        if any(other.season == season for other in self.seasons):
            raise self._refusal(f"{arguments[0]} is already given")
        start_on, end_on = self._day(arguments[1]), self._day(arguments[2])
        if end_on < start_on:
            raise self._refusal("the season ends before it begins")
        self.seasons.append(SeasonLine(self.line, season, start_on, end_on, prices))

    def _step(self, words: list[Word]) -> Step:
        day = self._day(words[0].text)
        if self.steps and day < self.steps[-1].day:
            raise self._refusal(f"dates do not go back: the line above is of {self.steps[-1].day}")
        if len(words) < 2 or not _VERB.fullmatch(words[1].text):
            raise self._refusal("a verb follows the date")
        said, mark, promised = self._at_mark(words[2:])
        arguments, options = self._arguments(said)
        expected = self._expected(promised) if mark == RESULTS else {}
        refusal = self._code(promised) if mark == REFUSED else None
        return Step(self.line, day, words[1].text, arguments, options, expected, refusal)

    def _at_mark(self, words: list[Word]) -> tuple[list[Word], str | None, list[Word]]:
        """What is said, ``=>`` or ``!!`` or None, and what is promised after it."""
        for at, word in enumerate(words):
            if word.mark is None:
                continue
            promised = words[at + 1 :]
            if word.text != word.mark:
                raise self._refusal(f"a blank stands behind {word.mark}")
            if any(other.mark for other in promised):
                raise self._refusal("a line ends in one => or one !!")
            return words[:at], word.mark, promised
        return words, None, []

    def _expected(self, words: list[Word]) -> dict[str, str]:
        arguments, expected = self._arguments(words)
        if arguments or not expected:
            raise self._refusal("key=value follows =>")
        return expected

    def _code(self, words: list[Word]) -> str:
        if len(words) != 1 or not _VERB.fullmatch(words[0].text):
            raise self._refusal("one code follows !!")
        return words[0].text

    def _arguments(self, words: list[Word]) -> tuple[list[str], dict[str, str]]:
        arguments: list[str] = []
        options: dict[str, str] = {}
        for word in words:
            if word.option is None:
                arguments.append(word.text)
                continue
            key, value = word.option
            if key in options:
                raise self._refusal(f"{key} stands here twice")
            options[key] = value
        return arguments, options

    def _day(self, text: str) -> date:
        if _DATE.fullmatch(text):
            with contextlib.suppress(ValueError):
                return date.fromisoformat(text)
        raise self._refusal(f"{text} is not a day; days are written YYYY-MM-DD")

    def _season(self, text: str) -> int:
        try:
            return parse_season(text)
        except InvalidInput as refusal:
            raise self._refusal(refusal.detail) from None

    def _refusal(self, detail: str) -> ScenarioInvalid:
        return ScenarioInvalid(f"{self.name}, line {self.line}: {detail}", file=self.name, line=self.line)
