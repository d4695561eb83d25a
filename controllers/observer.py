"""What lies behind the readings, kept up once a cycle and worked out each 10 s.

Dome and body are followed together: the dome's model turns air and measured power into the climate
that is felt, the body's model turns that climate into a core temperature, and what the probe says
instead corrects the body. From both comes the forecast that the outer loop holds. `Trust` says
whether any of this may be used; without it control goes on as a plain cascade.

Pure: time and readings are arguments. A gap, a missing reading or a number that is none ends in
less knowledge, never in more heat.
"""

from __future__ import annotations

from math import inf
from typing import Final, NamedTuple

from controllers import body as bodies
from controllers import dome as domes
from controllers import lid as lids
from controllers import surely as sure
from controllers import trust as trusts
from controllers.body import Body
from controllers.dome import Dome
from controllers.forecast import Forecast, coast
from controllers.lid import Lid
from controllers.surely import Surely
from controllers.trust import Trust

STEP_S: Final = 10.0
GAP_S_MAX: Final = 40.0  # longer without a cycle: the temperatures begin anew
CORE_LOST_S_MAX: Final = 300.0  # longer without a core temperature: likewise
AIR_LOST_S_MAX: Final = 600.0  # heat without an air probe ends by then: SAFETY.md section 4
# Air that is this much off in one cycle is a probe that was moved or lies: no climate does that.
JUMP_DELTA_C: Final = 2.5
AIR_SEEN_S_MIN: Final = 300.0  # and begins only with a dome that is known
# Probes part company because one of them slips, and it is up to two minutes before it is known
# which: what the leading one says until then is no news of the patient. Then it is listened to for
# as long at least, however often they change.
SETTLES_S: Final = 120.0


class Gathered(NamedTuple):
    """Sums since the last step; °C and % times seconds, and the samples of the core."""

    since_s: float
    air_c_s: float = 0.0
    air_s: float = 0.0
    power_pct_s: float = 0.0
    power_s: float = 0.0
    core_sum_c: float = 0.0
    cores: int = 0
    last_air_temp_c: float | None = None


class Observer(NamedTuple):
    """All that is known of dome and body. None: not begun, or begun anew."""

    body: Body | None = None
    dome: Dome | None = None
    felt_temp_c: float = bodies.SKIN_AT_REST_C  # the climate behind the skin's lag
    climate_temp_c: float = 0.0  # as it is in the dome
    forecast: Forecast | None = None
    trust: Trust = Trust()
    lid: Lid = Lid()
    surely: Surely = Surely()
    gathered: Gathered | None = None
    core_probe_ids: tuple[str, ...] = ()  # whose readings the last core temperature was
    told_s: float = inf  # since other probes began to tell the core
    at_s: float | None = None
    core_lost_s: float = 0.0
    air_lost_s: float = 0.0
    air_seen_s: float = 0.0

    @property
    def expected_core_temp_c(self) -> float | None:
        """Where heat alone must at least have brought the core; None before it began. Only its
        movement counts.
        """
        return None if self.dome is None else self.surely.core_temp_c


BLIND: Final = Observer()


