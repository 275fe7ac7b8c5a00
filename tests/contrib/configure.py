#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""oci-systemd-hook-configure: many files as administrators have them, each configured, configured again, and put back."""

import ast
import contextlib
import importlib.machinery
import importlib.util
import io
import json
import os
import re
import shutil
import stat
import subprocess
import tempfile
import unittest
import unittest.mock
from pathlib import Path

try:
    import tomllib
except ImportError:
    tomllib = None

TOP = Path(__file__).resolve().parents[2]
DAEMON, TOML = "etc/docker/daemon.json", "etc/containerd/config.toml"
V2 = '[plugins."io.containerd.grpc.v1.cri".containerd.runtimes'
V3 = "[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes"

DAEMONS = {
    "absent": None,
    "empty": "",
    "white space": " \n",
    "empty object": "{}",
    "empty object, on lines": "{\n}\n",
    "others": '{\n  "log-driver": "journald",\n  "features": {\n    "buildkit": true\n  },\n  "n": 18446744073709551615\n}\n',
    "no new line at the end": '{"a": 1.0}',
    "one line": '{"debug":true,"features":{},"runtimes":{"x":{"path":"/x"}}}\n',
    "tabs": '{\n\t"default-ulimits": {"nofile": {"Name": "nofile", "Hard": 64000}},\n\t"runtimes": {\n\t\t"nvidia": {"path": "n"}\n\t}\n}\n',
    "switched off": '{"features": {"cdi": false, "x": true}}',
    "null": '{"features": null, "runtimes": null}',
    "unicode and escapes": '{"labels": ["é=\\u00e9", "}\\"{", "features"], "\\u0066eatures": {"cdi": false}}',
    "windows' lines": '{\r\n  "debug": true\r\n}\r\n',
}
BROKEN = {
    "cut": '{"debug": true',
    "a comma": '{"debug": true,}',
    "comment": '{\n  // no\n  "debug": true}',
    "list": "[]",
    "features is a list": '{"features": []}',
    "twice": '{"features": {"a": true}, "features": {}}',
    "another runtime": '{"runtimes": {"systemd": {"path": "/opt/other"}}}',
    "not text": b"\xff\xfe{}",
    "deep": '{"a":' + "[" * 100000,
}
TOMLS = {
    "absent": None,
    "empty": "",
    "comments": "# nothing yet\n",
    "version 2": "version = 2\nroot = \"/x\" # kept\n",
    "version 2, with runc": f'version = 2\n{V2}.runc]\n  runtime_type = "io.containerd.runc.v2"\n',
    "version 2, systemd's driver": f'version = 2\n\n{V2}.runc]\n{V2}.runc.options]\n    # by us\n    SystemdCgroup = true\n\n[debug]\n  level = "x"\n',
    "version 3": "version = 3\n\n[grpc]\n  address = '/x'",
    "version 3, with runc": f"version = 3\n{V3}.runc]\n{V3}.runc.options]\n  SystemdCgroup = true\n",
}
BROKEN_TOMLS = {
    "cut": "version = 2\n[plugins",
    "version 1": '[plugins.cri.containerd]\n  snapshotter = "x"\n',
    "another handler": f'version = 2\n{V2}.systemd]\n  runtime_type = "x"\n',
    "another handler, other quotes": f"version = 3\n{V3}.systemd]\n  runtime_type = 'x'\n",
    "tables in one line": 'version = 2\n[plugins."io.containerd.grpc.v1.cri".containerd]\n  runtimes = {runc = {}}\n',
    "version 9": "version = 9\n",
}


