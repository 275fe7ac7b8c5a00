# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# For .bats files whose tests make containers in the view that tests/runtime/run has made for the file.

. "$BATS_TEST_DIRNAME/../lib/common.bash"
. "$BATS_TEST_DIRNAME/../lib/container.bash"
: "${machine_pid:?run it by tests/runtime/run}"

# A journal of the test's own in $room/journal, and not one that this machine may have.
listen() {
	mkdir -p /run/systemd/journal
	"$top/tests/lib/journal-listener" /run/systemd/journal/socket "$room/journal" 3>&- &
	listener=$!
	until [[ -e $room/journal ]]; do sleep 0.01; done
}
stop_listening() {
	kill "$listener"
	rm -r /run/systemd
}
