#!/usr/bin/env python3
"""python3-docker: the device is a device request of the driver cdi."""
import docker

client = docker.from_env()
machine = client.containers.run(
    "machine",
    detach=True,
    tty=True,
    stop_signal="SIGRTMIN+3",
    device_requests=[docker.types.DeviceRequest(driver="cdi", device_ids=["oci-systemd-hook.org/systemd=auto"])],
)
try:
    # A terminal's log comes in pieces, not in lines.
    seen = b""
    for piece in machine.logs(stream=True):
        seen += piece
        if b"Multi-User System" in seen or b"Graphical Interface" in seen:
            break
    print(machine.exec_run(["systemctl", "is-system-running", "--wait"]).output.decode().strip())
    machine.stop(timeout=20)
    print(machine.wait()["StatusCode"])
finally:
    machine.remove(force=True)