class Room(unittest.TestCase):
    def setUp(self):
        self.root = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.root)
        for name in ("hooks.d/oci-systemd-hook", "oci-systemd-runtime"):
            program = self.root / "usr/libexec/oci" / name
            program.parent.mkdir(parents=True, exist_ok=True)
            program.write_text("")
        (self.root / "bin").mkdir()
        self.tool("ctr", 'echo \'{"hooks":null,"n":9007199254740993}\'')
        self.tool("containerd", "echo containerd github.com/containerd/containerd 1.7.24~ds1 x")

    def tool(self, name, text):
        path = self.root / "bin" / name
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)

    def call(self, engine, *words, ok=True):
        done = subprocess.run([TOP / "contrib/oci-systemd-hook-configure", f"--root={self.root}", "--engine", engine, *words],
                              capture_output=True, text=True, umask=0o077,
                              env={"PATH": f"{self.root}/bin:{os.environ['PATH']}", "LC_ALL": "C.UTF-8"})
        self.assertEqual(done.returncode, 0 if ok else 1, done.stdout + done.stderr)
        return done.stdout if ok else done.stderr

    def put(self, name, content):
        path = self.root / name
        if content is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
            path.chmod(0o640)

    def tree(self):
        """Every file with its content and mode."""
        return {str(p.relative_to(self.root)): (p.read_bytes(), stat.S_IMODE(p.stat().st_mode)) for p in self.root.rglob("*") if p.is_file()}

    def clear(self):
        for name in ("etc", "usr/share", "var"):
            shutil.rmtree(self.root / name, ignore_errors=True)

    def goes_there_and_back(self, engine):
        """Dry run changes nothing, a second run has nothing to do, and undo leaves what was there, byte for byte."""
        before = self.tree()
        shown = self.call(engine, "--dry-run")
        self.assertEqual(self.tree(), before)
        self.assertEqual(self.call(engine), shown)
        self.assertIn("+++", shown)
        after = self.tree()
        self.assertEqual(self.call(engine), "nothing to do\n")
        self.assertEqual(self.tree(), after)
        self.call(engine, "--undo", "--dry-run")
        self.assertEqual(self.tree(), after)
        self.call(engine, "--undo")
        self.assertEqual(self.tree(), before)
        self.assertEqual(self.call(engine, "--undo"), "nothing to do\n")
        self.assertEqual(self.tree(), before)
        self.call(engine)
        self.assertEqual(self.tree(), after)
        return {name: content for name, (content, _) in after.items()}


class Docker(Room):
    def test_files(self):
        for title, text in DAEMONS.items():
            with self.subTest(title):
                self.clear()
                self.put(DAEMON, text)
                found = self.goes_there_and_back("docker")
                wanted = json.loads(text) if text and text.strip() else {}
                for key, value in (("features", {"cdi": True}), ("runtimes", {"systemd": {"path": "/usr/libexec/oci/oci-systemd-runtime"}})):
                    wanted[key] = {**(wanted.get(key) or {}), **value}
                self.assertEqual(json.loads(found[DAEMON]), wanted)
                # All that stood there stands there, but for what was replaced.
                for line in (text or "").splitlines():
                    if re.search(r'": [\d"tf].*,?$', line) and "cdi" not in line and not line.startswith("{"):
                        self.assertIn(line.rstrip(","), found[DAEMON].decode())
                self.assertIn("etc/cdi/oci-systemd-hook.json", found)
                mode = stat.S_IMODE((self.root / DAEMON).stat().st_mode)
                self.assertEqual(mode, 0o644 if text is None else 0o640)
                self.assertEqual(stat.S_IMODE((self.root / "etc/cdi/oci-systemd-hook.json").stat().st_mode), 0o644)

    def test_refused(self):
        for title, text in BROKEN.items():
            with self.subTest(title):
                self.clear()
                self.put(DAEMON, text)
                before = self.tree()
                self.assertRegex(self.call("docker", ok=False), r"daemon\.json.*; nothing was changed\n$")
                self.assertEqual(self.tree(), before)

    def test_line_ends(self):
        """A file of another system's keeps its own, and gets no other."""
        self.put(DAEMON, '{\r\n\t"debug": true\r\n}\r\n')
        found = self.goes_there_and_back("docker")[DAEMON].decode()
        self.assertEqual(found.count("\n"), found.count("\r\n"))
        self.assertGreater(found.count("\n"), 3)

    def test_without_the_runtime(self):
        (self.root / "usr/libexec/oci/oci-systemd-runtime").unlink()
        self.call("docker")
        self.assertEqual(json.loads((self.root / DAEMON).read_text()), {"features": {"cdi": True}})

    def test_without_the_hook(self):
        (self.root / "usr/libexec/oci/hooks.d/oci-systemd-hook").unlink()
        self.assertIn("the hook is not at", self.call("docker", ok=False))

    def test_a_cdi_file_that_is_there(self):
        self.put("var/run/cdi/oci-systemd-hook.json", "{}")
        self.call("docker")
        self.assertFalse((self.root / "etc/cdi").exists())

    def test_undo_after_an_edit(self):
        self.put(DAEMON, '{"debug": true}')
        self.call("docker")
        document = json.loads((self.root / DAEMON).read_text())
        document["data-root"] = "/srv"
        (self.root / DAEMON).write_text(json.dumps(document))
        self.call("docker", "--undo")
        found = json.loads((self.root / DAEMON).read_text())
        self.assertEqual(found, {"debug": True, "data-root": "/srv", "features": {"cdi": True}})
        self.assertFalse((self.root / "etc/cdi/oci-systemd-hook.json").exists())

    def test_an_edit_between_two_runs(self):
        self.put(DAEMON, '{"debug": true}')
        self.call("docker")
        self.put(DAEMON, '{"debug": false}')
        self.call("docker")
        self.call("docker", "--undo")
        self.assertEqual((self.root / DAEMON).read_text(), '{"debug": false}')

    def test_says_what_to_restart(self):
        self.assertRegex(self.call("docker", "--dry-run"), r"then: systemctl restart docker")

    def test_a_link(self):
        self.put("etc/real.json", "{}")
        (self.root / "etc/docker").mkdir()
        (self.root / DAEMON).symlink_to("../real.json")
        self.call("docker")
        self.assertTrue((self.root / DAEMON).is_symlink())
        self.assertTrue(json.loads((self.root / "etc/real.json").read_text())["features"]["cdi"])


