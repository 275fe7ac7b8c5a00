#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What files of contrib/ promise that no schema says: CRI-O's handler, AppArmor, the examples and the packages' file lists."""

import json
import re
import shutil
import subprocess
import unittest
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
CONTRIB = TOP / "contrib"
# The annotations that CRI-O lets a runtime handler allow (crio.conf(5)); with any other it ignores the handler.
CRIO_ANNOTATIONS = {
    "io.kubernetes.cri-o.userns-mode", "io.kubernetes.cri-o.cgroup2-mount-hierarchy-rw", "io.kubernetes.cri-o.Devices",
    "io.kubernetes.cri-o.ShmSize", "io.kubernetes.cri-o.UnifiedCgroup.$CTR_NAME", "io.containers.trace-syscall",
    "io.kubernetes.cri-o.seccompNotifierAction", "io.kubernetes.cri-o.umask", "io.kubernetes.cri.rdt-class",
    "seccomp-profile.kubernetes.cri-o.io", "io.kubernetes.cri-o.DisableFIPS", "io.kubernetes.cri-o.LinkLogs",
    "io.kubernetes.cri-o.PodLinuxOverhead", "io.kubernetes.cri-o.PodLinuxResources",
}
CRIO_FIELDS = {"runtime_path", "runtime_type", "runtime_root", "allowed_annotations", "monitor_path", "monitor_cgroup", "monitor_env"}


def crio_complaints(text):
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    complaints = [] if lines[0] == "[crio.runtime.runtimes.systemd]" else [lines[0]]
    for line in lines[1:]:
        key, value = (part.strip() for part in line.split("=", 1))
        if key not in CRIO_FIELDS:
            complaints.append(key)
        if key == "allowed_annotations":
            complaints += [a for a in json.loads(value) if a not in CRIO_ANNOTATIONS]
    return complaints


class Files(unittest.TestCase):
    def test_crio(self):
        text = (CONTRIB / "kubernetes/crio.conf").read_text()
        self.assertEqual(crio_complaints(text), [])
        self.assertEqual(crio_complaints(text + 'allowed_annotations = ["org.oci-systemd-hook"]\n'), ["org.oci-systemd-hook"])
        self.assertEqual(crio_complaints(text + "annotations = []\n"), ["annotations"])

    @unittest.skipUnless(shutil.which("apparmor_parser"), "no apparmor_parser here")
    def test_apparmor(self):
        text = (CONTRIB / "apparmor/oci-systemd-hook").read_text()
        if not Path("/etc/apparmor.d/abi/4.0").exists():
            text = re.sub(r"^(abi .*|  userns,)$", "", text, flags=re.M)
        done = subprocess.run(["apparmor_parser", "-QK"], input=text, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_apparmor_denials(self):
        text = (CONTRIB / "apparmor/oci-systemd-hook").read_text()
        types = set(re.search(r"deny mount fstype=\((.*?)\)", text)[1].split(", "))
        self.assertLessEqual({"cgroup", "proc", "sysfs"}, types)
        self.assertNotIn("cgroup2", types)
        self.assertEqual(len(re.findall(r"deny mount options in \(bind, rbind, move\) (@\{PROC\}|/sys)/", text)), 2)

    def test_containerd_options(self):
        for name in ("config-1.toml", "config-2.toml"):
            self.assertIn('base_runtime_spec = "/etc/containerd/oci-systemd-hook.json"', (CONTRIB / "containerd" / name).read_text())

    def test_cdi(self):
        spec = json.loads((CONTRIB / "cdi/oci-systemd-hook.json").read_text())
        self.assertEqual((spec["cdiVersion"], spec["kind"]), ("0.3.0", "oci-systemd-hook.org/systemd"))
        self.assertEqual([d["name"] for d in spec["devices"]], ["auto", "always"])
        for device in spec["devices"]:
            edits = device["containerEdits"]
            self.assertEqual([h["hookName"] for h in edits["hooks"]], ["createRuntime", "poststop"])
            for hook in edits["hooks"]:
                self.assertEqual(hook["path"], "/usr/libexec/oci/hooks.d/oci-systemd-hook")
                self.assertEqual((hook["args"][0], hook["args"][-1]), ("oci-systemd-hook", hook["hookName"]))

    def test_examples_are_listed(self):
        listed = (CONTRIB / "examples/README.md").read_text() + (CONTRIB / "clients.md").read_text()
        for path in (CONTRIB / "examples").rglob("*"):
            if path.is_file() and path.name != "README.md":
                self.assertIn(path.name, listed)

    def test_versions(self):
        version = re.search(r"^VERSION\s*:= (.*)$", (TOP / "Makefile").read_text(), re.M)[1]
        for name, pattern in (("rpm/oci-systemd-hook.spec", r"^Version:\s+(.*)$"), ("debian/changelog", r"^oci-systemd-hook \((.*)-\d+\)"),
                              ("alpine/APKBUILD", r"^pkgver=(.*)$"), ("arch/PKGBUILD", r"^pkgver=(.*)$")):
            self.assertEqual(re.search(pattern, (CONTRIB / "packaging" / name).read_text(), re.M)[1], version, name)
        # The predecessor ended with 0.2.0: an upgrade goes forwards.
        self.assertGreater([int(n) for n in version.split(".")], [0, 2, 0])

    def test_shell_packages_parse(self):
        for shell, name in (("sh", "alpine/APKBUILD"), ("bash", "arch/PKGBUILD")):
            path = CONTRIB / "packaging" / name
            self.assertEqual(subprocess.run([shell, "-n", path], capture_output=True).returncode, 0, name)
            functions = subprocess.run(["bash", "-c", f". {path}; declare -F; echo $pkgname"], capture_output=True, text=True).stdout
            self.assertIn("build", functions)


if __name__ == "__main__":
    unittest.main()
