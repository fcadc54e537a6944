# The README's two commands: `make app` and `make test`. Each does all its set-up.
# `make demo` is the app without sign-in, on this machine alone.
PORT ?= 8501
LAKE ?= lake
# Processes that run the tests; each has its own app, browser, database server and emulated AWS,
# about 3 GB in all.
WORKERS ?= 2
# Programs that tests start are loaded from their bytecode, also where a container says not to keep
# it.
unexport PYTHONDONTWRITEBYTECODE
VENV := .venv
PYTHON := $(VENV)/bin/python
CDK := $(VENV)/cdk
export RINGLEADER_LAKE = $(LAKE)
# Debian’s Node.js is older than jsii wants to see; it does.
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION = 18,20

.PHONY: app demo test prepared check infrastructure debian sample synth deploy destroy clean

app: $(VENV)/.runtime sample
	$(PYTHON) -m streamlit run app/server.py --server.address 127.0.0.1 --server.port $(PORT)

demo: export RINGLEADER_DEMO = 1
demo: app

# Environments are made, and sources checked, two at a time; each says what it has to at its end.
test:
	@$(MAKE) --jobs=2 --output-sync=target --no-print-directory prepared
	$(PYTHON) -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

prepared: check infrastructure $(VENV)/.nvforest $(VENV)/ministack/.installed debian

infrastructure: $(CDK)/.installed
	$(CDK)/bin/python -m pytest -c tests/infrastructure/pytest.ini tests/infrastructure

# One apt-get at a time: CDK's environment may have to install Node.js.
debian: $(VENV)/bin/python | $(CDK)/.installed
	$(PYTHON) tests/install_debian.py

check: $(VENV)/.dev
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy

# The run of the sample (generated data with planted rings): the first page has something to show.
# A lake on S3 is a real one: no sample goes into it.
sample: $(VENV)/.runtime
ifeq ($(findstring ://,$(LAKE)),)
	@$(PYTHON) -m engine run assets/sample/aml_rings.csv.gz --lake $(LAKE) --run-id sample
endif

# What can be chosen at deployment; all of it stands in aws/infrastructure/settings.py.
CONTEXT = $(foreach pair,email:EMAIL budget_usd:BUDGET batch_kind:BATCH_KIND \
	batch_rows:BATCH_ROWS bedrock_model:MODEL \
	bedrock_fallbacks:FALLBACKS certificate:CERTIFICATE app_host:APP_HOST web_cidr:WEB_CIDR,$(call \
	given,$(word 1,$(subst :, ,$(pair))),$(word 2,$(subst :, ,$(pair)))))
given = $(if $($(2)),-c '$(1)=$($(2))')

# The infrastructure's templates, in cdk.out; needs no account and no network.
synth: $(CDK)/.installed
	@rm -rf cdk.out
	$(CDK)/bin/python -m aws.infrastructure.app --output cdk.out $(CONTEXT)

# After `aws configure`: everything on AWS, e.g. make deploy EMAIL=me@example.com BUDGET=33
deploy: $(VENV)/.runtime $(CDK)/.installed
	$(PYTHON) -m aws.infrastructure.deploy deploy $(CONTEXT)

# With the variables of `make deploy`; data stay.
destroy: $(VENV)/.runtime $(CDK)/.installed
	$(PYTHON) -m aws.infrastructure.deploy destroy $(CONTEXT)

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

# The emulated AWS of the tests: ministack pins another botocore than the program has.
$(VENV)/ministack/.installed: tests/aws/emulator/requirements.txt | $(VENV)/bin/python
	@$(PYTHON) -m tests.aws.emulator.environment

# CDK in an environment of its own: 660 MB that neither the app nor its jobs need.
$(CDK)/.installed: aws/infrastructure/requirements.txt
	@sh tests/find_python.sh aws/infrastructure/install_node.py
	@sh tests/find_python.sh -m venv $(CDK)
	$(CDK)/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

$(VENV)/bin/python:
	@sh tests/find_python.sh -m venv $(VENV)

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache cdk.out build