class Containerd(Room):
    def test_files(self):
        for title, text in TOMLS.items():
            with self.subTest(title):
                self.clear()
                self.put(TOML, text)
                found = self.goes_there_and_back("containerd")
                self.assertTrue(found[TOML].startswith((text or "").encode()))
                spec = json.loads(found["etc/containerd/oci-systemd-hook.json"])
                self.assertEqual(spec["n"], 9007199254740993)
                self.assertEqual(set(spec["hooks"]), {"createRuntime", "poststop"})
                if not tomllib:
                    continue
                parsed = tomllib.loads(found[TOML].decode())
                plugin = {2: "io.containerd.grpc.v1.cri", 3: "io.containerd.cri.v1.runtime"}[parsed["version"]]
                runtimes = parsed["plugins"][plugin]["containerd"]["runtimes"]
                self.assertEqual(runtimes["systemd"]["base_runtime_spec"], "/etc/containerd/oci-systemd-hook.json")
                # A configuration of version 2 that names a handler has no other.
                self.assertTrue(parsed["version"] == 3 or "runc" in runtimes)
                self.assertEqual(runtimes["systemd"].get("options"), runtimes.get("runc", {}).get("options"))

    @unittest.skipUnless(tomllib, "Python before 3.11 has no reader of TOML")
    def test_refused(self):
        for title, text in BROKEN_TOMLS.items():
            with self.subTest(title):
                self.clear()
                self.put(TOML, text)
                before = self.tree()
                self.assertRegex(self.call("containerd", ok=False), r"config\.toml.*; nothing was changed\n$")
                self.assertEqual(self.tree(), before)

    def test_a_new_containerd(self):
        self.tool("containerd", "echo containerd github.com/containerd/containerd/v2 2.1.4 x")
        self.call("containerd")
        self.assertIn("version = 3", (self.root / TOML).read_text())

    def test_without_ctr(self):
        self.tool("ctr", "exit 1")
        self.put(TOML, "version = 2\n")
        before = self.tree()
        self.assertIn("ctr", self.call("containerd", ok=False))
        self.assertEqual(self.tree(), before)

    def test_cri_switched_off(self):
        self.put(TOML, 'disabled_plugins = ["cri"]\nversion = 2\n')
        self.assertIn("disabled_plugins has cri", self.call("containerd"))

    def test_imports(self):
        handler = f'{V2}.runc]\n  runtime_type = "x"\n'
        for imports, name in (('["/etc/containerd/conf.d/*.toml"]', "etc/containerd/conf.d/a.toml"), ("['more.toml']", "etc/containerd/more.toml")):
            with self.subTest(imports):
                self.clear()
                self.put(TOML, f"version = 2\nimports = {imports}\n")
                self.call("containerd", "--dry-run")
                self.put(name, "version = 2\n[debug]\n  level = 'info'\n")
                self.call("containerd", "--dry-run")
                self.put(name, handler)
                before = self.tree()
                self.assertIn(f"/{name}, which /{TOML} imports, has the section of io.containerd.grpc.v1.cri", self.call("containerd", ok=False))
                self.assertEqual(self.tree(), before)
        # by way of another file
        self.put("etc/containerd/more.toml", 'imports = ["/etc/containerd/more.toml", "/etc/last.toml"]\n')
        self.put("etc/last.toml", handler)
        self.assertIn("/etc/last.toml, which", self.call("containerd", ok=False))

    def test_undo_after_an_edit(self):
        self.put(TOML, "version = 2\n")
        self.call("containerd")
        with (self.root / TOML).open("a") as f:
            f.write("[debug]\n  level = 'info'\n")
        self.call("containerd", "--undo")
        self.assertEqual((self.root / TOML).read_text(), "version = 2\n[debug]\n  level = 'info'\n")


