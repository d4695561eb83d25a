"""Debian's chromium draws a page and runs its script under playwright."""

import pytest

pytestmark = pytest.mark.browser


async def test_chromium_runs_a_page(browser):
    page = await browser.new_page()
    await page.set_content(
        "<h1>off</h1><script>document.querySelector('h1').textContent = 'on'</script>"
    )
    assert await page.inner_text("h1") == "on"
