"""What the verbs of scenarios do, each through a public interface. A verb of `language.py` is a method of `Story`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from deploy.local.in_process import InProcessSystem
from deploy.scenario.applied import Applied
from deploy.scenario.asking import Asking, StoryRefused
from deploy.scenario.bank import result_file
from deploy.scenario.language import ASSERTIONS, OPTIONS, BadHead, NotSupported, is_free
from deploy.scenario.parse import Scenario, Step
from shared.kernel.money import format_yuan, parse_yuan
from shared.kernel.season import parse_season, season_label
from shared.messages.accounts import SELF


class Story:
    """One story: its names for accounts, payments and batches, and what each line does."""

    def __init__(self, system: InProcessSystem) -> None:
        self.system = system
        self.ask = Asking(system)
        self._accounts: dict[str, str] = {}
        self._payments: dict[str, int] = {}
        self._policy, self._changes = "default", dict[str, str]()
        self._batches: dict[str, int] = {}
        self._banks: set[str] = set()
        self._results: dict[str, tuple[str, bytes]] = {}
        self._applied = Applied(self.ask)

    @staticmethod
    def first_unknown(steps: Iterable[Step]) -> Step | None:
        """The first line whose verb does not exist."""
        return next((step for step in steps if step.verb not in OPTIONS), None)

    def begin(self, scenario: Scenario) -> None:
        """The policy and the seasons of the head lines are put in force."""
        self._policy = scenario.policy
        self._changes = {setting.parameter: setting.value for setting in scenario.settings}
        try:
            self.ask.post("accounts", "/policies", {"name": scenario.policy, "set": self._changes})
            for season in scenario.seasons:
                self.ask.post("accounts", "/seasons", {
                    "season": season_label(season.season), "start_on": season.start_on.isoformat(),
                    "end_on": season.end_on.isoformat(), **season.prices,
                })  # fmt: skip
        except StoryRefused as refusal:
            if refusal.code != "not_supported":
                raise BadHead(str(refusal)) from refusal
            raise NotSupported(f"policy or season: {refusal}") from refusal
        self.system.settle()

    def do(self, step: Step) -> dict[str, Any]:
        """Do one line and wait until everybody has heard of it."""
        for option in step.options:
            if option not in OPTIONS[step.verb] and not is_free(step.verb, option):
                raise NotSupported(f"{step.verb} {option}=", line=step.line)
        self.system.set_day(step.day)
        results: dict[str, Any] = getattr(self, f"_{step.verb}")(step, *step.arguments) or {}
        self.system.settle(also=self._posted)
        return results

    def asserted(self, step: Step) -> dict[str, str]:
        """What an assertion's own words claim: its last argument and its options."""
        if step.verb not in ASSERTIONS:
            return {}
        claims = {ASSERTIONS[step.verb]: step.arguments[-1]}
        return {**claims, **{key: value for key, value in step.options.items() if key != "payer"}}

    def _posted(self) -> bool:
        """No accepted result file waits for its postings."""
        return not any(
            self.ask.get("bank_gateway", f"/batches/{batch_no}").get("posting") for batch_no in self._batches.values()
        )

    def _account(self, name: str) -> str:
        if name not in self._accounts:
            raise StoryRefused("unknown_account", name)
        return self._accounts[name]

    def _open(self, step: Step, name: str) -> None:
        """A home as if it had been connected for years."""
        asked = self._home(step, name)
        self.ask.post("accounts", "/accounts", {"accounts": [asked]})
        self._accounts[name] = asked["account_no"]

    def _connect(self, step: Step, name: str) -> None:
        """A new home: applied for, surveyed, contracted and accepted on one day."""
        asked, reason = self._home(step, name), {"reason": self._reason(step)}
        applied = self.ask.post("accounts", "/connections", {"applications": [asked], **reason})
        numbers = [application["application_id"] for application in applied["applications"]]
        self.ask.post("accounts", "/connections/surveys", {"applications": numbers, **reason})
        self.ask.post("accounts", "/connections/contracts", {"applications": numbers, **reason})
        acceptances = [{"application_id": number} for number in numbers]
        self.ask.post("accounts", "/connections/acceptances", {"acceptances": acceptances, **reason})
        self._accounts[name] = asked["account_no"]

    def _home(self, step: Step, name: str) -> dict[str, Any]:
        """The account that a line speaks of."""
        words = {"class": "price_class", "area": "building_area", "inner": "inner_area", "usable": "usable_area",
                 "height": "storey_height", "owner": "name"}  # fmt: skip
        told: dict[str, Any] = {
            words.get(key, key): value for key, value in step.options.items() if key != "bank_account"
        }
        told.setdefault("name", name)
        if "floor" in told:
            told["floor"] = int(told["floor"])
        number = f"99{len(self._accounts) + 1:08d}"
        return {"account_no": number, "compound": "story", "building": "1", "room": number, **told}

    def _bill(self, step: Step, season: str, *names: str) -> dict[str, Any]:
        asked: dict[str, Any] = {"season": season_label(parse_season(season))}
        if names:
            asked["accounts"] = [self._account(name) for name in names]
        run: dict[str, Any] = self.ask.post("accounts", "/billing-runs", asked)
        return run

    def _area(self, step: Step, name: str, area: str) -> None:
        areas = [{"account_no": self._account(name), "building_area": area}]
        self.ask.post("accounts", "/accounts/areas", {"areas": areas, "reason": self._reason(step)})

    def _parts(self, step: Step, name: str) -> dict[str, Any]:
        """What the area of a home is made of: ``main=80.00 balcony=9.63``."""
        components = [{"component": component, "area": area} for component, area in step.options.items()]
        return self._done(
            step, "area-components", homes=[{"account_no": self._account(name), "components": components}]
        )

    def _meter(self, step: Step, name: str) -> dict[str, Any]:
        """The season's heat, in the unit that the line names."""
        units = {"kwh": "kWh", "gj": "GJ"}
        ((unit, quantity),) = [(unit, value) for unit, value in step.options.items() if unit in units]
        reading = {"account_no": self._account(name), "quantity": quantity, "unit": units[unit]}
        if "factor" in step.options:
            reading["correction_factor"] = step.options["factor"]
        return self._done(step, "metered-heat", readings=[reading])

    def _suspend(self, step: Step, name: str, season: str) -> dict[str, Any]:
        asked: dict[str, Any] = {"account_no": self._account(name), "season": season_label(parse_season(season))}
        if "seasons" in step.options:
            asked["seasons"] = int(step.options["seasons"])
        return self._done(step, "suspensions", suspensions=[asked])

    def _ask_suspension(self, step: Step, name: str, season: str) -> dict[str, Any]:
        seasons = int(step.options["seasons"]) if "seasons" in step.options else None
        asked = {"account_no": self._account(name), "season": season_label(parse_season(season)), "seasons": seasons}
        return self._applied.ask_suspension(name, asked, reason=self._reason(step))

    def _answer_suspension(self, step: Step, name: str) -> dict[str, Any]:
        granted = step.options.get("granted", "yes") != "no"
        return self._applied.answer_suspension(name, granted=granted, reason=self._reason(step))

    def _lapse_suspension(self, step: Step, name: str) -> None:
        self._applied.lapse_suspension(name, reason=self._reason(step))

    def _homes(self, step: Step, homes: str) -> None:
        """How many homes the story's building has."""
        building = {"compound": "story", "building": "1", "homes": int(homes)}
        self.ask.post("accounts", "/buildings", {"buildings": [building], "reason": self._reason(step)})

    def _apply(self, step: Step, name: str) -> dict[str, Any]:
        home = self._home(step, name)
        self._accounts[name] = home["account_no"]
        return self._applied.apply(name, home, reason=self._reason(step))

    def _survey(self, step: Step, name: str) -> dict[str, Any]:
        feasible = step.options.get("feasible", "yes") != "no"
        return self._applied.step(name, "surveys", feasible=feasible, reason=self._reason(step))

    def _contract(self, step: Step, name: str) -> dict[str, Any]:
        return self._applied.contract(name, dict(step.options), reason=self._reason(step))

    def _contract_paid(self, step: Step, name: str) -> dict[str, Any]:
        return self._applied.contract_paid(name, step.options["receipt"], reason=self._reason(step))

    def _accept(self, step: Step, name: str) -> None:
        self._applied.accept(name, reason=self._reason(step))

    def _lapse_application(self, step: Step, name: str) -> None:
        self._applied.step(name, "lapses", reason=self._reason(step))

    def _resume(self, step: Step, name: str) -> dict[str, Any]:
        return self._done(step, "resumptions", accounts=[self._account(name)])

    def _disconnect(self, step: Step, name: str) -> dict[str, Any]:
        return self._done(step, "disconnections", accounts=[self._account(name)])

    def _transfer(self, step: Step, name: str) -> dict[str, Any]:
        asked: dict[str, Any] = {"account_no": self._account(name), "name": step.options["to"]}
        if "assume" in step.options:
            asked["assumed_by"] = step.options["assume"]
        if "split" in step.options:
            asked["split"] = step.options["split"]
        return self._done(step, "transfers", transfers=[asked])

    def _cut(self, step: Step, name: str) -> dict[str, Any]:
        return self._done(step, "cuts", accounts=[self._account(name)])

    def _inspect(self, step: Step, name: str) -> dict[str, Any]:
        if step.options.get("valve") != "open":
            raise NotSupported("inspect without valve=open", line=step.line)
        proven = {"used_since": step.options["since"]} if "since" in step.options else {}
        return self._done(step, "inspections", accounts=[self._account(name)], **proven)

    def _class(self, step: Step, name: str, price_class: str) -> dict[str, Any]:
        change = {"account_no": self._account(name), "price_class": price_class, **step.options}
        return self._done(step, "class-changes", changes=[change])

    def _merge(self, step: Step, stays: str, ends: str) -> None:
        mergers = [{"account_no": self._account(stays), "other_no": self._account(ends)}]
        self._done(step, "mergers", mergers=mergers)

    def _split(self, step: Step, name: str, part_name: str) -> dict[str, Any]:
        """``area`` is the part's, ``left`` what the home keeps."""
        number = f"99{len(self._accounts) + 1:08d}"
        words = {"area": "building_area", "class": "price_class", "owner": "name"}
        told = {words[option]: value for option, value in step.options.items() if option in words}
        part = {"account_no": number, "room": number, **told}
        remaining = {"building_area": step.options["left"]}
        divisions = [{"account_no": self._account(name), "remaining": remaining, "part": part}]
        answer = self._done(step, "divisions", divisions=divisions)
        self._accounts[part_name] = number
        return {"charged": answer["part"]["charged"]}

    def _lock(self, step: Step, name: str, kind: str) -> None:
        self._done(step, "locks", accounts=[self._account(name)], kind=kind)

    def _unlock(self, step: Step, name: str, kind: str) -> None:
        self._done(step, "lock-releases", accounts=[self._account(name)], kind=kind)

    def _notice(self, step: Step, name: str) -> dict[str, Any]:
        asked = {"accounts": [self._account(name)]}
        answer: dict[str, Any] = self.ask.post("accounts", "/accounts/notices", asked)["accounts"][0]
        return answer

    def _relief(self, step: Step, name: str) -> dict[str, Any]:
        words = {"share": "share_pct", "cap": "cap_m2"}
        told = {words.get(option, option): value for option, value in step.options.items()}
        return self._done(step, "reliefs", reliefs=[{"account_no": self._account(name), **told}])

    def _temperature(self, step: Step, name: str, celsius: str = "") -> dict[str, Any]:
        measured: dict[str, Any] = {"account_no": self._account(name), "days": int(step.options["days"])}
        if celsius:
            measured["celsius"] = celsius
        if "rooms" in step.options:
            rooms = [room.split("@") for room in step.options["rooms"].split()]
            measured["rooms"] = [{"area": area, "celsius": at} for area, at in rooms]
        if "official" in step.options:
            measured["official"] = step.options["official"] == "yes"
        if "at" in step.options:
            measured["measured_at"] = f"{step.day.isoformat()}T{step.options['at']}"
        if "asked" in step.options:
            measured["requested_at"] = step.options["asked"]
        return self._done(step, "temperatures", measured=[measured])

    def _outage(self, step: Step, name: str) -> dict[str, Any]:
        return self._done(step, "outages", accounts=[self._account(name)], hours=step.options["hours"])

    def _supplied(self, step: Step, season: str, first: str, last: str) -> dict[str, Any]:
        asked = {"season": season_label(parse_season(season)), "supplied_from": first, "supplied_until": last}
        answer: dict[str, Any] = self.ask.post("accounts", "/seasons/supplied", {**asked, "reason": self._reason(step)})
        return answer

    def _begin_closing(self, step: Step, season: str) -> dict[str, Any]:
        return self._turned(step, "closing", season)

    def _close_season(self, step: Step, season: str) -> dict[str, Any]:
        figures: dict[str, Any] = self._turned(step, "closures", season)["figures"]
        return figures

    def _reopen_season(self, step: Step, season: str) -> dict[str, Any]:
        return self._turned(step, "reopenings", season)

    def _turned(self, step: Step, verb: str, season: str) -> dict[str, Any]:
        asked = {"season": season_label(parse_season(season)), "reason": self._reason(step)}
        answer: dict[str, Any] = self.ask.post("accounts", f"/season-turns/{verb}", asked)
        return answer

    def _standing(self, step: Step, season: str) -> dict[str, Any]:
        """The figures of all homes; each state with its number of homes."""
        answer = self.ask.get("accounts", "/reports/standing", season=season_label(parse_season(season)))
        whole: dict[str, Any] = answer["whole"]
        return {**whole, **{state: found["homes"] for state, found in whole["states"].items()}}

    def _done(self, step: Step, resource: str, **asked: Any) -> dict[str, Any]:
        """One account's answer of a verb of its lifecycle."""
        body = {**asked, "reason": self._reason(step)}
        answer: dict[str, Any] = self.ask.post("accounts", f"/accounts/{resource}", body)["accounts"][0]
        return answer

    def _reason(self, step: Step) -> str:
        return f"story line {step.line}"

    def _pay(self, step: Step, name: str, amount: str, channel: str) -> dict[str, Any]:
        payment = {"account_no": self._account(name), "amount": amount, "channel": channel}
        for option in ("payer", "keep_old_debt", "force"):
            if option in step.options:
                payment[option] = step.options[option]
        if "season" in step.options:
            payment["season"] = season_label(parse_season(step.options["season"]))
        taken: dict[str, Any] = self.ask.post("payments", "/payments", {"payments": [payment]})["payments"][0]
        if "as" in step.options:
            self._payments[step.options["as"]] = taken["payment_id"]
        return taken

    def _pay_group(self, step: Step, payer: str, amount: str, channel: str) -> dict[str, Any]:
        payment = {"payer": payer, "amount": amount, "channel": channel}
        taken: dict[str, Any] = self.ask.post("payments", "/group-payments", {"payments": [payment]})["payments"][0]
        if "as" in step.options:
            self._payments[step.options["as"]] = taken["group_payment_id"]
        return taken

    def _reverse(self, step: Step, name: str) -> None:
        """``by=another``: somebody else than the cashier who took it."""
        options = {option: value for option, value in step.options.items() if option != "by"}
        reversal = {"payment_id": self._payments[name], "reason": f"story line {step.line}", **options}
        self.ask.post("payments", "/payments/reversals", {"reversals": [reversal]}, second="by" in step.options)

    def _waive(self, step: Step, name: str, what: str) -> dict[str, Any]:
        """Asked for by one person and agreed to by another."""
        modes = {"pct": "PERCENT", "amount": "DELTA", "left": "FIXED", "from": "NEW_START"}
        named = [option for option in step.options if option in modes]
        if what != "late_fee" or len(named) != 1:
            raise NotSupported("waive takes late_fee and one of pct=, amount=, left=, from=", line=step.line)
        words = {"left": "amount", "from": "start_on"}
        asked = {words.get(option, option): value for option, value in step.options.items()}
        if "season" in asked:
            asked["season"] = season_label(parse_season(asked["season"]))
        waiver = {"account_no": self._account(name), "mode": modes[named[0]], **asked}
        request = self.ask.post("payments", "/late-fee-waivers", {"waivers": [waiver], "reason": self._reason(step)})
        decision = {"verb": "approve", "content_hash": request["content_hash"]}
        path = f"/late-fee-waivers/requests/{request['request_id']}/decisions"
        decided: dict[str, Any] = self.ask.post("payments", path, decision, second=True)
        return {"until": request["waivers"][0]["until"], **decided}

    def _refund(self, step: Step, name: str, amount: str = "") -> dict[str, Any]:
        """Asked for, agreed to by a second person, and paid; ``channel`` is that of the first part."""
        asked: dict[str, Any] = {"account_no": self._account(name), **step.options}
        role = asked.pop("by", None)
        if amount:
            asked["amount"] = amount
        order = self.ask.post("payments", "/refunds", {"refunds": [asked], "reason": self._reason(step)})
        try:
            self._agree(order, role=role)
        except StoryRefused:
            self.ask.post("payments", f"/refund-orders/{order['order_id']}/withdrawals", {})  # nothing is left of it
            raise
        refunds = order["refunds"]
        self._pay_out({refund["refund_id"]: refund["channel"] for refund in refunds})
        return {"amount": order["amount"], "channel": refunds[0]["channel"]}

    def _refund_all(self, step: Step, season: str) -> dict[str, Any]:
        """A refund run from its list to the last payment; ``refunds`` counts households."""
        asked = {"season": season_label(parse_season(season)), "reason": self._reason(step)}
        run = self.ask.post("payments", "/refund-runs", asked)
        run = self._until_complete(f"/refund-runs/{run['order_id']}/pages")
        if run["refunds"]:
            self._agree(run)
            self._until_complete(f"/refund-runs/{run['order_id']}/carry-out")
            self._pay_out(self._promised(run["order_id"]))
        return {"refunds": run["homes"], "amount": run["amount"]}

    def _agree(self, order: dict[str, Any], *, role: str | None = None) -> None:
        decision = {"verb": "approve", "content_hash": order["content_hash"]}
        self.ask.post("payments", f"/refund-orders/{order['order_id']}/decisions", decision, second=True, role=role)

    def _refunds_due(self, step: Step, season: str) -> dict[str, Any]:
        """Who is still owed money back of a season, and until when."""
        due = self.ask.get("payments", "/refunds/due", season=season_label(parse_season(season)), limit=1000)
        amount_fen = sum(parse_yuan(each["amount"]) for each in due["households"])
        return {**due, "households": len(due["households"]), "amount": format_yuan(amount_fen)}

    def _final_price(self, step: Step, season: str) -> dict[str, Any]:
        """The price is decreed: the policy says so, and all bills of the season are settled."""
        changes = {**self._changes, "provisional_price_flag": "false"}
        self.ask.post("accounts", "/policies", {"name": self._policy, "set": changes})
        label = season_label(parse_season(season))
        decided = {"season": label, "reason": self._reason(step), **step.options}
        self.ask.post("accounts", "/seasons/settled-prices", decided)
        sums = {"more": 0, "less": 0}
        after: str | None = ""
        while after is not None:
            asked = {"season": label, **({"after": after} if after else {})}
            page = self.ask.post("accounts", "/seasons/price-differences", asked)
            sums = {key: fen + parse_yuan(page[key]["amount"], minimum_fen=-(10**12)) for key, fen in sums.items()}
            after = page["next"]
        return {key: format_yuan(fen) for key, fen in sums.items()}

    def _until_complete(self, path: str) -> dict[str, Any]:
        while True:
            answer: dict[str, Any] = self.ask.post("payments", path, {})
            if answer["complete"]:
                return answer

    def _promised(self, order_id: int) -> dict[int, str]:
        """The refunds of an order that are to be paid, each with its channel."""
        found: dict[int, str] = {}
        after: int | None = 0
        while after is not None:
            page = self.ask.get("payments", "/refunds", order_id=order_id, state="approved", after=after, limit=1000)
            found |= {refund["refund_id"]: refund["channel"] for refund in page["refunds"]}
            after = page["next"]
        return found

    def _pay_out(self, channel_of: dict[int, str]) -> None:
        """Every refund goes out; what is not cash has arrived when the bank or the platform says so."""
        numbers = list(channel_of)
        for first in range(0, len(numbers), 1000):
            page = numbers[first : first + 1000]
            moved = self.ask.post("payments", "/refunds/payouts", {"refunds": page})["refunds"]
            results = [{"refund_id": one["refund_id"], "outcome": "paid"} for one in moved if one["state"] == "paying"]
            if results:
                self.ask.post("payments", "/refunds/results", {"results": results})

    def _owes(self, step: Step, name: str, _: str) -> dict[str, Any]:
        payer = step.options.get("payer", SELF)
        answer = self.ask.get("payments", f"/accounts/{self._account(name)}/owed", payer=payer)
        owes = answer["payers"][0]
        seasons = {f"S{season['season'][2:4]}": season["total"] for season in owes["seasons"]}
        claimed = {key: "0.00" for key in step.options if key.startswith("S")}
        return {**owes, **claimed, **seasons}

    def _billed(self, step: Step, name: str, season: str, _: str) -> dict[str, Any]:
        label = season_label(parse_season(season))
        statement, payer = self._statement(step, name)
        billed_fen = sum(
            parse_yuan(bill["billed"]) for bill in statement["bills"]
            if bill["season"] == label and bill["payer"] == payer
        )  # fmt: skip
        return {"billed": format_yuan(billed_fen)}

    def _credit(self, step: Step, name: str, _: str) -> dict[str, Any]:
        if name not in self._accounts:
            return {"credit": self.ask.get("payments", "/payers/statement", payer=name)["credit"]}
        statement, payer = self._statement(step, name)
        left = [credit["left"] for credit in statement["credits"] if credit["payer"] == payer]
        return {"credit": format_yuan(sum(map(parse_yuan, left)))}

    def _statement(self, step: Step, name: str) -> tuple[dict[str, Any], str]:
        """The account's statement, and how the payer of the line is called in it: the present owner is ``self``."""
        statement: dict[str, Any] = self.ask.get("payments", f"/accounts/{self._account(name)}/statement")
        called = {owner["name"]: owner["payer"] for owner in statement["owners"]}
        payer = step.options.get("payer", SELF)
        return statement, called.get(payer, payer)

    def _state(self, step: Step, name: str, _: str) -> dict[str, Any]:
        answer: dict[str, Any] = self.ask.get("accounts", f"/accounts/{self._account(name)}/state")
        return answer

    def _bank(self, bank: str) -> None:
        if bank not in self._banks:
            self.ask.post("bank_gateway", "/banks", {"code": bank, "name": bank, "profile": "reference"})
            self._banks.add(bank)

    def _mandate(self, step: Step, name: str, bank: str) -> None:
        self._bank(bank)
        number = self._account(name)
        self.ask.post("bank_gateway", "/mandates", {"mandates": [{
            "account_no": number, "bank": bank, "bank_account": step.options.get("account", f"99{number}"),
            "holder": step.options.get("name", name),
        }]})  # fmt: skip

    def _send(self, step: Step, bank: str) -> dict[str, Any]:
        self._bank(bank)
        hand_over = step.options.get("hand_over", "yes") != "no"
        batch: dict[str, Any] = self.ask.post("bank_gateway", "/batches", {"bank": bank, "hand_over": hand_over})
        if "as" in step.options:
            self._batches[step.options["as"]] = batch["batch_no"]
        return batch

    def _hand_over(self, step: Step, name: str) -> dict[str, Any]:
        answer: dict[str, Any] = self.ask.post("bank_gateway", f"/batches/{self._batches[name]}/hand-over", {})
        return answer

    def _withdraw(self, step: Step, name: str, *accounts: str) -> None:
        asked = {"account_nos": [self._account(account) for account in accounts]} if accounts else {}
        self.ask.post("bank_gateway", f"/batches/{self._batches[name]}/withdrawals", asked)

    def _return(self, step: Step, name: str, *words: str) -> dict[str, Any]:
        if words != ("again",):
            sent = self.ask.download("bank_gateway", f"/batches/{self._batches[name]}/file")
            outcomes = {
                self._account(key): value for key, value in step.options.items() if not key.startswith("amount.")
            }
            amounts = {self._account(key.removeprefix("amount.")): parse_yuan(value)
                       for key, value in step.options.items() if key.startswith("amount.")}  # fmt: skip
            self._results[name] = result_file(*sent, outcomes=outcomes, amounts_fen=amounts)
        file_name, content = self._results[name]
        answer: dict[str, Any] = self.ask.upload("bank_gateway", "/batches/results", name=file_name, content=content)
        return answer

    def _batch(self, step: Step, name: str) -> dict[str, Any]:
        """A batch as it stands."""
        answer: dict[str, Any] = self.ask.get("bank_gateway", f"/batches/{self._batches[name]}")
        return answer

    def _post_cases(self, step: Step, bank: str, day: str) -> dict[str, Any]:
        """A person posts whatever only the bank has of that day."""
        cases = self.ask.get("bank_gateway", "/bank-days/cases", bank=bank, day=day)["cases"]
        asked = {
            "cases": [case["case_no"] for case in cases if case["kind"] == "bank_only"],
            "reason": self._reason(step),
        }
        return {"posted": len(self.ask.post("bank_gateway", "/bank-days/cases/postings", asked)["cases"])}

    def _bank_day(self, step: Step, bank: str, day: str) -> dict[str, Any]:
        self._bank(bank)
        date.fromisoformat(day)
        lines = []
        for line in step.options.get("lines", "").split():
            serial, name, amount = line.split(":")
            lines.append({"serial": serial, "account_no": self._accounts.get(name, "0000000000"), "amount": amount})
        answer: dict[str, Any] = self.ask.post("bank_gateway", "/bank-days", {"bank": bank, "day": day, "lines": lines})
        return answer
