#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What make install puts on a machine and takes away again, tarballs, and completions. The hook has to be built."""

import filecmp
import json
import os
import re
import shutil
import stat
import subprocess
import tempfile
import unittest
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
GOALS = ("install", "install-cdi", "install-docker")


class Room(unittest.TestCase):
    def setUp(self):
        self.room = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.room)
        self.root = self.room / "root"

    def make(self, *words, umask=0o022, at=TOP, **env):
        return subprocess.run(["make", "-C", at, "--no-print-directory", *words, f"DESTDIR={self.root}"], umask=umask, text=True,
                              capture_output=True, env={**os.environ, "MAKEFLAGS": "", **env})

    def install(self, *words, umask=0o022):
        done = self.make("--old-file=all", *words, umask=umask)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done

    def found(self):
        return {"/" + str(p.relative_to(self.root)): p for p in self.root.rglob("*") if not p.is_dir() or p.is_symlink()}


class Install(Room):
    def test_modes_whatever_the_umask(self):
        for umask in (0o077, 0o000, 0o022, 0o777):
            with self.subTest(oct(umask)):
                self.install(*GOALS, umask=umask)
                for path in self.root.rglob("*"):
                    if path.is_symlink():
                        continue
                    mode = stat.S_IMODE(path.stat().st_mode)
                    is_program = path.is_dir() or "/bin/" in str(path) or "/libexec/" in str(path)
                    self.assertEqual(oct(mode), oct(0o755 if is_program else 0o644), path)
                    self.assertFalse(path.name.endswith(".new"))
                shutil.rmtree(self.root)

    def test_a_directory_that_is_there_keeps_its_mode(self):
        cdi = self.root / "etc/cdi"
        cdi.mkdir(parents=True)
        cdi.chmod(0o750)
        self.install("install-cdi")
        self.assertEqual(stat.S_IMODE(cdi.stat().st_mode), 0o750)

    def test_over_an_older_one(self):
        """A file is another one afterwards, never the old one written anew: an engine may have it open, or be executing it."""
        self.install(*GOALS)
        before = {name: path.stat().st_ino for name, path in self.found().items() if not path.is_symlink()}
        held = [path.open() for path in self.found().values() if not path.is_symlink()]
        self.install(*GOALS, umask=0o077)
        for name, path in self.found().items():
            if not path.is_symlink():
                self.assertNotEqual(path.stat().st_ino, before[name], name)
        for file in held:
            file.close()

    def test_the_command(self):
        self.install("install")
        link = self.root / "usr/bin/oci-systemd-hook"
        self.assertTrue(link.is_symlink())
        version = subprocess.run([link, "--version"], capture_output=True, text=True).stdout
        self.assertRegex(version, r"^oci-systemd-hook \d")

    def test_another_prefix(self):
        for words in (["prefix=/usr/local"], ["libexecdir=/opt/x/libexec"]):
            with self.subTest(words):
                done = self.install(*GOALS, *words)
                libexec = words[0].split("=")[1] + ("/libexec" if "prefix" in words[0] else "")
                program = f"{libexec}/oci/hooks.d/oci-systemd-hook"
                self.assertIn(program, self.found())
                named = 0
                for name, path in self.found().items():
                    if path.is_symlink() or name == program or "/man/" in name:
                        continue
                    text = path.read_text()
                    self.assertFalse(re.search(r"/usr/libexec/oci", text), name)
                    named += libexec + "/oci" in text
                self.assertGreaterEqual(named, 7)
                self.assertEqual("Podman and CRI-O do not read" in done.stderr, "prefix" in words[0])
                for name in self.found():
                    if name.endswith(".json"):
                        json.loads((self.root / name[1:]).read_text())
                shutil.rmtree(self.root)

    def test_uninstall(self):
        self.install(*GOALS)
        # An rm that looks, before each call, whether something is there that names a hook which is not.
        (self.room / "bin").mkdir()
        rm = self.room / "bin/rm"
        rm.write_text(f"""#!/bin/sh
            {shutil.which("rm")} "$@"
            cd {self.root}
            test -e usr/libexec/oci/hooks.d/oci-systemd-hook || ! ls etc/cdi/*.json usr/share/containers/oci/hooks.d/*.json \\
                usr/libexec/oci/oci-systemd-runtime 2>/dev/null || echo early >>{self.room}/early
        """)
        rm.chmod(0o755)
        docker = self.root / "etc/docker/daemon.json"
        docker.parent.mkdir()
        docker.write_text('{"runtimes":{"systemd":{"path":"/usr/libexec/oci/oci-systemd-runtime"}}}')
        done = self.make("uninstall", PATH=f"{self.room}/bin:{os.environ['PATH']}")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("daemon.json names the runtime", done.stderr)
        self.assertFalse((self.room / "early").exists())
        self.assertEqual(list(self.found()), ["/etc/docker/daemon.json"])
        self.assertEqual(self.make("uninstall").returncode, 0)

    def test_hooks_d_matches_every_key(self):
        keys = ["mode", "mod", "tmpfs.tmp", "mode/box", "boot", "no.such.key"]
        for name in ("systemd-hook.json", "contrib/hooks.d/create-runtime.json"):
            when = json.loads((TOP / name).read_text())["when"]["annotations"]
            self.assertEqual(len(when), 1)
            for key in keys:
                self.assertTrue(all(re.search(k, "org.oci-systemd-hook." + key) and re.search(v, "x") for k, v in when.items()), key)
            for other in ("org.other.mode", "xorg.oci-systemd-hook.mode", "orgxoci-systemd-hook.mode"):
                self.assertFalse(any(re.search(k, other) for k in when), other)


