#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""contrib/docker/oci-systemd-runtime: documents that engines write and documents that they never would, each read by a real parser
before and after, names in their order and numbers as text; and command lines. AWK='gawk mawk': with each of these."""

import json
import os
import random
import shutil
import stat
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
AWKS = [a for a in os.environ.get("AWK", "mawk:gawk:original-awk:busybox awk").split(":") if shutil.which(a.split()[0])]
HOOK = "/bin/true"
# docker cp knows config.json's mounts only: /tmp stays the image's unless somebody says otherwise.
TMP = ["--tmpfs.tmp=off"]
# A specification is chosen for systemd: what is skipped has a line in the journal.
ASKS = ["--mode=auto"]


class Members(list):
    """An object as what stands there: names in order, twice if they are there twice."""


def read(text):
    return json.loads(text, object_pairs_hook=Members, parse_int=lambda t: ("number", t), parse_float=lambda t: ("number", t))


def entry(stage, options=(), hook=HOOK):
    return Members([("path", hook), ("args", ["oci-systemd-hook", *options, stage])])


def expected(document, **how):
    """What the runtime should read: the hook as the last of each stage, in every copy of a name, all else as it was."""
    stages = ("createRuntime", "poststop")

    def with_stages(hooks):
        hooks = Members(hooks or [])
        hooks[:] = [(k, (v or []) + [entry(k, **how)] if k in stages else v) for k, v in hooks]
        hooks += [(s, [entry(s, **how)]) for s in stages if s not in dict(hooks)]
        return hooks

    new = Members((k, with_stages(v) if k == "hooks" else v) for k, v in document)
    if "hooks" not in dict(document):
        new.append(("hooks", with_stages(None)))
    return new


GOOD = {
    "empty": "{}",
    "empty, on lines": "{\n}\n",
    "no hooks": '{"ociVersion":"1.0.2","process":{"args":["/sbin/init"]}}',
    "integers above 2^53": '{"rlimits":[{"hard":18446744073709551615,"soft":9007199254740993}],"n":-9223372036854775808}',
    "seccomp": '{"linux":{"seccomp":{"syscalls":[{"args":[{"index":0,"value":2114060288,"valueTwo":18446744071562067968}]}]}}}',
    "floats": '{"a":1.0,"b":1e400,"c":-0.0,"d":0.1000000000000000055511151231257827}',
    "hooks empty": '{"hooks":{}}',
    "hooks null": '{"hooks":null,"a":1}',
    "hooks null last": '{"a":1,"hooks":  null  }',
    "stage null": '{"hooks":{"createRuntime":null,"poststop":null}}',
    "stage empty": '{"hooks":{"createRuntime":[ ],"prestart":[]}}',
    "others' hooks": '{"hooks":{"prestart":[{"path":"/a"}],"createRuntime":[{"path":"/b","args":["b","]}"],"timeout":3}],"poststop":[{"path":"/c"}]}}',
    "only poststop": '{"hooks":{"poststop":[{"path":"/c"}]}}',
    "hooks first": '{"hooks":{"prestart":[]},"process":{"env":["hooks={","a=\\"hooks\\":{"]}}',
    "hooks deeper": '{"annotations":{"hooks":"{"},"linux":{"hooks":{"createRuntime":[]},"createRuntime":[1]}}',
    "hooks in an array": '{"a":[{"hooks":null},"hooks",["createRuntime",[]]]}',
    "stage names outside": '{"createRuntime":[],"poststop":null}',
    "stage in a hook": '{"hooks":{"prestart":[{"createRuntime":[],"hooks":null}]}}',
    "annotations": '{"annotations":{"\\"hooks\\":{":"}]","x\\\\":"\\\\\\"","hooks\\\\\\"":"\\\\"}}',
    "backslashes": '{"a":"\\\\","b":"\\\\\\\\","c":"\\\\\\"","d":["\\"","\\\\\\\\\\""]}',
    "escaped names": '{"hook\\u0073":{"createR\\u0075ntime":[{"path":"/x"}]}}',
    "not quite escaped": '{"hook\\\\u0073":1,"\\u00e9":2,"hooks\\n":3}',
    "controls": '{"a":"\\u0000\\n\\t\\u001f","b":"\x7f"}',
    "unicode": '{"é":"日本","😀":"\\ud83d\\ude00"}',
    "literals": '{"a":true,"b":false,"c":null,"d":[true,null,false,-1]}',
    "white space": ' \t\r\n{ "hooks" \n:\t{ "createRuntime" : [ \n ] , "x" : { } } , "a" : 1 } \n',
    "names twice": '{"hooks":{"createRuntime":[1]},"a":1,"hooks":{"poststop":[2],"poststop":[3]}}',
    "empty strings": '{"":"","a":[""," ",""]}',
    "quotes": '{"a":"' + '\\"' * 20000 + '"}',
    "long names": '{"' + "x" * 300 + '":1,"' + 'hooks\\"' * 30 + '":2,"hooks' + "\\u0020" * 40 + '":3}',
    "deep": '{"a":' + "[" * 500 + "]" * 500 + "}",
    "long": '{"a":[' + ",".join(map(str, range(9000))) + '],"b":"' + "x" * 200000 + '"}',
}

BAD = {
    "nothing": "",
    "white space": " \n",
    "cut": '{"a":1',
    "cut in a string": '{"a":"x',
    "cut in hooks": '{"hooks":{"createRuntime":[',
    "an array": "[]",
    "a string": '"hooks"',
    "a number": "1",
    "two": "{}{}",
    "something behind": '{"a":1} x',
    "hooks are a list": '{"hooks":[]}',
    "hooks are a string": '{"hooks":"{}"}',
    "hooks are a number": '{"hooks":1}',
    "a stage is an object": '{"hooks":{"createRuntime":{}}}',
    "a stage is true": '{"hooks":{"poststop":true}}',
    "brackets crossed": '{"a":[}]',
    "a bracket too many": '{"a":1}}',
}

REPORT = """#!/bin/sh
for word; do printf '%s\\n' "$word"; done >"$0.words"
"""


class Runtime(unittest.TestCase):
    awk = AWKS[0] if AWKS else None

    def setUp(self):
        self.room = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.room)
        (self.room / "bin").mkdir()
        (self.room / "bin/awk").write_text(f'#!/bin/sh\nexec {self.awk} "$@"\n')
        self.real = self.room / "real"
        self.real.write_text(REPORT)
        for program in (self.room / "bin/awk", self.real):
            program.chmod(0o755)
        text = (TOP / "contrib/docker/oci-systemd-runtime").read_text()
        self.wrapper = self.room / "oci-systemd-runtime"
        self.wrapper.write_text(text.replace("hook=/usr/libexec/oci/hooks.d/oci-systemd-hook", f"hook={HOOK}"))
        self.wrapper.chmod(0o755)
        (self.room / "base-spec").symlink_to(self.wrapper)
        self.env = {"PATH": f"{self.room}/bin:{os.environ['PATH']}"}
        self.bundle = self.room / "bundle"
        self.bundle.mkdir()
        self.config = self.bundle / "config.json"

    def call(self, *arguments, options=(), cwd=None, umask=0):
        return subprocess.run([self.wrapper, f"--runtime={self.real}", *options, *arguments], cwd=cwd or self.room, env=self.env,
                              capture_output=True, text=True, umask=umask)

    def words(self):
        return Path(f"{self.real}.words").read_text().splitlines()

    def test_documents(self):
        for title, text in GOOD.items():
            with self.subTest(title):
                out = subprocess.run([self.room / "base-spec"], input=text.encode(), env=self.env, capture_output=True)
                self.assertEqual((out.returncode, out.stderr), (0, b""))
                self.assertEqual(read(out.stdout), expected(read(text), options=ASKS))
                # Byte for byte what was there, but for what was inserted.
                rest = iter(out.stdout.decode())
                self.assertTrue("null" in title or all(c in rest for c in text))

    def test_refused(self):
        for title, text in BAD.items():
            with self.subTest(title):
                out = subprocess.run([self.room / "base-spec"], input=text.encode(), env=self.env, capture_output=True)
                self.assertNotEqual(out.returncode, 0)
                self.config.write_text(text)
                log = self.room / "log"
                done = self.call("--log", log, "create", "--bundle", self.bundle, "c1")
                self.assertEqual(done.returncode, 1)
                self.assertIn("oci-systemd-runtime: cannot add the hook", done.stderr)
                self.assertIn("cannot add the hook", json.loads(log.read_text())["msg"])
                self.assertEqual(self.config.read_text(), text)
                self.assertEqual(os.listdir(self.bundle), ["config.json"])
                log.unlink()

    def test_random_documents(self):
        chance = random.Random(1)
        names = ["hooks", "createRuntime", "poststop", "prestart", "a", 'q"{', "b\\", "\\\"hooks\\\":{", "é", ""]

        def value(depth):
            kind = chance.randrange(8 if depth else 5)
            if kind < 5:
                return [None, True, chance.getrandbits(80), chance.choice(names), "".join(chance.choices('{}[],:"\\ h', k=9))][kind]
            if kind == 5:
                return [value(depth - 1) for _ in range(chance.randrange(4))]
            return {chance.choice(names): value(depth - 1) for _ in range(chance.randrange(5))}

        for number in range(30):
            document = {chance.choice(names[4:]): value(3) for _ in range(chance.randrange(6))}
            if chance.randrange(3):
                document["hooks"] = chance.choice([None, {}, {"createRuntime": [value(2)], "x": value(2)}, {"poststop": None}])
            text = json.dumps(document, indent=chance.choice([None, 1]), ensure_ascii=chance.choice([True, False]))
            with self.subTest(text):
                out = subprocess.run([self.room / "base-spec"], input=text.encode(), env=self.env, capture_output=True)
                self.assertEqual(read(out.stdout), expected(read(text), options=ASKS))

    def test_environment_is_not_touched(self):
        self.config.write_text('{"process":{"env":["PATH=/bin"]}}')
        self.assertEqual(self.call("create", "-b", self.bundle, "c1").returncode, 0)
        self.assertEqual(dict(read(self.config.read_text()))["process"], read('{"env":["PATH=/bin"]}'))

    def test_runtime_has_what_the_engine_gave(self):
        """Else the mount points that a runtime makes in an image are for root alone."""
        self.real.write_text('#!/bin/sh\numask >"$0.words"\necho "${LC_ALL-unset}" >>"$0.words"\n')
        for umask in (0o022, 0o027, 0):
            for locale in (None, "", "C.UTF-8"):
                self.env.pop("LC_ALL", None)
                self.env.update({} if locale is None else {"LC_ALL": locale})
                for command in ("create", "state"):
                    self.config.write_text("{}")
                    self.assertEqual(self.call(command, "-b", self.bundle, "c1", umask=umask).returncode, 0)
                    mask, was = self.words()
                    self.assertEqual((int(mask, 8), was), (umask, "unset" if locale is None else locale))

    def test_command_lines(self):
        adds = [
            ["create", "--bundle", "B", "c1"],
            ["create", "--bundle=B", "c1"],
            ["create", "-b", "B", "c1"],
            ["create", "-bundle", "B", "c1"],
            ["run", "-b", "B", "c1"],
            ["run", "--detach", "--bundle", "B", "delete"],
            ["create", "c1", "--bundle", "B"],
            ["create", "--pid-file", "--bundle", "--bundle", "B", "c1"],
            ["--root", "run", "create", "--bundle", "B", "create"],
            ["--root", "state", "--log", "/dev/null", "--log-format", "json", "--systemd-cgroup", "create", "--bundle", "B", "run"],
            ["--root=/x", "--log=/dev/null", "--log-format=json", "--debug", "create", "--bundle", "B", "--pid-file", "p", "c1"],
            ["--cgroup-manager", "delete", "--rootless", "auto", "run", "--bundle", "B", "c1"],
        ]
        leaves = [
            ["delete", "create"],
            ["kill", "run", "9"],
            ["state", "--bundle", "B", "create"],
            ["--root", "create", "delete", "c1"],
            ["--root", "/create", "--log", "run", "exec", "--process", "create", "run"],
            ["--log-format", "create", "start", "create"],
            ["exec", "c1", "create", "--bundle", "B"],
            ["features"],
            ["--version"],
            ["restore", "--bundle", "B", "create"],
            [],
        ]
        for line in adds + leaves:
            with self.subTest(line):
                line = [str(self.bundle) if word == "B" else word for word in line]
                line = [word.replace("=B", f"={self.bundle}") for word in line]
                self.config.write_text('{"a":1}')
                done = self.call(*line)
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                self.assertEqual(self.words(), line)
                found = read(self.config.read_text())
                self.assertEqual(found, expected(read('{"a":1}'), options=TMP) if line and len(line) > 1 and [w for w in (
                    "create", "run") if w in line] and self.is_start(line) else read('{"a":1}'))

    @staticmethod
    def is_start(line):
        """By hand: the first word that is neither an option nor its value."""
        values = {"--root", "--log", "--log-format", "--cgroup-manager", "--rootless"}
        skip = False
        for word in line:
            if skip:
                skip = False
            elif word in values:
                skip = True
            elif not word.startswith("-"):
                return word in ("create", "run")
        return False

    def test_directory_of_the_caller(self):
        self.config.write_text("{}")
        self.call("create", "c1", cwd=self.bundle)
        self.assertEqual(read(self.config.read_text()), expected(Members(), options=TMP))

    def test_crun_config(self):
        (self.bundle / "other.json").write_text("{}")
        self.call("run", "--config", "other.json", "--bundle", self.bundle, "c1")
        self.assertEqual(read((self.bundle / "other.json").read_text()), expected(Members(), options=TMP))

    def test_hook_options(self):
        options = ["--tmpfs.tmp=64m", '--x="\\', "--y=a b"]
        self.config.write_text("{}")
        self.call("create", "-b", self.bundle, "c1", options=[f"--hook-option={o}" for o in options])
        self.assertEqual(read(self.config.read_text()), expected(Members(), options=TMP + options))

    def test_modes(self):
        for mode in (0o600, 0o640, 0o644):
            for umask in (0, 0o077):
                self.config.write_text("{}")
                self.config.chmod(mode)
                if os.getuid() == 0:
                    os.chown(self.config, 33, 34)
                self.call("create", "-b", self.bundle, "c1", umask=umask)
                found = self.config.stat()
                self.assertEqual(stat.S_IMODE(found.st_mode), mode)
                if os.getuid() == 0:
                    self.assertEqual((found.st_uid, found.st_gid), (33, 34))
        self.assertEqual(os.listdir(self.bundle), ["config.json"])

    def test_secret_while_it_is_written(self):
        """An awk that looks at the files of the bundle: no name there is anybody else's to read, and the old text is there whole."""
        (self.room / "bin/awk").write_text(
            f"#!/bin/sh\nstat -c %a {self.bundle}/* {self.bundle}/.[a-z]* >{self.room}/modes\n"
            f"cat {self.bundle}/config.json >{self.room}/before\nexec {self.awk} \"$@\"\n")
        self.config.write_text('{"a":1}')
        self.config.chmod(0o600)
        self.call("create", "-b", self.bundle, "c1")
        self.assertEqual((self.room / "modes").read_text().split(), ["600", "600"])
        self.assertEqual((self.room / "before").read_text(), '{"a":1}')

    def test_bundle_with_a_blank(self):
        other = self.room / "a 'b\" $c"
        self.bundle.rename(other)
        (other / "config.json").write_text("{}")
        self.assertEqual(self.call("create", "--bundle", other, "c1").returncode, 0)
        self.assertEqual(read((other / "config.json").read_text()), expected(Members(), options=TMP))

    def test_what_is_missing(self):
        done = self.call("create", "--bundle", self.bundle, "c1")
        self.assertEqual(done.returncode, 1)
        self.assertIn("not a bundle", done.stderr)
        self.wrapper.write_text(self.wrapper.read_text().replace(f"hook={HOOK}", "hook=/nowhere/hook"))
        self.config.write_text("{}")
        done = self.call("create", "--bundle", self.bundle, "c1")
        self.assertEqual(done.returncode, 1)
        self.assertIn("/nowhere/hook is missing", done.stderr)
        self.assertEqual(self.call("delete", "c1").returncode, 0)
        os.unlink(self.room / "bin/awk")
        for tool in ("sed", "tr", "true"):
            os.symlink(shutil.which(tool), self.room / "bin" / tool)
        self.env["PATH"] = f"{self.room}/bin"
        done = self.call("create", "--bundle", self.bundle, "c1")
        self.assertIn("awk is missing", done.stderr)

    def test_status_of_the_runtime(self):
        self.real.write_text("#!/bin/sh\nexit 7\n")
        self.assertEqual(self.call("state", "c1").returncode, 7)


def load_tests(loader, tests, pattern):
    suite = unittest.TestSuite()
    for awk in AWKS:
        suite.addTests(loader.loadTestsFromTestCase(type(f"Runtime {awk}", (Runtime,), {"awk": awk})))
    return suite


if __name__ == "__main__":
    if not AWKS:
        sys.exit("no awk here")
    print("runtime: with", ", ".join(AWKS))
    unittest.main()
