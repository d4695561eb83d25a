#!/bin/sh
# The real servers that `make test` talks to. Installs what is missing where it may, else says what to install;
# the tests that need a missing one then fail, because a test that did not run proves nothing.
set -eu
PATH="$PATH:/usr/local/sbin:/usr/sbin"

missing=
for package in mosquitto victoria-metrics chromium; do
    command -v "$package" >/dev/null || missing="$missing $package"
done
if [ -z "$missing" ]; then exit 0; fi

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    echo "tests: some will fail here. To install what they need, as root: apt-get install$missing" >&2
    exit 0
fi

# The tests start servers of their own, so none shall run as a service of this machine afterwards.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' > "$policy"
    chmod +x "$policy"
    trap 'rm -f "$policy"' EXIT
fi
echo "tests: installing$missing"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# shellcheck disable=SC2086  # one word for each package
apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=300 $missing >/dev/null
