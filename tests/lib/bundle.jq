# SPDX-License-Identifier: LGPL-2.1-or-later
# Words for bundles: each takes a config.json as `runc spec` makes it, and changes one thing.

# Unprivileged, as Docker means it: its 14 capabilities, and nothing that systemd would be helped by.
def unprivileged:
	["AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "NET_RAW",
	 "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"] as $names
	| ($names | map("CAP_" + .)) as $capabilities
	| .process.capabilities = {bounding: $capabilities, effective: $capabilities, permitted: $capabilities}
	| .process.noNewPrivileges = false
	| .root.readonly = false
	# runc on a unified host adds one by itself.
	| .linux.namespaces |= map(select(.type != "cgroup"))
	# Not every machine may raise limits.
	| del(.process.rlimits);

# As an engine's --privileged: everything, but for a user namespace less.
def privileged:
	["AUDIT_CONTROL", "AUDIT_READ", "AUDIT_WRITE", "BLOCK_SUSPEND", "BPF", "CHECKPOINT_RESTORE", "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH",
	 "FOWNER", "FSETID", "IPC_LOCK", "IPC_OWNER", "KILL", "LEASE", "LINUX_IMMUTABLE", "MAC_ADMIN", "MAC_OVERRIDE", "MKNOD", "NET_ADMIN",
	 "NET_BIND_SERVICE", "NET_BROADCAST", "NET_RAW", "PERFMON", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYSLOG", "SYS_ADMIN", "SYS_BOOT",
	 "SYS_CHROOT", "SYS_MODULE", "SYS_NICE", "SYS_PACCT", "SYS_PTRACE", "SYS_RAWIO", "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG",
	 "WAKE_ALARM"] as $names
	| ($names | map("CAP_" + .)) as $capabilities
	| .process.capabilities = {bounding: $capabilities, effective: $capabilities, permitted: $capabilities}
	| del(.linux.maskedPaths, .linux.readonlyPaths)
	| .linux.resources.devices = [{allow: true, access: "rwm"}]
	| (.mounts[] | select(.type == "sysfs" or .type == "cgroup")).options -= ["ro"];

def command($arguments): .process.args = $arguments;
def shell($line): command(["/bin/sh", "-c", $line]) | .process.terminal = false;
def environment($assignment): .process.env += [$assignment];
def annotation($key; $value): .annotations["org.oci-systemd-hook." + $key] = $value;

def hook($path): .hooks = {
	prestart: [{path: $path, args: ["oci-systemd-hook", "prestart"]}],
	poststop: [{path: $path, args: ["oci-systemd-hook", "poststop"]}]
};

# The administrator's --allow.
def allow($features): .hooks |= map_values(map(.args += ["--allow=" + $features]));

def private_cgroup: .linux.namespaces += [{type: "cgroup"}];
def user_namespace($first): .linux.namespaces += [{type: "user"}]
	| .linux.uidMappings = [{containerID: 0, hostID: $first, size: 65536}]
	| .linux.gidMappings = .linux.uidMappings;

def memory_limit($bytes): .linux.resources.memory = {limit: $bytes};
def pids_limit($count): .linux.resources.pids = {limit: $count};
def hugetlb_limit($bytes): .linux.resources.hugepageLimits = [{pageSize: "2MB", limit: $bytes}];

def bind($source; $destination): .mounts += [{destination: $destination, source: $source, type: "bind", options: ["rbind", "rw"]}];
def tmpfs($destination; $options): .mounts += [{destination: $destination, source: "tmpfs", type: "tmpfs", options: $options}];
