# Everything that a newcomer needs is `make run` and `make test`. Each installs what it needs, uv itself included.

UV := $(shell command -v uv 2>/dev/null || echo .cache/uv/bin/uv)
RUN := $(UV) run --frozen
.DEFAULT_GOAL := help
.PHONY: help run test lint format lab lab-down test-lab kill-points accuracy bench messages packages

help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

.cache/uv/bin/uv:
	python3 -m venv .cache/uv
	.cache/uv/bin/pip install --quiet uv

.venv/.synced: pyproject.toml uv.lock | $(filter .cache/uv/bin/uv,$(UV))
	$(UV) sync --frozen --quiet
	@touch $@

run: .venv/.synced ## Open the playground (CLUSTER=lab or CLUSTER=kubeconfig for a live cluster)
ifeq ($(CLUSTER),lab)
	eval "$$($(RUN) python -m tests.lab env)" && exec $(RUN) netcheck playground --live
else ifeq ($(CLUSTER),kubeconfig)
	exec $(RUN) netcheck playground --kubeconfig
else
	exec $(RUN) netcheck playground
endif

test: .venv/.synced ## Run the fast tests
	$(RUN) pytest --numprocesses 3 --dist worksteal

lint: .venv/.synced ## Check style, types and layers
	$(RUN) ruff check
	$(RUN) ruff format --check
	$(RUN) mypy
	$(RUN) lint-imports

format: .venv/.synced ## Format the code
	$(RUN) ruff check --fix
	$(RUN) ruff format

lab: .venv/.synced ## Start the real cluster (root, Linux, Go) with the product in it
	$(RUN) python -m tests.lab up

lab-down: .venv/.synced ## Stop the real cluster
	$(RUN) python -m tests.lab down

test-lab: .venv/.synced ## Run the tests that need the real cluster, QEMU or vCenter's stand-in, and the long walks in a browser
	$(RUN) pytest -m "(lab or qemu or vsphere or story) and not campaign" --timeout 900

kill-points: .venv/.synced ## Kill each process at every point of a plan and of a digest (an hour; needs the real cluster)
	$(RUN) pytest -m campaign --timeout 900

accuracy: .venv/.synced ## Stage every fault and healthy variant on the real cluster, and write docs/accuracy.md (90 minutes)
	$(RUN) python -m tests.accuracy

bench: .venv/.synced ## Measure speed and memory, and write docs/performance.md
	$(RUN) python -m tests.bench

messages: .venv/.synced ## Gather every sentence for translators (bot/language/netcheck.pot)
	$(RUN) pybabel extract -k say -k say_many:1,2 -o bot/language/netcheck.pot checks bot handlers

packages: .venv/.synced ## Print the Debian packages that all tests need
	@$(RUN) python -m tests.packages
