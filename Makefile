# Short names for what people do with the project. PROFILE=embedded|lite|full and ARGS='...' reach the commands.

NODE_MIN := 20.18.0
# npm writes it at the end of an installation: older than the lock file means not up to date.
INSTALLED := node_modules/.package-lock.json
OPS := npm run -s ops --

.DEFAULT_GOAL := help
.PHONY: help node up down status logs diagnose lab kibana test test-busy test-user test-servers test-llama check bench chaos fuzz soak strangers build docs lock clean

help: ## Lists the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

up: $(INSTALLED) ## Starts everything in the background and says where to look
	@$(OPS) up $(ARGS)

down: $(INSTALLED) ## Stops everything; data is kept
	@$(OPS) down $(ARGS)

status: $(INSTALLED) ## What runs, on which ports, and how the bot is
	@$(OPS) status $(ARGS)

logs: $(INSTALLED) ## What the running parts say (ARGS='bot -f')
	@$(OPS) logs $(ARGS)

diagnose: $(INSTALLED) ## The cause, when something is wrong (ARGS=--json)
	@npm run -s diagnose -- $(ARGS)

lab: $(INSTALLED) ## Runs the stand-ins for Feishu, DingTalk and the model in the foreground
	@$(OPS) lab $(ARGS)

kibana: ## Starts Kibana, which the lite profile leaves out
	@docker compose up -d --wait kibana

test: $(INSTALLED) ## Runs the tests and says which suites it left out (ARGS=test/bot)
	@npm test -s -- $(ARGS)

test-busy: $(INSTALLED) ## Runs the tests beside programs that use up the processors (ARGS='--rounds 1 -- test/bot')
	@node test/busy.js $(ARGS)

test-user: $(INSTALLED) ## Runs the tests as a user without privileges, who is created for it (needs root; ARGS=--busy: as test-busy does)
	@bash test/as-user.sh $(ARGS)

test-servers: ## Installs the real servers that the remaining suites need
	@bash test/servers/install.sh

test-llama: build ## Compiles llama.cpp's server with a tiny model (some ten minutes) and asks it as the bot does
	@bash test/servers/install.sh llama-cpp
	@node dist/test/llama/main.js

check: $(INSTALLED) ## Types, lint, format, import cycles, dead code, generated files
	@sh scripts/check/run.sh

BENCH ?= callback-throughput
bench: build ## Runs a benchmark of bench/ (BENCH=acknowledgement ARGS='--seconds 10')
	@node dist/bench/$(BENCH).js $(ARGS)

chaos: build ## Kills, cuts off and fills what the bot needs, and counts what is lost (ARGS='kill --kills 50')
	@node dist/test/chaos/run.js $(ARGS)

fuzz: build ## Throws damaged requests at a bot (ARGS='--requests 100000')
	@node dist/test/fuzz/main.js $(ARGS)

soak: build ## A day's load through a bot, and the memory it takes (ARGS='--messages 20000')
	@node dist/test/soak/main.js $(ARGS)

strangers: build ## Attacks a bot, and one behind Caddy, in the memory of their containers (ARGS='--seconds 10 --direct')
	@node dist/test/strangers/main.js $(ARGS)

build: $(INSTALLED) ## Compiles to dist/
	@npm run -s build

docs: $(INSTALLED) ## Writes the generated files: settings, dashboards
	@$(OPS) settings docs
	@npm run -s dashboards

lock: build ## Adds the checksums that npm leaves out of package-lock.json
	@node dist/scripts/check/complete-lock.js

clean: ## Removes what build and test made; data and installed packages stay
	@rm -rf dist coverage

$(INSTALLED): package-lock.json | node
	@echo "Installing packages ..."
	@npm ci --no-progress --loglevel=error
	@touch $@

# Asked before anything that needs packages: an older Node would fail later, and less clearly.
node:
	@command -v node >/dev/null || { echo "Node.js $(NODE_MIN) or newer is needed and there is none. Install it from https://nodejs.org or by your package manager."; exit 1; }
	@node -e 'const [a, b] = process.versions.node.split(".").map(Number), [c, d] = "$(NODE_MIN)".split(".").map(Number); process.exit(a > c || (a === c && b >= d) ? 0 : 1)' \
		|| { echo "Node.js $(NODE_MIN) or newer is needed; this is $$(node -v). Install it from https://nodejs.org or by your package manager."; exit 1; }
	@command -v npm >/dev/null || { echo "npm is needed and there is none. It comes with Node.js from https://nodejs.org; on Debian: apt-get install npm"; exit 1; }