class WithoutCompiler(Room):
    """In a tree of its own that was never built."""

    def copy(self):
        tree = self.room / "tree"
        names = subprocess.run(["git", "-C", TOP, "ls-files", "-z"], capture_output=True, text=True)
        if names.returncode:
            shutil.copytree(TOP, tree, symlinks=True, ignore=shutil.ignore_patterns("build*"))
            return tree
        for name in filter(None, names.stdout.split("\0")):
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            if (TOP / name).exists():
                shutil.copy2(TOP / name, tree / name, follow_symlinks=False)
        return tree

    def test_goals(self):
        tree = self.copy()
        for goal in ("install-cdi", "install-docker", "uninstall", "dist", "help", "clean"):
            with self.subTest(goal):
                done = self.make(goal, at=tree, CC="/nowhere/cc", PKG_CONFIG="/nowhere/pkg-config")
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertFalse((tree / "build/flags.mk").exists())

    def test_dist(self):
        """From a checkout, from its tarball, and from the tarball's own tree after a build: the same bytes."""
        tree = self.copy()
        if (TOP / ".git").exists():
            shutil.rmtree(tree)
            subprocess.run(["git", "clone", "-q", TOP, tree], check=True)
        name = subprocess.run(["make", "-sC", tree, "dist"], capture_output=True, text=True, check=True).stdout.split()[1]
        first = self.room / name
        shutil.copy(tree / "build" / name, first)
        self.assertEqual(subprocess.run(["sha256sum", "-c", "--quiet", f"{name}.sha256"], cwd=tree / "build").returncode, 0)
        for umask in (0o022, 0o077):
            shutil.rmtree(tree)
            subprocess.run(["tar", "-xf", first, "-C", self.room], check=True, umask=umask)
            inner = self.room / name.removesuffix(".tar.gz")
            (inner / "build/x").mkdir(parents=True)
            (inner / "build/x/left").write_text("rubbish")
            subprocess.run(["make", "-sC", inner, "dist"], capture_output=True, check=True, umask=umask)
            self.assertTrue(filecmp.cmp(first, inner / "build" / name, shallow=False))
            inner.rename(tree)


ZSH = r"""
setopt extendedglob
compadd() { while [[ $1 == -[^-]* && $1 != -a ]]; do shift 2; done; if [[ $1 == -a ]]; then print -rl -- ${(P)2}; else shift; print -rl -- "$@"; fi }
_call_program() { shift; eval "$@" }
compset() { : }
_files() { print -r files }
words=(oci-systemd-hook ${(z)1}) CURRENT=$#words PREFIX=${words[-1]}
[[ -n $1 ]] || { words+=('') CURRENT=2 PREFIX= }
completion() { source $2 }
completion "$@"
"""


class Completion(Room):
    def shells(self):
        folder = TOP / "contrib/completion"
        bash = f"""
            source {folder}/oci-systemd-hook.bash
            COMP_LINE="oci-systemd-hook $1" COMP_POINT=$((17 + ${{#1}}))
            _oci_systemd_hook oci-systemd-hook
            printf '%s\\n' "${{COMPREPLY[@]}}"
        """
        fish = f"source {folder}/oci-systemd-hook.fish; complete -C \"oci-systemd-hook $WORD\" | string replace -r '\\t.*' ''"
        return {
            "bash": lambda word: ["bash", "-c", bash, "bash", word],
            "zsh": lambda word: ["zsh", "-f", "-c", ZSH, "zsh", word, f"{folder}/_oci-systemd-hook"],
            "fish": lambda word: ["fish", "--no-config", "-c", fish],
        }

    def test_words_are_those_of_help(self):
        self.install("install")
        env = {**os.environ, "PATH": f"{self.root}/usr/bin:{os.environ['PATH']}", "HOME": str(self.room), "LC_ALL": "C.UTF-8"}
        text = subprocess.run(["oci-systemd-hook", "--help"], env=env, capture_output=True, text=True).stdout
        options = set(re.findall(r"^  (--[a-z][a-z.-]*)=…", text, re.M)) | {"--help", "--version", "--bundle", "--json"}
        block = re.search(r"Stages and commands:\n(.*?)\n\n", text, re.S)[1]
        commands = set(re.findall(r"^  ([a-zA-Z]+) ", block, re.M))
        self.assertGreater(len(options), 10)
        self.assertLessEqual({"plan", "prestart", "poststop"}, commands)
        tried = 0
        for shell, line in self.shells().items():
            if not shutil.which(shell):
                if os.environ.get("MUST_RUN") == "1":
                    self.fail(f"{shell} is missing, and MUST_RUN=1")
                continue
            tried += 1

            def words(word):
                done = subprocess.run(line(word), env={**env, "WORD": word}, capture_output=True, text=True)
                self.assertEqual(done.stderr, "")
                return {w.removeprefix(word) if word.endswith("=") else w.rstrip("=") for w in done.stdout.split()}

            with self.subTest(shell):
                self.assertEqual(words(""), commands)
                self.assertEqual(words("--"), options | set(re.findall(r"[\[|](--[a-z]+)", text)))
                self.assertEqual(words("--mode="), {"auto", "always", "off"})
        self.assertGreater(tried, 0)


if __name__ == "__main__":
    unittest.main()
