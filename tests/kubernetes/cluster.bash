# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC1091,SC2034,SC2154
# A cluster of one node: what tests/kubernetes/node.bash has, its kubelet with an API server, and what else makes a cluster. Pods choose the handler by
# the RuntimeClass.

. "$top/tests/kubernetes/node.bash"

cluster=/var/lib/engine/cluster
kubectl() { "$kubernetes/kubectl" --kubeconfig=$cluster/admin.json "$@"; }

# Pods are not the handler's unless they say so.
write_machine_configuration() {
	cat <<-'END'
		[plugins."io.containerd.grpc.v1.cri"]
		  sandbox_image = "docker.io/library/pause:1"
		  restrict_oom_score_adj = true
	END
}

# write_credentials: everybody here is the administrator, on a machine that nobody else sees.
write_credentials() {
	mkdir -p $cluster
	openssl genrsa -out $cluster/account.key 2048 2>/dev/null
	openssl rsa -in $cluster/account.key -pubout -out $cluster/account.pub 2>/dev/null
	echo 'word,admin,1,system:masters' >$cluster/tokens
	jq -n '{apiVersion: "v1", kind: "Config", "current-context": "here",
		clusters: [{name: "here", cluster: {server: "https://10.81.0.1:6443", "insecure-skip-tls-verify": true}}],
		users: [{name: "admin", user: {token: "word"}}],
		contexts: [{name: "here", context: {cluster: "here", user: "admin"}}]}' >$cluster/admin.json
}

# daemon NAME COMMAND...: with a log, until engine_down.
daemon() {
	"${@:2}" >>"/var/log/$1" 2>&1 3>&- &
	echo $! >>$cluster/pids
}

control_plane_up() {
	write_credentials
	daemon etcd "$cache/kubernetes/etcd/etcd" --data-dir=/var/lib/containerd/etcd --unsafe-no-fsync
	daemon kube-apiserver "$kubernetes/kube-apiserver" --etcd-servers=http://127.0.0.1:2379 --cert-dir=$cluster/certificates \
		--advertise-address=10.81.0.1 --kubelet-preferred-address-types=InternalIP --service-cluster-ip-range=10.90.0.0/24 \
		--token-auth-file=$cluster/tokens --authorization-mode=RBAC --service-account-issuer=https://kubernetes.default.svc \
		--service-account-key-file=$cluster/account.pub --service-account-signing-key-file=$cluster/account.key
	within 90 api_answers || {
		tail -n 20 /var/log/kube-apiserver /var/log/etcd
		return 1
	}
	daemon kube-controller-manager "$kubernetes/kube-controller-manager" --kubeconfig=$cluster/admin.json --leader-elect=false \
		--cert-dir=$cluster/certificates --service-account-private-key-file=$cluster/account.key
	daemon kube-scheduler "$kubernetes/kube-scheduler" --kubeconfig=$cluster/admin.json --leader-elect=false
}
api_answers() { [[ $(kubectl get --raw /readyz 2>/dev/null) == ok ]]; }
node_is_ready() { kubectl get node node 2>/dev/null | grep -q ' Ready '; }
has_account() { kubectl get serviceaccount default >/dev/null 2>&1; }

engine_up() {
	local label
	containerd_engine_up
	make_node
	control_plane_up
	kubelet_options=("--kubeconfig=$cluster/admin.json" --node-ip=10.81.0.1)
	kubelet_up
	within 60 node_is_ready
	within 60 has_account
	# As contrib/kubernetes/README.md says.
	# shellcheck disable=SC2016 # Markdown's quotes
	label=$(grep -o '`kubectl label node NODE [^`]*`' "$top/contrib/kubernetes/README.md" | tr -d '`')
	eval "${label/ NODE / node }"
	kubectl apply --filename="$top/contrib/kubernetes/runtime-class.yaml"
}

engine_down() {
	local pid
	kubectl delete pod,statefulset,pvc --all --wait=false
	within 90 no_pods || echo "pods are left"
	kubelet_down
	while read -r pid; do kill "$pid"; done <$cluster/pids
	containerd_engine_down
}

# example FILE: one of contrib/kubernetes, but for the name of the image.
example() { sed 's|registry.example/machine:latest|docker.io/library/systemd:252|' "$top/contrib/kubernetes/$1"; }

is_ready() { kubectl get pod "$1" --output=json 2>/dev/null | jq -e '.status.conditions[]? | select(.type == "Ready").status == "True"' >/dev/null; }
console() { kubectl logs "$1"; }
inside() { kubectl exec "$1" -- "${@:2}"; }
remove_all() { :; }