def observe(
    observer: Observer,
    *,
    core_temp_c: float | None,
    core_probe_ids: tuple[str, ...] = (),
    core_sd_c: float,
    air_temp_c: float | None,
    power_pct: float | None,
    lid_open: bool,
    now_s: float,
) -> Observer:
    """One cycle. `power_pct` is what the heater was measured to give, of its rating; `core_sd_c`
    how far a good reading lies around the truth, at least a part of the probe's resolution.
    `core_probe_ids`: whose readings the core temperature is drawn from.
    """
    before_s = observer.at_s
    if before_s is None:
        before_s = now_s
    elif not 0.0 <= now_s - before_s <= GAP_S_MAX:
        observer, before_s = after_gap(observer), now_s
    if air_temp_c is not None and not domes.is_air(air_temp_c):
        air_temp_c = None
    if core_temp_c is not None and not bodies.is_core(core_temp_c):
        core_temp_c = None
    if air_temp_c is not None and observer.gathered is not None:
        observer = _after_jump(observer, observer.gathered.last_air_temp_c, air_temp_c)
    if core_temp_c is not None and core_probe_ids != observer.core_probe_ids:
        observer = _by_other_probes(observer, core_temp_c, core_probe_ids)
    gathered = _gathered(
        observer.gathered, core_temp_c, air_temp_c, power_pct, now_s - before_s, now_s
    )
    observer = observer._replace(gathered=gathered, at_s=now_s)
    if observer.dome is None and air_temp_c is not None:
        dome = domes.begin(air_temp_c)
        observer = observer._replace(dome=dome, climate_temp_c=air_temp_c)
    if observer.body is None and core_temp_c is not None and observer.dome is not None:
        observer = _forecast(observer._replace(body=bodies.begin(core_temp_c)), air_temp_c)
    if now_s - gathered.since_s >= STEP_S:
        return _stepped(observer, gathered, core_sd_c, lid_open, now_s)
    return observer


def after_gap(observer: Observer) -> Observer:
    """What was learnt of dome and patient stands; what became of them meanwhile is not known."""
    dome = observer.dome
    return observer._replace(
        dome=None if dome is None else domes.carried_over(dome),
        forecast=None,
        gathered=None,
        at_s=None,
        lid=Lid(),
        core_lost_s=CORE_LOST_S_MAX,
        air_seen_s=0.0,
    )


def _after_jump(observer: Observer, before_c: float | None, air_temp_c: float) -> Observer:
    """The probe has jumped, the climate has not: all that was learnt in its terms moves with it."""
    body, dome, gathered = observer.body, observer.dome, observer.gathered
    if before_c is None or dome is None or gathered is None:
        return observer
    jump_c = air_temp_c - before_c
    if abs(jump_c) <= JUMP_DELTA_C:
        return observer
    return observer._replace(
        body=None if body is None else bodies.moved_hold(body, jump_c),
        dome=domes.moved_lining(dome, jump_c),
        felt_temp_c=observer.felt_temp_c + jump_c,
        gathered=gathered._replace(air_c_s=gathered.air_c_s + jump_c * gathered.air_s),
    )


def _by_other_probes(
    observer: Observer, core_temp_c: float, core_probe_ids: tuple[str, ...]
) -> Observer:
    """Other probes tell the core from now on. It is where they say, and goes on as it went: the
    step between them is no news of the patient, and for a while nothing that they say is.
    """
    observer = observer._replace(core_probe_ids=core_probe_ids)
    body = observer.body
    if body is None:
        return observer
    was_told = observer.core_lost_s == 0.0 and observer.told_s >= 2.0 * SETTLES_S
    return observer._replace(
        body=bodies.moved_core(body, core_temp_c - body.core_temp_c),
        told_s=0.0 if was_told else observer.told_s,
    )


def _gathered(
    gathered: Gathered | None,
    core_temp_c: float | None,
    air_temp_c: float | None,
    power_pct: float | None,
    dt_s: float,
    now_s: float,
) -> Gathered:
    """With the readings of this cycle. A reading that is missing adds nothing."""
    since_s, air_c_s, air_s, power_pct_s, power_s, core_sum_c, cores, *_ = gathered or Gathered(
        now_s
    )
    if air_temp_c is not None:
        air_c_s, air_s = air_c_s + air_temp_c * dt_s, air_s + dt_s
    if power_pct is not None and 0.0 <= power_pct <= domes.POWER_PCT_MAX:
        power_pct_s, power_s = power_pct_s + power_pct * dt_s, power_s + dt_s
    if core_temp_c is not None:
        core_sum_c, cores = core_sum_c + core_temp_c, cores + 1
    return Gathered(since_s, air_c_s, air_s, power_pct_s, power_s, core_sum_c, cores, air_temp_c)