class HooksDirectory(Room):
    entry = "usr/share/containers/oci/hooks.d/systemd-hook.json"

    def test_podman(self):
        found = self.goes_there_and_back("podman")
        self.assertEqual(json.loads(found[self.entry])["hook"]["path"], "/usr/libexec/oci/hooks.d/oci-systemd-hook")

    def test_podman_elsewhere(self):
        self.put("etc/containers/containers.conf", '[engine]\n# hooks_dir = ["/no"]\nhooks_dir = [\n  "/etc/containers/oci/hooks.d",\n]\n')
        self.assertIn("etc/containers/oci/hooks.d/systemd-hook.json", self.goes_there_and_back("podman"))

    def test_where_the_engine_looks(self):
        share, etc = "usr/share/containers/containers.conf", "etc/containers/containers.conf"
        crio = "etc/crio/crio.conf"
        engine, runtime = "[engine]\nhooks_dir = ", "[crio.runtime]\nhooks_dir = "
        cases = [
            ("podman", {f"{etc}.d/10-x.conf": f'{engine}["/d1"]'}, "d1"),
            ("podman", {f"{etc}.d/10-x.conf": f'{engine}["/d1"]', f"{etc}.d/20-x.conf": f"{engine}['/d2', '/d1']", etc: f'{engine}["/d0"]'}, "d2"),
            ("podman", {f"{etc}.d/10-x.conf": "[engine]\n", etc: f'{engine}["/d0"]', share: f'{engine}["/s"]'}, "d0"),
            ("podman", {share: f'{engine}["/s"] # ["/no"]'}, "s"),
            ("podman", {share: f'{engine}["/s", {{append=true}}]', etc: f'{engine}["/d0"]'}, "usr/share/containers/oci/hooks.d"),
            ("podman", {f"{etc}.d/x.conf.bak": f'{engine}["/no"]', f"{etc}.d/sub/x.conf": f'{engine}["/no"]'}, "usr/share/containers/oci/hooks.d"),
            ("podman", {etc: 'engine = {hooks_dir = ["/d0"]}\n'}, "d0"),
            ("podman", {etc: 'engine.hooks_dir = [\n  "/d0", # "/d1"]\n]\n'}, "d0"),
            ("crio", {crio: f'{runtime}["/d0"]', f"{crio}.d/99-x.conf": f'{runtime}["/d1"]', f"{crio}.d/10-x.conf": f'{runtime}["/d2"]'}, "d1"),
            ("crio", {f"{crio}.d/sub/any-name": f'{runtime}["/d1"]'}, "d1"),
        ]
        for engine, confs, wanted in cases:
            with self.subTest(engine, confs=confs):
                self.clear()
                for name in ("d0", "d1", "d2", "s"):
                    shutil.rmtree(self.root / name, ignore_errors=True)
                for name, text in confs.items():
                    self.put(name, text)
                self.call(engine)
                self.assertEqual([n for n in self.tree() if n.endswith("/systemd-hook.json")], [f"{wanted}/systemd-hook.json"])

    def test_where_it_cannot_go(self):
        for engine, name, table in (("podman", "etc/containers/containers.conf.d/1.conf", "engine"), ("podman", "etc/containers/containers.conf", "engine"),
                                    ("podman", "usr/share/containers/containers.conf", "engine"), ("crio", "etc/crio/crio.conf.d/1.conf", "crio.runtime")):
            for value, said in (('["rel/hooks.d"]', 'hooks_dir has "rel/hooks.d", which is relative'), ('["/d0", "~/x"]', 'hooks_dir has "~/x", which is relative'),
                                ("[]", "hooks_dir is empty"), ('"/d0"', "hooks_dir is not a list of texts"), ("3", "hooks_dir is not a list of texts")):
                with self.subTest(engine, name=name, value=value):
                    self.clear()
                    self.put(name, f"[{table}]\nhooks_dir = {value}\n")
                    before = self.tree()
                    told = self.call(engine, ok=False)
                    self.assertIn(f"/{name}: {said}", told)
                    self.assertTrue(told.endswith("; nothing was changed\n"), told)
                    self.assertEqual(self.tree(), before)
        self.clear()
        self.put("etc/crio/crio.conf.d/1.conf", b"\xff\xfe")
        self.assertIn("cannot read /etc/crio/crio.conf.d/1.conf: it is not text", self.call("crio", ok=False))

    def test_podman_that_has_it(self):
        self.put(self.entry, (TOP / "systemd-hook.json").read_text())
        self.assertEqual(self.call("podman"), "nothing to do\n")

    def test_podman_with_another_entry(self):
        for text in ('{"hook": {"path": "/other"}}', "no", "[]"):
            self.put(self.entry, text)
            self.assertIn("calls something else", self.call("podman", ok=False))

    def test_crio(self):
        self.put("usr/bin/runc", "")
        found = self.goes_there_and_back("crio")
        text = found["etc/crio/crio.conf.d/50-oci-systemd-hook.conf"].decode()
        self.assertIn('runtime_path = "/usr/bin/runc"', text)
        # CRI-O ignores a handler with a name in that list that it does not know itself.
        self.assertNotIn("allowed_annotations", text)
        self.assertIn(self.entry, found)


