# Short names of common commands. PROFILE=embedded|lite|full and ARGS='...' are passed to the commands.

NODE_MIN := 20.18.0
# npm writes this file at the end of an installation. If it is older than the lock file, the packages are outdated.
INSTALLED := node_modules/.package-lock.json
OPS := ./chatbot

.DEFAULT_GOAL := help
.PHONY: help node up down status logs diagnose lab kibana test test-busy test-user test-servers test-llama check bench chaos fuzz soak strangers build docs pictures lock clean

help: ## Lists the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

up: $(INSTALLED) ## Starts all services in the background and prints their addresses
	@$(OPS) up $(ARGS)

down: $(INSTALLED) ## Stops all services; data is kept
	@$(OPS) down $(ARGS)

status: $(INSTALLED) ## Shows the running services, their ports, and the bot's health
	@$(OPS) status $(ARGS)

logs: $(INSTALLED) ## Shows the logs of the running services (ARGS='bot -f')
	@$(OPS) logs $(ARGS)

# Installs and compiles nothing, so that it also runs without a network and on a full disk.
diagnose: ## Finds the cause of a fault (ARGS=--json)
	@$(OPS) diagnose $(ARGS)

lab: $(INSTALLED) ## Runs the stand-ins for Feishu, DingTalk and the model in the foreground
	@$(OPS) lab $(ARGS)

kibana: ## Starts Kibana, which the lite profile leaves out
	@docker compose up -d --wait kibana

test: $(INSTALLED) ## Runs the tests and lists the suites that it left out (ARGS=test/bot)
	@npm test -s -- $(ARGS)

test-busy: $(INSTALLED) ## Runs the tests while other programs load all processors (ARGS='--rounds 1 -- test/bot')
	@node test/busy.js $(ARGS)

test-user: $(INSTALLED) ## Runs the tests as a new user without privileges (needs root; ARGS=--busy: as test-busy does)
	@bash test/as-user.sh $(ARGS)

test-servers: ## Installs the real servers that the remaining suites need
	@bash test/servers/install.sh

test-llama: build ## Compiles llama.cpp's server with a tiny model (about ten minutes) and sends it the bot's requests
	@bash test/servers/install.sh llama-cpp
	@node dist/test/llama/main.js

check: $(INSTALLED) ## Checks types, lint, format, import cycles, dead code and generated files
	@sh scripts/check/run.sh

BENCH ?= callback-throughput
bench: build ## Runs a benchmark of bench/ (BENCH=acknowledgement ARGS='--seconds 10')
	@node dist/bench/$(BENCH).js $(ARGS)

chaos: build ## Kills, disconnects and fills the services of the bot, and counts lost messages (ARGS='kill --kills 50')
	@node dist/test/chaos/run.js $(ARGS)

fuzz: build ## Sends damaged requests to a bot (ARGS='--requests 100000')
	@node dist/test/fuzz/main.js $(ARGS)

soak: build ## Sends a day's load through a bot and measures its memory (ARGS='--messages 20000')
	@node dist/test/soak/main.js $(ARGS)

strangers: build ## Attacks a bot, directly and behind Caddy, with the memory limits of their containers (ARGS='--seconds 10 --direct')
	@node dist/test/strangers/main.js $(ARGS)

build: $(INSTALLED) ## Compiles to dist/
	@npm run -s build

docs: build ## Writes the generated files: settings, dashboards
	@$(OPS) settings docs
	@node dist/grafana/dashboards/build.js

pictures: build ## Takes the pictures of the READMEs with Chromium
	@node dist/scripts/pictures.js

lock: build ## Adds the checksums that npm leaves out of package-lock.json
	@node dist/scripts/check/complete-lock.js

clean: ## Removes the output of build and test; data and installed packages stay
	@rm -rf dist coverage

$(INSTALLED): package-lock.json | node
	@if [ -L node_modules ]; then echo "node_modules is a link, and installing would empty its target. Remove the link: rm node_modules" >&2; exit 1; fi
	@echo "Installing packages ..."
	@npm ci --no-progress --loglevel=error
	@touch $@

# Runs before every target that needs packages, because an older Node.js would fail later with an unclear error.
node:
	@command -v node >/dev/null || { echo "Node.js $(NODE_MIN) or newer is required, but not installed. Install it from https://nodejs.org or by your package manager."; exit 1; }
	@node -e 'const [a, b] = process.versions.node.split(".").map(Number), [c, d] = "$(NODE_MIN)".split(".").map(Number); process.exit(a > c || (a === c && b >= d) ? 0 : 1)' \
		|| { echo "Node.js $(NODE_MIN) or newer is required; this is $$(node -v). Install it from https://nodejs.org or by your package manager."; exit 1; }
	@command -v npm >/dev/null || { echo "npm is required, but not installed. It comes with Node.js from https://nodejs.org; on Debian: apt-get install npm"; exit 1; }
