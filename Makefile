# The README's two commands: `make app` and `make test`. Each does all its set-up.
PORT ?= 8501
LAKE ?= lake
VENV := .venv
PYTHON := $(VENV)/bin/python
export RINGLEADER_LAKE = $(LAKE)

.PHONY: app test check sample clean

app: $(VENV)/.runtime sample
	$(PYTHON) -m streamlit run app/main.py --server.address 127.0.0.1 --server.port $(PORT)

test: $(VENV)/.dev $(VENV)/.nvforest check
	$(PYTHON) tests/install_browser.py
	$(PYTHON) -m pytest

check: $(VENV)/.dev
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy

# The run of the sample (generated data with planted rings): the first page has something to show.
sample: $(VENV)/.runtime
	@$(PYTHON) -m engine run assets/sample/aml_rings.csv.gz --lake $(LAKE) --run-id sample

$(VENV)/.runtime: requirements.txt | $(VENV)/bin/python
	$(PYTHON) -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements.txt requirements-dev.txt | $(VENV)/bin/python
	$(PYTHON) -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@ $(VENV)/.runtime

# nvForest beside the environment: it scores on a CPU, and its declared needs are 5 GB of CUDA.
$(VENV)/.nvforest: tests/rapids/requirements-nvforest.txt | $(VENV)/bin/python
	@rm -rf $(VENV)/nvforest
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --no-deps \
		--target $(VENV)/nvforest -r $<
	@touch $@

$(VENV)/bin/python:
	@sh tests/find_python.sh -m venv $(VENV)

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache
