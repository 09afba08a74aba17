"""Who may do what: the rules in force, applied to one person at one place.

Pure but for reading the rules again when their file has changed, and for asking who is in a user group. Everything that
cannot be known counts against whoever asks.
"""

from bot.access.audit import Act
from bot.access.membership import Members, nobody_knows
from bot.access.requester import Requester, same_person
from bot.access.rulebook import InForce, Rulebook
from bot.access.rules import Rule, Subject
from bot.access.verb import READING, Verb
from bot.errors import NotPermitted, Unavailable

ASKED = 10
"""Subjects that a refusal names at most."""
_WORDS = {
    Verb.DIAGNOSE: "diagnose",
    Verb.DIGEST: "change digests",
    Verb.INCIDENT: "see incidents",
    Verb.REMEDIATE: "remediate",
    Verb.APPROVE: "approve",
    Verb.ADMINISTER: "administer netcheck",
}


class Policy:
    """What asks the rules. Any thread may ask."""

    def __init__(self, rulebook: Rulebook | None = None, members: Members = nobody_knows) -> None:
        self._rulebook = rulebook or Rulebook()
        self._members = members

    def refusal(self, act: Act) -> NotPermitted | None:
        """Why an act is refused, to be raised; None when it is permitted."""
        return self.refused(act.verb, act.by, act.where.channel if act.where else "", act.cluster)

    def refused(self, verb: Verb, by: Requester, channel: str, cluster: str) -> NotPermitted | None:
        """Why somebody may not do something with a cluster in a channel (empty: not in Slack); None when they may."""
        now = self._rulebook.now()
        rules = [rule for rule in now.rules[verb] if not rule.clusters or cluster in rule.clusters]
        unknown = list[Unavailable]()
        theirs = [rule for rule in rules if self._names(rule, by, unknown)]
        if any(_where(rule, by, channel) for rule in theirs):
            return None
        what = f"{_WORDS[verb]} in {cluster}"
        if now.wrong and verb not in READING:
            said = f"Nobody may {what} now, because {now.file} cannot be used. {now.wrong}"
            return NotPermitted(said, hint="Ask whoever looks after netcheck to put it right.")
        if theirs:
            return _elsewhere(what, theirs)
        if unknown:
            return NotPermitted(
                f"Whether you may {what} cannot be told. {unknown[0]}", hint=unknown[0].hint or "Try again in a minute."
            )
        return _somebody_else(what, verb, rules, now)

    def who_may(self, verb: Verb, cluster: str) -> tuple[Subject, ...]:
        """The users and user groups that may do something with a cluster somewhere.

        None when nobody may, and also when everybody may.
        """
        rules = self._rulebook.now().rules[verb]
        return _subjects([rule for rule in rules if not rule.clusters or cluster in rule.clusters])

    def _names(self, rule: Rule, by: Requester, unknown: list[Unavailable]) -> bool:
        """Whether a rule is about this person. What cannot be known is added to `unknown`."""
        if any(subject.is_person(by) for subject in rule.users):
            return True
        if by.on_command_line:
            return False
        if not rule.users and not rule.groups:
            return True
        return any(self._holds(group, by, unknown) for group in rule.groups if group.covers(by))

    def _holds(self, group: Subject, by: Requester, unknown: list[Unavailable]) -> bool:
        try:
            return by.user in self._members(group)
        except Unavailable as error:
            unknown.append(error)
            return False


def not_approvable(
    policy: Policy, requester: Requester, approver: Requester, cluster: str, channel: str
) -> NotPermitted | None:
    """Why somebody may not be the second person for what another one asked for; None when they may.

    The second person has to be known: on the command line it could be the first one at another keyboard.
    """
    if refusal := policy.refused(Verb.APPROVE, approver, channel, cluster):
        return refusal
    others = tuple(subject.id for subject in policy.who_may(Verb.APPROVE, cluster))[:ASKED]
    hint = "Ask one of those who may:" if others else "Ask somebody else."
    if approver.on_command_line:
        said = "An approval is a second person's, and on the command line nobody can tell who it is."
        return NotPermitted(said, hint=hint, ask=others)
    if same_person(requester, approver):
        return NotPermitted("You asked for this yourself, and it needs a second person.", hint=hint, ask=others)
    return None


def _where(rule: Rule, by: Requester, channel: str) -> bool:
    return not rule.channels or any(each.id == channel and each.covers(by) for each in rule.channels)


def _elsewhere(what: str, rules: list[Rule]) -> NotPermitted:
    channels = tuple(dict.fromkeys(channel.id for rule in rules for channel in rule.channels))
    return NotPermitted(f"You may {what}, but not here.", hint="Go to:", ask=channels[:ASKED])


def _somebody_else(what: str, verb: Verb, rules: list[Rule], now: InForce) -> NotPermitted:
    asked = tuple(subject.id for subject in _subjects(rules))[:ASKED]
    if asked:
        return NotPermitted(f"You are not among those who may {what}.", hint="Ask one of them:", ask=asked)
    if rules:
        file = now.file or "The file that NETCHECK_ACCESS names"
        return NotPermitted(f"Only people in Slack may {what}.", hint=f"{file} says who else, under {verb}.")
    source = f"{now.file} gives that right to nobody" if now.file else "NETCHECK_ACCESS names no file that says who may"
    return NotPermitted(f"Nobody may {what}: {source}.", hint="Ask whoever looks after netcheck.")


def _subjects(rules: list[Rule]) -> tuple[Subject, ...]:
    return tuple(dict.fromkeys(subject for rule in rules for subject in (*rule.users, *rule.groups)))
