"""The console in Debian's chromium, fed by a scripted control over a real broker."""

from dataclasses import replace

import pytest
from playwright.async_api import Page, expect

from tests.gateway.fake_control import FakeControl
from tests.gateway.fakes import ALARM, CHECKS, SESSION
from tests.gateway.serving import config_for, gateway
from thermod.gateway.keys import DATABASE
from thermod.gateway.store import Store

pytestmark = pytest.mark.browser
HEATING = {"phase": "heat_up", "session": SESSION}
PATIENCE_MS = 8_000  # the machine may be busy
expect.set_options(timeout=PATIENCE_MS)


class Desk:
    """A browser before a gateway before a scripted control."""

    def __init__(self, running, control, browser):
        self.running = running
        self.control = control
        self.browser = browser
        self.complaints = []

    async def open(self, *, role="operator", width=1280, height=800, scheme="light") -> Page:
        """A page that is logged in and shows the dome."""
        context = await self.browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme
        )
        context.set_default_timeout(PATIENCE_MS)
        page = await context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._listen)
        await page.goto(f"{self.running.url}#key={self.running.keys[role]}")
        await expect(page.locator("#link")).to_have_text("live")
        await expect(page.locator("#core")).to_contain_text("37.")
        return page

    def _listen(self, message):
        if message.type == "error" and "401" not in message.text:
            self.complaints.append(message.text)


@pytest.fixture
async def desk(mosquitto, tmp_path, browser):
    control = FakeControl(mosquitto)
    async with control.running(), gateway(config_for(tmp_path, mosquitto)) as running:
        desk = Desk(running, control, browser)
        yield desk
        for context in browser.contexts:
            await context.close()


async def test_a_session_is_started_and_stopped_in_the_page(desk):
    page = await desk.open()
    await page.click("text=New session")
    await page.fill("[name=subject]", "P-017")
    await page.fill("[name=staff]", "nurse-7")
    await page.check("[name=consent]")
    await page.click("text=Create and check")

    start = page.locator("#start")
    await expect(page.locator("#checks")).to_contain_text("Two core probes agree")
    await expect(start).to_be_disabled()  # the checks still run
    desk.control.become(preflight=(replace(CHECKS[0], ok=False), *CHECKS[1:]))
    await expect(page.locator('#checks [data-ok="false"]')).to_be_visible()
    await expect(start).to_be_disabled()
    desk.control.pass_preflight()
    await expect(start).to_be_enabled()
    await start.click()
    await expect(page.locator("#phase")).to_have_text("Heat-up")
    await expect(page.locator("#heat")).to_have_text("Heat permitted")

    await page.click(".stop")
    await expect(page.locator("#stopped")).to_contain_text("dome, guard and control confirm it")
    await expect(page.locator("#phase")).to_have_text("Tripped")

    kinds = [intent["kind"] for intent in desk.control.intents]
    assert kinds == ["create", "start"]
    create, begin = desk.control.intents
    assert create["details"] == {
        "protocol": "hold-45",
        "subject": "P-017",
        "staff": "nurse-7",
        "consent": True,
    }
    assert begin["details"] == {"target_c": 38.5}
    assert begin["by"] == "test-operator"
    assert desk.complaints == []


async def test_the_time_to_target_is_shown_with_its_interval(desk):
    seen = desk.control.snapshot.control
    told = replace(seen, eta_min=34.2, eta_low_min=28.9, eta_high_min=40.6)
    desk.control.become(**HEATING, control=told)
    page = await desk.open()
    await expect(page.locator("[data-text=eta]")).to_have_text("34 min (29–41)")
    desk.control.become(control=seen)
    await expect(page.locator("[data-text=eta]")).to_have_text("–")


async def test_what_staff_ask_for_reaches_control_and_its_refusal_reaches_staff(desk):
    desk.control.become(**HEATING)
    page = await desk.open()
    await page.click("text=I am here")
    await expect(page.locator("#said")).to_have_text("Presence confirmed")
    desk.control.refuse = ("not now, the lid is open", "Close the lid.")
    await page.click("text=Pause heat")
    await expect(page.locator("#said")).to_have_text("not now, the lid is open Close the lid.")
    desk.control.refuse = None
    await page.click("text=Pause heat")
    await expect(page.locator("#phase")).to_have_text("Paused")
    await page.click("text=Resume heat")
    await page.click("text=Heat again, to 38.5 °C")
    await expect(page.locator("#phase")).to_have_text("Heat-up")
    await page.click("text=End heating")
    await expect(page.locator("#phase")).to_have_text("Cool-down")

    desk.control.become(core=replace(desk.control.snapshot.core, temp_c=38.3))
    await expect(page.locator("#core")).to_contain_text("38.3")
    await page.click("text=Close session")
    await expect(page.locator("#sheet")).to_contain_text("not below 38.0 °C")
    await page.fill("[name=reason]", "patient asked")
    await page.locator("#sheet").get_by_text("Close session").click()
    await expect(page.locator("#phase")).to_have_text("Ended")
    assert desk.control.intents[-1]["reason"] == "patient asked"
    for intent in desk.control.intents:
        assert desk.control.snapshot.cycle - intent["cycle"] >= 0
        assert intent["controller_id"] == "c-1"


