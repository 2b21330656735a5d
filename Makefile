# `make` lists the targets. Set-up happens by itself, the first time and after a change of a lock.
# Needed: make and Python 3.11, 3.12 or 3.13. Where python3 is another one: make lab PYTHON3=python3.12
PYTHON3 ?= python3
PYTHON = .venv/bin/python
COMPILE = $(PYTHON) -m uv pip compile pyproject.toml tools/cpu.txt --overrides tools/cpu.txt --universal \
  --python-version 3.11 --generate-hashes --custom-compile-command "make lock" --quiet
ARGS =

# N names a notebook: N=06 is a lesson, N=solutions/06 its worked answers.

.PHONY: help lab test check test-parameters test-browser test-colab test-all restore lesson full course run edit save results figure study lock format links bench clean

help:  ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 21

lab: .venv/ready  ## open JupyterLab on lesson 00
	@$(PYTHON) tools/lab.py $(ARGS)

test: .venv/tests-ready  ## run every test and every notebook, two side by side
	$(PYTHON) -m pytest -n 2 $(ARGS)

check: .venv/tests-ready  ## the fast part: rules of the notebooks, package, tools, project
	$(PYTHON) -m pytest -n 2 tests/package tests/tools tests/test_*.py $(ARGS)

test-parameters: .venv/tests-ready  ## every lesson with one parameter changed, for each of them
	$(PYTHON) -m pytest -n 2 --dist=load -m nightly tests/lessons/test_other_parameters.py $(ARGS)

test-browser: .venv/tests-ready  ## every lesson in JupyterLab, in a browser; its pictures go to build/screens/
	$(PYTHON) -m pytest tests/in_browser.py $(ARGS)

test-colab: .venv/tests-ready  ## every lesson with the versions that Colab ships
	$(PYTHON) -m pytest tests/on_colab.py $(ARGS)

test-all: test test-parameters test-browser test-colab  ## these four

restore: .venv/ready  ## N=06: a fresh copy of a lesson; your own is kept beside it as mine_06_….ipynb
	@$(PYTHON) tools/restore.py "$(N)" $(ARGS)

lesson: .venv/ready  ## N=06: run a lesson into build/, parameters as in ARGS="-p dataset digits"
	@$(PYTHON) tools/lesson.py "$(N)" $(ARGS)

full: .venv/ready  ## N=06: the same with the long training of notebooks/full.yaml
	@$(PYTHON) tools/lesson.py --full "$(N)" $(ARGS)

course: .venv/ready  ## run every lesson into build/; one that fails does not stop the others
	@$(PYTHON) tools/lesson.py --all $(ARGS)

run: .venv/tests-ready  ## N=06: run the stored notebook and keep its outputs
	$(PYTHON) tools/authoring.py run "$(N)"

edit: .venv/tests-ready  ## N=06: write the notebook's source to build/ as a Python file
	$(PYTHON) tools/authoring.py edit "$(N)"

save: .venv/tests-ready  ## N=06: put the edited Python file back into the notebook
	$(PYTHON) tools/authoring.py save "$(N)"

results: .venv/tests-ready  ## bring docs/results.md and the README's numbers in line with the notebooks
	$(PYTHON) tools/results.py

figure: .venv/tests-ready  ## N=05: draw the title figures of a lesson again
	@for script in notebooks/figures/$(N)_*.py; do PYTHONPATH=tools $(PYTHON) $$script || exit 1; done

study: .venv/ready  ## N=06: run a lesson over many settings and seeds, into data/studies/
	$(PYTHON) tools/study.py "$(N)" $(ARGS)

lock: .venv/tests-ready  ## make both locks from pyproject.toml; ARGS=--upgrade for newer versions
	$(COMPILE) --extra lab --output-file requirements.lock $(ARGS)
	$(COMPILE) --all-extras --constraint requirements.lock --output-file requirements-test.lock \
	  --no-emit-package tensorflow --no-emit-package tensorflow-cpu $(ARGS)

format: .venv/tests-ready  ## format and check .py and .ipynb
	$(PYTHON) -m ruff format && $(PYTHON) -m ruff check --fix

links: .venv/ready  ## REPO=owner/name: move every badge and link to another address
	$(PYTHON) tools/links.py $(REPO)

bench: .venv/tests-ready  ## time, memory and quality in one table
	$(PYTHON) tools/bench.py $(ARGS)

clean:  ## remove what make made
	rm -rf .venv build

# The last line of each runs only when the one before it worked: an interrupted set-up is done again.
.venv/ready: requirements.lock
	@$(PYTHON3) tools/set_up.py
	@touch $@

.venv/tests-ready: .venv/ready requirements-test.lock
	@$(PYTHON3) tools/set_up.py --tests
	@touch $@
