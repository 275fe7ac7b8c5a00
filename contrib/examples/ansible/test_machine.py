# pytest --hosts docker://machine test_machine.py
def test_state(host):
    assert host.check_output("systemctl is-system-running") == "running"


def test_init(host):
    assert host.process.get(pid=1).comm == "systemd"


def test_service(host):
    assert host.service("systemd-journald").is_running