async def test_an_interrupted_session_goes_on_only_with_a_reason_and_the_same_patient(desk):
    desk.control.become(phase="interrupted", session=SESSION)
    page = await desk.open()
    await page.click("text=Resume heat")
    await page.click("text=Heat again")
    assert desk.control.intents == []  # the form itself holds it back
    await page.fill("[name=reason]", "control was restarted")
    await page.check("[name=same_patient]")
    await page.click("text=Heat again")
    await expect(page.locator("#phase")).to_have_text("Heat-up")
    (resume,) = desk.control.intents
    assert resume["details"] == {"target_c": 38.5, "same_patient": True}


async def test_latches_are_reset_by_name_and_with_a_reason(desk):
    desk.control.become(phase="tripped", session=SESSION, latches=("stopped", "core_cutoff"))
    page = await desk.open()
    await page.click("text=Reset latches")
    await expect(page.locator("#sheet")).to_contain_text("stopped, core_cutoff")
    await page.fill("[name=reason]", "patient is well")
    await page.click("#sheet >> text=Reset >> nth=-1")
    await expect(page.locator("#phase")).to_have_text("Paused")
    assert desk.control.intents[0]["details"] == {"latches": ["stopped", "core_cutoff"]}


async def test_alarms_say_what_to_do_and_are_acknowledged_and_paused(desk):
    high = replace(ALARM, alarm_id="core_lost", priority="high", text="No core probe left")
    desk.control.become(**HEATING, alarms=(ALARM, high))
    page = await desk.open()
    rows = page.locator(".alarm")
    await expect(rows).to_have_count(2)
    await expect(rows.nth(0)).to_contain_text("No core probe left")  # the higher first
    await expect(rows.nth(1)).to_contain_text(ALARM.do)
    title, core = await page.evaluate(  # both at once: the next snapshot is never far
        "[document.title, document.querySelector('[data-text=core]').innerText]"
    )
    assert title == f"ALARM · {core} °C · dome-1 · thermod"
    await rows.nth(1).get_by_text("Acknowledge").click()
    await expect(rows.nth(1)).to_contain_text("acknowledged by test-operator")
    await rows.nth(0).get_by_text("Pause sound").click()
    await expect(rows.nth(0)).to_contain_text("Sound paused 2:00")
    desk.control.become(alarms=())
    await expect(page.locator("#no-alarms")).to_be_visible()


async def test_an_alarm_says_step_by_step_what_to_do_and_leaves_stop_in_reach(desk):
    desk.control.become(**HEATING, alarms=(replace(ALARM, alarm_id="core_cutoff"),))
    page = await desk.open()
    await page.locator(".alarm").get_by_text("What to do").click()
    await expect(page.locator("#sheet")).to_contain_text(
        "Begin cooling as your clinic's plan says."
    )
    await page.click(".stop")  # nothing lies over it
    await expect(page.locator("#stopped")).to_contain_text("confirm it")


async def test_a_dead_link_shows_alarms_as_past_and_silences_none(desk):
    """H18."""
    desk.control.become(**HEATING, alarms=(replace(ALARM, audio_paused_s=119.0),))
    page = await desk.open()
    row = page.locator(".alarm")
    await expect(row).to_contain_text("Sound paused")
    await desk.running.stop()
    await expect(page.locator("#dead")).to_be_visible()
    await expect(row).to_contain_text("last heard before the link was lost")
    await expect(row).not_to_contain_text("Sound paused")
    await desk.running.start()


async def test_a_stop_that_is_not_echoed_says_so_until_it_is(desk):
    desk.control.become(**HEATING)
    desk.control.deaf_to_stop = {"node"}
    page = await desk.open()
    await page.click(".stop")
    panel = page.locator("#stopped")
    await expect(panel).to_contain_text("NOT CONFIRMED: use the stop button on the dome")
    await expect(panel).to_contain_text("… dome")
    await expect(panel).to_contain_text("✓ guard")
    desk.control.deaf_to_stop = set()
    await expect(panel).to_contain_text("✓ dome")
    await expect(panel).to_contain_text("confirm it")