class Undo(Room):
    def test_says_what_to_restart(self):
        for engine, line in (("docker", "then: systemctl restart docker"), ("containerd", "then: systemctl restart containerd"),
                             ("crio", "then: systemctl restart crio"), ("podman", "note: nothing has to be restarted")):
            with self.subTest(engine):
                self.assertIn(f"\n{line}", self.call(engine))
                self.assertIn(f"\n{line}", self.call(engine, "--undo", "--dry-run"))
                self.assertIn(f"\n{line}", self.call(engine, "--undo"))
                self.assertEqual(self.call(engine, "--undo"), "nothing to do\n")

    def test_a_record_that_is_none(self):
        name = "var/lib/oci-systemd-hook/configure/docker.json"
        records = ["{", "[]", "", "null", b"\xff\x00\xfe", "[" * 100000, '{"/etc/x": 1}', '{"/etc/x": {"after": "x"}}',
                   '{"x": {"before": null, "after": "x"}}', '{"/etc/x": {"before": 1, "after": "x"}}',
                   '{"/etc/x": {"before": null, "after": null}}', '{"/\\u0000": {"before": null, "after": "x"}}', None]
        for text in records:
            with self.subTest(str(text)[:60]):
                self.clear()
                self.put(DAEMON, "{}")
                self.put(name, text)
                if text is None:
                    (self.root / name).mkdir(parents=True)
                before = self.tree()
                for words in ([], ["--undo"]):
                    said = self.call("docker", *words, ok=False)
                    self.assertRegex(said, rf"^oci-systemd-hook-configure: (cannot read )?/{name}[: ].*; move it away \(mv /{name} /{name}\.broken\)")
                    self.assertTrue(said.endswith("; nothing was changed\n"), said)
                    self.assertEqual(said.count("\n"), 1)
                    self.assertEqual(self.tree(), before)
        (self.root / name).rename(self.root / f"{name}.broken")
        self.call("docker")

    def test_a_directory_that_is_a_file(self):
        for name in ("var/lib/oci-systemd-hook", "etc/docker", "etc/cdi"):
            with self.subTest(name):
                self.clear()
                self.put(name, "x")
                before = self.tree()
                self.assertRegex(self.call("docker", ok=False), rf"^oci-systemd-hook-configure: cannot (read|write) /{name}/.*; nothing was changed\n$")
                self.assertEqual(self.tree(), before)


