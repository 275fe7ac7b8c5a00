# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# One engine for all files of tests, up before the first.
. "${BASH_SOURCE[0]%/*}/words.bash"

setup_suite() {
	BATS_TEST_DIRNAME=${BASH_SOURCE[0]%/*}
	load_driver
	[[ ${engine_lacks:-} ]] || engine_up
}

teardown_suite() {
	BATS_TEST_DIRNAME=${BASH_SOURCE[0]%/*}
	load_driver
	[[ ${engine_lacks:-} ]] || engine_down
}