async def test_a_silent_control_strikes_the_numbers_through_and_alarms(desk):
    desk.control.become(**HEATING)
    page = await desk.open()
    assert await struck(page) is False
    desk.control.silent = True
    await expect(page.locator("#alarm-list")).to_contain_text("Control has been silent")
    await expect(page.locator("#link")).to_have_text("control silent")
    await expect(page.locator("#core-age")).to_contain_text("stale")
    assert await struck(page) is True
    await expect(page.locator("#acts button")).to_have_count(0)  # nobody acts on what is past
    await expect(page.locator("[data-text=watts]")).to_contain_text("the dome itself: 1240 W")
    desk.control.silent = False
    await expect(page.locator("#link")).to_have_text("live")
    assert await struck(page) is False


async def test_a_dead_gateway_is_noticed_by_the_browser_itself_in_four_seconds(desk):
    desk.control.become(**HEATING)
    page = await desk.open()
    await desk.running.stop()
    banner = page.locator("#dead")
    await expect(banner).to_be_visible(timeout=4_500)
    await expect(banner).to_contain_text("Use the stop button on the dome.")
    assert await struck(page) is True
    await page.click(".stop")
    await expect(page.locator("#stopped")).to_contain_text("NOT SENT: use the stop button")

    await desk.running.start()
    await expect(banner).to_be_hidden()
    await expect(page.locator("#link")).to_have_text("live")
    await expect(page.locator("#stopped")).to_contain_text("confirm it")  # the press was kept


async def test_numbers_and_stop_need_no_chart(desk):
    desk.control.become(**HEATING)
    page = await desk.open()
    await page.route("**/console/plotly-*", lambda route: route.abort())
    await page.reload()
    await expect(page.locator("#core")).to_contain_text("37.6")
    await expect(page.locator("#plot")).to_contain_text("The chart is loading")
    await page.click(".stop")
    await expect(page.locator("#stopped")).to_contain_text("confirm it")


async def test_the_chart_shows_the_course_under_our_policy(desk):
    desk.control.become(**HEATING)
    page = await desk.open()
    await expect(page.locator("#plot .scatterlayer .trace")).to_have_count(3)
    await expect(page.locator("#plot")).to_contain_text("cut-off")
    assert desk.complaints == []  # a breach of the policy would be told on the console


async def test_stop_is_in_reach_whatever_is_open_and_however_small(desk):
    desk.control.become(alarms=(ALARM,) + tuple(replace(ALARM, alarm_id=f"a{n}") for n in range(5)))
    for width, height in ((1280, 800), (320, 568), (640, 360)):
        page = await desk.open(width=width, height=height)
        await page.get_by_text("New session").click()
        await expect(page.locator("#sheet")).to_be_visible()
        for _ in range(2):
            at_its_middle = await page.evaluate(
                """() => {
                    const box = document.querySelector(".stop").getBoundingClientRect();
                    const x = box.x + box.width / 2, y = box.y + box.height / 2;
                    return document.elementFromPoint(x, y)?.closest(".stop") !== null;
                }"""
            )
            assert at_its_middle, (width, height)
            await page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
        sideways = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert await page.evaluate(sideways) == 0, (width, height)
        size = await page.evaluate(
            "parseFloat(getComputedStyle(document.getElementById('core')).fontSize)"
        )
        assert size >= 96.0


async def test_everything_works_by_keyboard(desk):
    desk.control.become(**HEATING)
    page = await desk.open()
    focused = "document.activeElement.closest('button')?.textContent ?? ''"
    reached = []
    for _ in range(8):
        await page.keyboard.press("Tab")
        reached.append(await page.evaluate(focused))
    assert any(text.startswith("STOP") for text in reached)
    assert "I am here" in reached
    await page.focus("text=End heating")
    await page.keyboard.press("Enter")
    await expect(page.locator("#phase")).to_have_text("Cool-down")
    await page.focus("text=Close session")
    await page.keyboard.press("Enter")
    await expect(page.locator("#phase")).to_have_text("Ended")
    desk.control.become(phase="interrupted")
    await page.focus("text=Resume heat")
    await page.keyboard.press("Enter")
    await expect(page.locator("#ask-reason")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.locator("#sheet")).to_be_hidden()


async def struck(page):
    """Is the core temperature struck through?"""
    line = "getComputedStyle(document.querySelector('#core span')).textDecorationLine"
    return await page.evaluate(line) == "line-through"


