# Every target does its own set-up; `make test` on a bare clone needs Python 3.11, git, make, gcc and root or the
# Debian packages that it names. The stages themselves are in tests/run.py.

PY := .venv/bin/python
SPEED ?= 10
MIN ?= 60
SEED ?= $(shell date +%Y%m%d00)

.PHONY: demo test fast lint bench bench-control soak sabotage mutate setup servers lock clean

demo: setup            ## a whole session with a simulated patient, in a browser
	.venv/bin/thermod demo --speed $(SPEED)

test: setup servers    ## everything
	$(PY) tests/run.py

fast: setup            ## checks and pure tests, under a minute
	$(PY) tests/run.py checks pure

lint: setup
	$(PY) tests/run.py checks

bench: setup servers   ## cycle cost, jitter and capacity on this machine
	.venv/bin/thermod bench

bench-control: setup   ## 200 simulated patients of each kind, against the last committed result; BLESS=--bless accepts
	.venv/bin/thermod bench-control --json .bench-control.json $(BLESS)

soak: setup servers    ## pretend and real: campaigns for half of MIN minutes, each fault 30 times, the real processes
	.venv/bin/thermod drill --simulated --sessions 200 --hours 30 --seed $(SEED) --minutes $$(($(MIN) / 2))
	.venv/bin/thermod drill --runs 30 --domes 30 --long
	$(PY) tests/run.py --minutes $$(($(MIN) / 2)) processes
	$(PY) -m tests.properties.fuzz --cases 2000000
	.venv/bin/pytest -q --hypothesis-profile=soak -k machine tests/properties

sabotage: setup        ## take away each safety measure in turn: does the test that guards it fail?
	$(PY) -m tests.sabotage

mutate: setup          ## small faults in alarms, limiter, lease, session, guard: which go unnoticed? MIN minutes at most
	nice -n 15 $(PY) -m tests.mutation --minutes $(MIN)

setup: .venv/ready

.venv/ready: requirements.lock pyproject.toml deploy/setup.sh
	deploy/setup.sh
	@touch $@

servers:
	@deploy/test-servers.sh

lock: setup            ## after a change of the dependencies in pyproject.toml
	.venv/bin/uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --generate-hashes \
	    --no-header --no-annotate --quiet --output-file requirements.lock

clean:
	rm -rf .venv .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .mutation .bench-control.json
