"""What of the observer outlives a restart: what was learnt of patient and dome, in plain numbers.

Times are not among them, so no clock is trusted. How far the blood was ahead of the core comes back
as a guess only, and where the lining is not at all: the first steps find both.
"""

from __future__ import annotations

from collections.abc import Mapping

from controllers import body as bodies
from controllers import dome as domes
from controllers.body import Body
from controllers.dome import Dome
from controllers.observer import BLIND, Observer, after_gap


def kept(observer: Observer) -> dict[str, float]:
    """Empty where there is nothing worth keeping."""
    body, dome = observer.body, observer.dome
    if body is None or dome is None or observer.trust.doubt:
        return {}
    return {
        "core_temp_c": body.core_temp_c,
        "blood_temp_c": body.blood_temp_c,
        "hold_temp_c": body.hold_temp_c,
        "hold_sd_c": body.hold_sd_c,
        "gain_per_s": body.gain_per_s,
        "gain_sd_share": body.gain_sd_share,
        "lag_s": body.lag_s,
        "lag_sd_share": body.lag_sd_share,
        "felt_temp_c": observer.felt_temp_c,
        "lining_temp_c": dome.lining_temp_c,
        "lift_c": dome.lift_c,
        "warming_c_per_s": dome.warming_c_per_s,
        "around_temp_c": dome.around_temp_c,
    }


def recalled(found: Mapping[str, float]) -> Observer:
    """Begins with what was kept; with nothing when there is none or it makes no sense.

    Raises KeyError when a part of it is missing.
    """
    if not found:
        return BLIND
    spread = bodies.unrelated(
        bodies.CORE_AT_FIRST_SD_C,
        bodies.BLOOD_AFTER_GAP_SD_C,
        found["hold_sd_c"],
        gain_sd_share=found["gain_sd_share"],
        lag_sd_share=found["lag_sd_share"],
    )
    body = Body(
        found["core_temp_c"], found["blood_temp_c"], found["hold_temp_c"], found["gain_per_s"],
        found["lag_s"], spread,
    )  # fmt: skip
    lining_c = found["lining_temp_c"]
    dome = Dome(
        0.0, 0.0, lining_c, found["lift_c"], found["warming_c_per_s"], found["around_temp_c"],
        domes.begin(lining_c).spread,
    )  # fmt: skip
    if not bodies.is_sound(body) or not domes.is_sound(dome):
        return BLIND
    return after_gap(Observer(body, dome, found["felt_temp_c"], lining_c))