class Faults(Room):
    """Each call that can fail fails once; whatever it is, that is one line, and all files are as they were."""

    def setUp(self):
        super().setUp()
        loader = importlib.machinery.SourceFileLoader("configure", str(TOP / "contrib/oci-systemd-hook-configure"))
        with unittest.mock.patch("sys.dont_write_bytecode", True):
            self.module = importlib.util.module_from_spec(importlib.util.spec_from_loader("configure", loader))
            loader.exec_module(self.module)

    def fails(self, call, at, *words):
        """The call's at-th time fails. Returns what is said, or None where it is not called so often."""
        module, name = (self.module.os, call) if call != "mkstemp" else (self.module.tempfile, call)
        real, left = getattr(module, name), [at]

        def instead(*a, **k):
            left[0] -= 1
            if left[0] == 0:
                raise OSError(28, "x")
            return real(*a, **k)
        words = ["x", f"--root={self.root}", "--engine", "docker", *words]
        with unittest.mock.patch.object(module, name, instead), unittest.mock.patch("sys.argv", words), contextlib.redirect_stdout(io.StringIO()):
            try:
                self.module.main()
            except self.module.Refusal as e:
                return str(e)
        self.assertGreater(left[0], 0, f"{call} failed, and nobody said so")
        return None

    def test_each_call(self):
        for words in ([], ["--undo"]):
            for call in ("rename", "fsync", "mkstemp", "makedirs", "fchmod", "unlink"):
                seen = 0
                # unlink also removes what was only beside a file
                for at in range(1, 20) if call != "unlink" else range(1, 1 + len(words)):
                    self.clear()
                    self.put(DAEMON, '{"debug": true}')
                    if words:
                        self.call("docker")
                    before = self.tree()
                    said = self.fails(call, at, *words)
                    if said is None:
                        break
                    seen += 1
                    self.assertRegex(said, "^cannot write /.*: No space left on device; make room first$")
                    self.assertEqual(self.tree(), before, f"{call} {at} {words}")
                self.assertTrue(seen or call == "unlink", call)

    def test_no_room_and_no_reader(self):
        program = [str(TOP / "contrib/oci-systemd-hook-configure"), f"--root={self.root}", "--engine", "docker"]
        self.put(DAEMON, '{"debug": true}')
        before = self.tree()
        for line, said in (("ulimit -f 0; exec \"$@\"", "File too large"), ("exec \"$@\" >/dev/full", "No space left on device"),
                           ("exec \"$@\" >&-", ""), ("LC_ALL=C PYTHONCOERCECLOCALE=0 PYTHONUTF8=0 exec \"$@\" --dry-run", None)):
            with self.subTest(line):
                done = subprocess.run(["bash", "-c", line, "bash", *program], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
                self.assertNotIn("Traceback", done.stderr)
                self.assertNotIn("Exception", done.stderr)
                if said:
                    self.assertRegex(done.stderr, rf"^oci-systemd-hook-configure: .*{said}.*; nothing was changed\n$")
                    self.assertEqual((done.returncode, self.tree()), (1, before))

    def test_relative_names(self):
        with self.assertRaises(self.module.Refusal):
            self.module.Files("").path("rel/hooks.d/systemd-hook.json")


class CommandLine(Room):
    def test_syntax_of_python_3_9(self):
        for name in ("oci-systemd-hook-configure", "docker/oci-systemd-runtime", "containerd/base-spec"):
            text = (TOP / "contrib" / name).read_text()
            if text.startswith("#!/usr/bin/env python3") or text.startswith("#!/usr/bin/python3"):
                ast.parse(text, feature_version=(3, 9))

    def test_usage(self):
        program = TOP / "contrib/oci-systemd-hook-configure"
        for words in ([], ["--engine", "rkt"], ["--engine"], ["docker"], ["--engine", "docker", "--undone"]):
            self.assertEqual(subprocess.run([program, *words], capture_output=True).returncode, 2, words)
        shown = subprocess.run([program, "--help"], capture_output=True, text=True)
        self.assertEqual(shown.returncode, 0)
        self.assertLessEqual(max(map(len, shown.stdout.splitlines())), 140)


if __name__ == "__main__":
    unittest.main()
