"""`thermod demo` as a person meets it: open the page, start a session, see it heat, stop it."""

import asyncio
import os
import re
import signal
import sys
from pathlib import Path

import pytest
from playwright.async_api import expect

pytestmark = pytest.mark.browser
ROOT = Path(__file__).resolve().parent.parent.parent
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/#key=\S+")


@pytest.fixture
async def demo_address():
    command = ("demo", "--speed", "10", "--no-open", "--port", "0")
    process = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).parent / "thermod"), *command, stdout=asyncio.subprocess.PIPE
    )
    said = ""
    try:
        async with asyncio.timeout(40.0):
            while ADDRESS.search(said) is None:
                line = await process.stdout.readline()
                assert line, f"the demo ended: {said}"
                said += line.decode()
        yield ADDRESS.search(said)[0]
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
        async with asyncio.timeout(15.0):
            await process.wait()
    assert process.returncode == 0


async def test_a_session_is_started_and_stopped_in_the_demo(demo_address, browser, tmp_path):
    page = await browser.new_page(viewport={"width": 1280, "height": 900})
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await page.goto(demo_address)
    await page.get_by_text("New session").click(timeout=30_000)
    await page.fill("[name=subject]", "P-017")
    await page.fill("[name=staff]", "nurse-7")
    await page.check("[name=consent]")
    await page.click("text=Create and check")
    start = page.locator("#start")
    await expect(start).to_be_enabled(timeout=30_000)  # every line of the real checklist is ticked
    await start.click()
    await expect(page.locator("#phase")).to_have_text("Heat-up", timeout=10_000)
    await expect(page.locator("#heat")).to_have_text("Heat permitted", timeout=20_000)
    await expect(page.locator("[data-text=watts]")).to_have_text(
        re.compile(r"^[1-9]\d+ W measured"), timeout=20_000
    )
    await expect(page.locator("#plot .scatterlayer .trace")).to_have_count(3, timeout=20_000)
    await save_screenshot(page, tmp_path)

    await page.click(".stop")
    stopped = page.locator("#stopped")
    await expect(stopped).to_contain_text("dome, guard and control confirm it", timeout=10_000)
    await expect(page.locator("#phase")).to_have_text("Tripped", timeout=10_000)
    await expect(page.locator("[data-text=watts]")).to_have_text(
        re.compile(r"^0 W measured"), timeout=10_000
    )
    await expect(page.locator("#alarm-list")).to_contain_text("STOP was pressed")
    assert complaints == []


async def save_screenshot(page, folder):
    """For the README if THERMOD_SCREENSHOT says how many seconds to heat first; else a trial."""
    wait_s = os.environ.get("THERMOD_SCREENSHOT")
    target = folder / "screenshot.png" if wait_s is None else ROOT / "deploy" / "screenshot.png"
    if wait_s is not None:
        await page.wait_for_timeout(1000.0 * float(wait_s))
    await page.screenshot(path=target)
    assert target.stat().st_size > 20_000