CONTRAST = """() => {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => {
    const hex = style.getPropertyValue(`--${name}`).trim().slice(1);
    return [0, 2, 4].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255);
  };
  const linear = (part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  const light = (name) => {
    const [red, green, blue] = colour(name).map(linear);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const pairs = [
    ["ink", "card"], ["ink", "bg"], ["ink", "high-soft"], ["ink", "medium-soft"],
    ["ink", "low-soft"], ["ink", "soft"], ["muted", "card"], ["muted", "bg"], ["accent", "card"],
    ["on-accent", "accent"], ["card", "heat"], ["heat", "heat-soft"], ["ok", "ok-soft"],
    ["low", "low-soft"], ["medium", "medium-soft"], ["high", "high-soft"], ["high", "card"],
    ["on-stop", "stop"], ["stale", "bg"], ["stale", "card"],
  ];
  return Object.fromEntries(pairs.map(([one, other]) => {
    const [low, high] = [light(one), light(other)].sort((a, b) => a - b);
    return [`${one} on ${other}`, (high + 0.05) / (low + 0.05)];
  }));
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_text_has_the_contrast_of_wcag_aa_and_nothing_flashes_fast(desk, scheme):
    desk.control.become(alarms=(replace(ALARM, priority="high"),))
    page = await desk.open(scheme=scheme)
    ratios = await page.evaluate(CONTRAST)
    assert {pair: ratio for pair, ratio in ratios.items() if not ratio >= 4.5} == {}
    period = (
        "parseFloat(getComputedStyle(document.querySelector('.alarm .lamp')).animationDuration)"
    )
    assert await page.evaluate(period) >= 1 / 3  # s: WCAG 2.3.1, three flashes a second


async def test_a_viewer_may_look_and_stop_and_is_offered_nothing_else(desk):
    desk.control.become(**HEATING)
    page = await desk.open(role="viewer")
    await expect(page.locator("#acts button")).to_have_count(0)
    await page.click(".stop")
    await expect(page.locator("#stopped")).to_contain_text("confirm it")


async def test_an_expired_login_keeps_its_stop_button(desk):
    page = await desk.open()
    cookie = (await page.context.cookies())[0]
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Strict"
    store = Store(desk.running.config.state_dir / DATABASE)
    with store.transaction() as db:
        db.execute("UPDATE logins SET expires_ms = 0")
    store.close()
    await expect(page.locator("#login-error")).to_contain_text("STOP still works.")
    await page.click(".stop")
    await expect(page.locator("#stopped")).to_contain_text("confirm it")


async def test_a_key_in_the_address_logs_in_and_leaves_no_trace_in_the_page(desk):
    page = await desk.open(role="viewer")
    assert page.url == desk.running.url
    whole_page = await page.evaluate("document.documentElement.outerHTML")
    assert desk.running.keys["viewer"] not in whole_page


async def test_a_key_is_typed_into_the_form_and_logging_out_forgets_it(desk):
    page = await desk.browser.new_page()
    await page.goto(desk.running.url)
    await page.fill("#key", desk.running.keys["operator"])
    await page.click("text=Log in")
    await expect(page.locator("#me")).to_have_text("test-operator (operator)")
    await page.click("text=Log out")
    await expect(page.locator("#login-error")).to_have_text("You are logged out.")
    await page.reload()
    await expect(page.locator("#key")).to_be_focused()


async def test_a_wrong_key_says_what_is_wrong(desk):
    page = await desk.browser.new_page()
    await page.goto(desk.running.url)
    await page.fill("#key", "tk_0123456789_" + "x" * 43)
    await page.click("text=Log in")
    await expect(page.locator("#login-error")).to_contain_text("not known, or was revoked")


async def test_several_domes_are_told_apart_and_stop_names_its_dome(mosquitto, tmp_path, browser):
    one, two = FakeControl(mosquitto, "dome-1"), FakeControl(mosquitto, "dome-2")
    two.become(**HEATING, alarms=(ALARM,))
    config = config_for(tmp_path, mosquitto, domes=("dome-1", "dome-2"))
    async with one.running(), two.running(), gateway(config) as running:
        page = await browser.new_page()
        await page.goto(f"{running.url}#key={running.keys['operator']}")
        tabs = page.locator("#domes button")
        await expect(tabs.nth(1)).to_contain_text("medium alarm")
        await expect(page.locator(".stop")).to_have_text("STOPdome-1")
        await tabs.nth(1).click()
        await expect(page.locator("#phase")).to_have_text("Heat-up")
        await page.click('[aria-label="STOP dome-2"]')
        await expect(page.locator("#stopped")).to_contain_text("STOP dome-2")
        await expect(page.locator("#stopped")).to_contain_text("confirm it")
        assert two.stop_id is not None
        assert one.stop_id is None
        await page.close()
