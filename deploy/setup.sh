#!/bin/sh
# Makes .venv hold exactly what requirements.lock names, and this tree as an editable install.
# PYTHON=/path/to/python3.x chooses the interpreter for a new .venv.
set -eu
cd "$(dirname "$0")/.."

say() { echo "setup: $*"; }
fail() { say "$*" >&2; exit 1; }

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
    for candidate in ${PYTHON:-} python3.11 python3.12 python3.13 python3.14 python3; do
        if new_enough "$candidate"; then echo "$candidate"; return; fi
    done
    fail "no Python 3.11 or newer found. Install one, or name it: make setup PYTHON=/path/to/python3"
}

# Debian ships the venv module's ensurepip in a package of its own.
make_venv() {
    "$1" -m venv .venv >/dev/null 2>&1 && return
    version=$("$1" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
        fail "$1 cannot make a virtual environment. As root: apt-get install $version"
    fi
    say "installing $version"
    apt-get update -qq && apt-get install -y -qq --no-install-recommends "$version" >/dev/null
    "$1" -m venv --clear .venv
}

if [ ! -x .venv/bin/python ] || ! new_enough .venv/bin/python; then
    rm -rf .venv
    python=$(find_python)
    say "new .venv with $("$python" --version)"
    make_venv "$python"
fi

# pip brings uv, at the version and with the hashes of the lock; uv brings the rest, ten times faster.
uv_pinned=$(awk '/^[^ ]/ { wanted = /^uv==/ } wanted' requirements.lock)
uv_version=$(echo "$uv_pinned" | sed -n 's/^uv==\([^ ]*\).*/\1/p')
if [ "$(.venv/bin/uv --version 2>/dev/null | cut -d' ' -f2)" != "$uv_version" ]; then
    say "uv $uv_version"
    echo "$uv_pinned" > .venv/uv.lock
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r .venv/uv.lock
fi

say "packages of requirements.lock"
if ! .venv/bin/uv pip sync --quiet --require-hashes --python .venv/bin/python requirements.lock; then
    # A site whose package mirror is known to pip alone.
    say "uv could not; trying pip"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
fi

# hatchling came with the lock, so the build needs no second download.
.venv/bin/uv pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation --editable .
say "ready: .venv/bin/thermod"
