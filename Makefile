# Two commands for a fresh machine with Python 3.11 to 3.13 and nothing else:
#   make demo    the quickstart notebook, executed, as a page to read
#   make test    the tests; `make test-all` has the rare and the long ones too
# A Java for Spark and Graphviz come from PyPI where the machine has none.

VENV := .venv
BIN := $(VENV)/bin
notebooks := --nbval --nbval-sanitize-with notebooks/sanitize.cfg --nbval-cell-timeout 600 $(wildcard notebooks/*.ipynb)
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null && echo $$p && break; done)

# Where it is set, each of a hundred processes would compile TensorFlow's sources anew: 10 s of CPU time.
export PYTHONDONTWRITEBYTECODE =

.PHONY: demo lab test test-all test-notebooks test-versions test-oldest test-middle test-connect test-client front-end bench bench-rivals docs screenshots clean

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 is needed: make demo PYTHON=/path/to/python"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	-$(BIN)/python -m pip install --quiet uv

# uv takes half of pip's time. pip is for whom uv cannot install: it does not know pip's settings.
install = $(BIN)/python -m uv pip install --quiet --compile-bytecode --python $(BIN)/python -e '.[$(extras)]' || \
	$(BIN)/python -m pip install --quiet -e '.[$(extras)]'

$(VENV)/.demo: extras := notebooks,java
$(VENV)/.demo: pyproject.toml | $(BIN)/python
	@echo "Installing TensorFlow, Spark and JupyterLab into $(VENV): some minutes, once."
	$(install)
	@touch $@

$(VENV)/.dev: extras := dev,java
$(VENV)/.dev: pyproject.toml | $(BIN)/python
	@echo "Installing everything the tests need into $(VENV): some minutes, once."
	$(install)
	-$(BIN)/python -m tests.java_archive
	@touch $@ $(VENV)/.demo

demo: $(VENV)/.demo
	$(BIN)/python -m docs.page notebooks/01_quickstart.ipynb build/01_quickstart.html
	@echo; echo "The finished quickstart: file://$(CURDIR)/build/01_quickstart.html"
	@$(BIN)/python -c "import os, webbrowser; os.environ.get('DISPLAY') and webbrowser.open('file://$(CURDIR)/build/01_quickstart.html')"

lab: $(VENV)/.demo
	$(BIN)/python -m jupyterlab --notebook-dir=notebooks notebooks/01_quickstart.ipynb

# `make test-all` also runs tests marked `long`, all cases of a matrix, all notebooks, and each test of a session
# on Connect.
test test-all: $(VENV)/.dev
	$(BIN)/python -m pytest tests $(notebooks) -n 3 --no-loadscope-reorder $(if $(filter test-all,$@),--all)

test-notebooks: $(VENV)/.dev
	$(BIN)/python -m pytest -p tests.conftest $(notebooks) -n 2 --all

# Corners of the versions that pyproject.toml allows, each in an environment of its own in build/.
test-versions: test-oldest test-middle test-connect test-client

UV := build/uv/bin/uv
$(UV):
	$(PYTHON) -m venv build/uv
	build/uv/bin/python -m pip install --quiet uv

# TensorFlow 2.19 has no Python 3.13, so that all corners have an older one.
make_in = $(UV) venv --quiet --clear --python '>=3.11,<3.13' build/$(1)
install_in = $(UV) pip install --quiet --compile-bytecode --python build/$(1)/bin/python
side_by_side := -m pytest -n 2 --no-loadscope-reorder -p no:cacheprovider

# The lowest version of everything. It has no Connect, which TensorFlow 2.19 does not go with.
test-oldest: $(UV)
	$(call make_in,oldest)
	$(call install_in,oldest) --resolution lowest-direct -e '.[test,java]'
	build/oldest/bin/python $(side_by_side) $(addprefix tests/,graph schema models binding worker executor sources \
		inspection training)

build/middle/.made: pyproject.toml | $(UV)
	$(call make_in,middle)
	$(call install_in,middle) -e '.[connect,test,java]' 'pyspark==4.2.*' 'tensorflow==2.20.*'
	@touch $@

test-middle: build/middle/.made
	build/middle/bin/python $(side_by_side) tests/executor

# The oldest Spark with the newest TensorFlow, and what differs on Connect.
test-connect: $(UV)
	$(call make_in,connect)
	$(call install_in,connect) -e '.[connect,test,java]' 'pyspark==4.1.*'
	build/connect/bin/python $(side_by_side) tests/executor --all -m both -k 'connect and not classic'

# `pyspark-client`, which has no Java: the server is that of another environment. The client of 4.2 cannot be
# imported in the processes of xdist, whose main module has no file.
test-client: build/middle/.made
	$(call make_in,client)
	$(call install_in,client) './core[client,test]'
	! build/client/bin/python -c 'from pyspark import SparkContext' 2>/dev/null
	TFSPARK_MAGIC_SERVER_PYTHON=$(CURDIR)/build/middle/bin/python \
		build/client/bin/python -m pytest -p no:cacheprovider tests/executor --all -m both -k 'connect and not classic'
	build/client/bin/python -m pytest -p no:cacheprovider tests/test_versions.py

js/node_modules: js/package-lock.json | $(VENV)/.dev
	PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --prefix js --no-audit --no-fund --ignore-scripts
	@touch $@

# The modules in tfspark_magic/static, which are checked in so that pip needs no Node.
front-end: js/node_modules
	PATH="$(CURDIR)/$(BIN):$$PATH" npm run --prefix js build

bench: $(VENV)/.dev
	$(BIN)/python -m benchmarks

# Ray Data and Daft, beside this package: make bench-rivals options='--scale 0.1 --only seed'
build/rivals/.made: pyproject.toml | $(UV)
	$(call make_in,rivals)
	$(call install_in,rivals) -e '.[java]' 'ray[data]' daft psutil
	@touch $@

bench-rivals: build/rivals/.made
	build/rivals/bin/python -m benchmarks.rivals $(options)

docs: $(VENV)/.dev
	$(BIN)/python -m sphinx --quiet --fail-on-warning -c docs . build/site
	@echo "The site: file://$(CURDIR)/build/site/index.html"

screenshots: $(VENV)/.dev
	$(BIN)/python -m docs.screenshots

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
