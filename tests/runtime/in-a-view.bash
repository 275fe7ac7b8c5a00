# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# For .bats files whose tests make containers in the view that tests/runtime/run has made for the file.

. "$BATS_TEST_DIRNAME/../lib/common.bash"
. "$BATS_TEST_DIRNAME/../lib/container.bash"
: "${machine_pid:?run it by tests/runtime/run}"
