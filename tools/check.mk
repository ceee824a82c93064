# Parts of tools/check, for make -j: those without which nothing is known come first, and short ones before long ones,
# which may be cut short
#
# Copyright 2026 the dosvc authors
#
# This library is free software; you can redistribute it and/or
# modify it under the terms of the GNU Lesser General Public
# License as published by the Free Software Foundation; either
# version 2.1 of the License, or (at your option) any later version.
#
# This library is distributed in the hope that it will be useful,
# but WITHOUT ANY WARRANTY; without even the implied warranty of
# MERCHANTABILITY or FITNESS FOR A PARTICULAR PURPOSE.  See the GNU
# Lesser General Public License for more details.
#
# You should have received a copy of the GNU Lesser General Public
# License along with this library; if not, write to the Free Software
# Foundation, Inc., 51 Franklin St, Fifth Floor, Boston, MA 02110-1301, USA
#
# Variables, set by tools/check: quick, deb, matrix and wine_tree are yes or empty; alone is yes when parts are repeated,
# on what was built before. tools/check-part has build and template from the environment.

part    = @tools/check-part $(1) $@
tested  = --build "$(build)" --prefix "$(template)"
natively = make --no-print-directory -C tests/unit BUILD="$(build)/unit"

# The last ones are left out where time is short: another one comes first each day, so that none is left out for good.
last    := disk service locks fuzz-com bits soak fair stress
first   := $(shell expr "$$(date +%j)" % $(words $(last)) + 1)
rotated := $(wordlist $(first),$(shell expr $(first) + $(words $(last)) - 1),$(last) $(last))

PARTS   = $(if $(matrix),matrix) $(if $(wine_tree),winetree) jobs downloads analyze bits-suite nginx faults persist crash \
          unit style imports failing tsan fuzz clients packaging upstream doctor proxy cache mutants install \
          $(rotated)

all: $(PARTS)

build:
	$(call part,1500) build_all

prefix: build
	$(call part,600) make_template

# Parts need the build and the prefix, which are there when they are repeated.
$(PARTS): $(if $(alone),,prefix)

matrix:
	$(call part,2700) run_matrix
winetree:
	$(call part,3600) run_winetree
jobs:
	$(call part,1500) conformance_in_copy x86_64 -v '^dl_'
downloads:
	$(call part,1500) conformance_in_copy x86_64 '^dl_'
bits-suite:
	$(call part,900) bits_in_copy
analyze:
	$(call part,1800) $(if $(quick),leave_out_part $@ --quick,analyze_and_compare)
nginx:
	$(call part,1200) tests/nginx/run $(tested) $(if $(quick),--quick)
install:
	$(call part,1500) tests/install/run --build "$(build)"
# Those that each need a prefix of their own, or an update of one, take ten minutes more.
bits:
	$(call part,900) tests/bits/run --build "$(build)" --only '^install$$|BITS-0(01|03|06|07|1[0-5])'
persist:
	$(call part,900) tests/persist/run $(tested)
crash:
	$(call part,900) tests/crash/run $(tested)
disk:
	$(call part,900) tests/disk/run $(tested)
failing:
	$(call part,600) tests/failing/run $(tested)
locks:
	$(call part,900) tests/locks/run $(tested)
faults:
	$(call part,900) tests/faults/run $(tested)
stress:
	$(call part,1200) tests/stress/run $(tested)
fair:
	$(call part,900) tests/stress/fair $(tested)
fuzz-com:
	$(call part,600) tests/fuzz-com/run $(tested)
soak:
	$(call part,600) tests/soak/run $(tested)
proxy:
	$(call part,600) tests/proxy/run $(tested)
cache:
	$(call part,900) tests/cache/run $(tested)
doctor:
	$(call part,600) tests/doctor/run $(tested)
service:
	$(call part,900) tests/service/run $(tested)
clients:
	$(call part,600) run_clients
upstream:
	$(call part,600) documentation/upstream/run $(tested)
packaging:
	$(call part,600) tests/packaging/run $(tested) $(if $(deb),--deb)
unit:
	$(call part,300) $(natively) check
tsan:
	$(call part,300) make --no-print-directory -C tests/tsan BUILD="$(build)/unit" check
mutants:
	$(call part,600) $(natively) mutants
fuzz:
	$(call part,300) $(natively) EXECUTIONS=50000 fuzz
imports:
	$(call part,300) tests/imports/run "$(build)"
style:
	$(call part,600) check_style

.PHONY: all build prefix $(PARTS)