def _stepped(
    observer: Observer, gathered: Gathered, core_sd_c: float, lid_open: bool, now_s: float
) -> Observer:
    """What 10 s of readings say of dome and body."""
    dt_s = now_s - gathered.since_s
    air_temp_c = gathered.air_c_s / gathered.air_s if gathered.air_s > 0.0 else None
    power_pct = gathered.power_pct_s / gathered.power_s if gathered.power_s > 0.0 else 0.0
    core_temp_c = gathered.core_sum_c / gathered.cores if gathered.cores > 0 else None
    begun = Gathered(now_s, last_air_temp_c=gathered.last_air_temp_c)
    observer = observer._replace(gathered=begun)
    if observer.dome is None:
        return observer
    observer = _with_dome(observer, observer.dome, air_temp_c, power_pct, lid_open, dt_s)
    if observer.body is not None and observer.dome is not None:
        observer = _with_body(observer, observer.body, core_temp_c, core_sd_c, dt_s)
    return _forecast(observer, air_temp_c)


def _with_dome(
    observer: Observer,
    dome: Dome,
    air_temp_c: float | None,
    power_pct: float,
    lid_open: bool,
    dt_s: float,
) -> Observer:
    dome, lid = domes.run_on(dome, power_pct, dt_s), observer.lid
    if air_temp_c is None:
        lid = Lid()
    else:
        lid = lids.watched(lid, air_temp_c, dome.air_temp_c, switch_open=lid_open, dt_s=dt_s)
        if lid.open_s is None:
            dome = domes.looked_at(dome, air_temp_c, learns=not lid.holds)
    if not domes.is_sound(dome):
        if air_temp_c is None:
            return observer._replace(dome=None, forecast=None)
        dome = domes.begin(air_temp_c)
    felt_by_c = dome.air_temp_c if air_temp_c is None else air_temp_c
    climate_c = domes.climate_c(felt_by_c, dome.lining_temp_c)
    felt_c = bodies.felt_temp_c(observer.felt_temp_c, climate_c, dt_s)
    seen = air_temp_c is not None
    return observer._replace(
        dome=dome,
        lid=lid,
        climate_temp_c=climate_c,
        felt_temp_c=felt_c,
        surely=sure.moved(observer.surely, felt_c, dt_s),
        air_lost_s=0.0 if seen else observer.air_lost_s + dt_s,
        air_seen_s=observer.air_seen_s + dt_s if seen else observer.air_seen_s,
    )


def _with_body(
    observer: Observer, body: Body, core_temp_c: float | None, core_sd_c: float, dt_s: float
) -> Observer:
    body, trust = bodies.run_on(body, observer.felt_temp_c, dt_s), observer.trust
    if core_temp_c is None:
        return observer._replace(body=body, core_lost_s=observer.core_lost_s + dt_s)
    if observer.core_lost_s >= CORE_LOST_S_MAX:
        body = bodies.carried_over(body, core_temp_c)
    elif observer.told_s >= SETTLES_S:
        learns = not observer.lid.holds
        body, off_sd = bodies.looked_at(body, core_temp_c, core_sd_c, learns=learns)
        trust = trusts.judged(trust, off_sd, dt_s) if learns else trust
    if not bodies.is_sound(body):
        body, trust = bodies.begin(core_temp_c), trusts.doubted("the observer has lost the body")
    elif trust.doubt and trust.sound_s == 0.0:
        body = bodies.begin(core_temp_c)
    told_s = observer.told_s + dt_s
    return observer._replace(body=body, trust=trust, core_lost_s=0.0, told_s=told_s)


def _forecast(observer: Observer, air_temp_c: float | None) -> Observer:
    body, dome = observer.body, observer.dome
    if body is None or dome is None:
        return observer._replace(forecast=None)
    air_c = dome.air_temp_c if air_temp_c is None else air_temp_c
    return observer._replace(forecast=coast(body, dome, observer.felt_temp_c, air_c))
