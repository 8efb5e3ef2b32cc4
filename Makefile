# What one does here: `make run` starts the whole desk, `make test` proves it. PORT=… chooses the port.
PYTHON ?= python3
PORT := $(or $(PORT),$(HOTLINE_PORT),12345)
export HOTLINE_PORT := $(PORT)
unexport PYTHONDONTWRITEBYTECODE

IN = .venv/bin/python
PIP = $(IN) -m pip --disable-pip-version-check
COMPILE = CUSTOM_COMPILE_COMMAND="make lock" $(IN) -m piptools compile --quiet --generate-hashes --strip-extras \
	--no-emit-index-url --no-emit-find-links
SLOWER = browser or kill or process or proof or slow or planted or api or two_hosts

.PHONY: run setup machine setup-tests chromium test test-quick test-browser test-proofs test-long planted bench lock clean
.NOTPARALLEL:

run: machine .venv/runtime.stamp
	@exec $(IN) -m hotline.commands run

setup: .venv/runtime.stamp

# Ports and disk, looked at before the slow download.
machine: .venv/bin/python
	@$(IN) -m hotline.machine $(PORT)

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo '需要 Python 3.11 或更新的版本（可用 PYTHON= 指定）。 · Python 3.11 or newer is needed.' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo '缺少 Python 的 venv 模块，请先安装（Debian：apt-get install python3-venv）。 · The venv module is missing.' >&2; exit 1; }
	@echo '正在建立虚拟环境…… · Making the virtual environment'
	@$(PYTHON) -m venv .venv || { rm -rf .venv; exit 1; }

.venv/runtime.stamp: requirements.lock | .venv/bin/python
	@echo '正在安装依赖（首次约 1 分钟，另加下载）…… · Installing the locked dependencies'
	@$(PIP) install --require-hashes -r requirements.lock
	@touch $@

.venv/test.stamp: requirements-test.lock | .venv/bin/python
	@echo '正在安装测试工具…… · Installing the test tools'
	@$(PIP) install --quiet --no-compile --require-hashes -r requirements-test.lock
	@touch $@ .venv/runtime.stamp

setup-tests: .venv/test.stamp

chromium:
	@command -v chromium >/dev/null || [ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null || { \
	  echo '正在安装 Chromium…… · Installing Chromium'; \
	  apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y chromium fonts-noto-cjk; }

# $(call stage,name,arguments): one part of the suite and its minutes; having no test yet is no failure.
stage = @begun=$$(date +%s); code=0; $(IN) -m pytest $(2) || code=$$?; \
	echo "$(1): $$(( ($$(date +%s) - begun) / 60 )) min $$(( ($$(date +%s) - begun) % 60 )) s"; \
	[ $$code = 0 ] || [ $$code = 5 ]

# $(call marked,one|another): the files that hold tests marked so, and no others are read.
marked = $$(grep -rlE --include='test_*.py' 'mark\.($(1))' tests)

test: test-quick test-browser test-proofs

test-quick: setup-tests
	$(call stage,quick,-q -n 2 --dist loadfile -m "not ($(SLOWER))")

test-browser: setup-tests chromium
	$(call stage,browser,-q -m "browser and not slow" $(call marked,browser))

test-proofs: setup-tests
	$(call stage,processes,-q -m "process and not slow" $(call marked,process))
	$(call stage,proofs,-q -n 2 --dist loadfile --no-loadscope-reorder -m "(kill or proof or api) and not slow and not two_hosts" tests/kill tests/simulation $(call marked,kill|proof|api))
	$(call stage,planted,-q -m "planted and not slow" $(call marked,planted))

test-long: setup-tests
	$(call stage,long,-q -m slow)

planted: setup-tests
	$(call stage,planted,-q -m planted)

bench: setup-tests
	@$(IN) -m bench

lock: setup-tests
	@$(PIP) install --quiet 'pip-tools>=7.6,<8'
	@$(COMPILE) --output-file=requirements.lock pyproject.toml
	@$(COMPILE) --extra=test --extra=s3 --extra=embeddings --extra=pictures --constraint=requirements.lock --output-file=requirements-test.lock pyproject.toml

clean:
	@rm -rf .venv .pytest_cache .ruff_cache .mypy_cache .hypothesis .import_linter_cache test-artefacts
	@echo 'var/（数据）没有删除。 · var/ (the data) was kept.'
