# SPDX-License-Identifier: LGPL-2.1-or-later
"""cri.py API METHOD [WORD...] <REQUEST: ask a container runtime what a kubelet asks it, by Kubernetes' Container Runtime Interface.

API is the interface's api.proto as protoc --descriptor_set_out has it; METHOD one of its calls, such as RunPodSandbox. Requests and
answers are JSON, in the api's own names. WORDs are the command of ExecSync: what it has printed comes out as it is, and its exit
status is this program's."""
import json
import os
import sys

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory

ENDPOINT = os.environ.get("CONTAINER_RUNTIME_ENDPOINT", "unix:///run/containerd/containerd.sock")


def load(path):
    """A pool with all of the api's messages and services."""
    pool = descriptor_pool.DescriptorPool()
    with open(path, "rb") as file:
        for proto in descriptor_pb2.FileDescriptorSet.FromString(file.read()).file:
            pool.Add(proto)
    return pool


def find(pool, name):
    for service in ("runtime.v1.RuntimeService", "runtime.v1.ImageService"):
        method = pool.FindServiceByName(service).methods_by_name.get(name)
        if method:
            return service, method
    sys.exit(f"cri.py: the interface has no call {name}")


def ask(pool, name, request):
    service, method = find(pool, name)
    factory = message_factory.MessageFactory(pool)
    message = json_format.ParseDict(request, factory.GetPrototype(method.input_type)())
    answer = factory.GetPrototype(method.output_type)
    with grpc.insecure_channel(ENDPOINT) as channel:
        call = channel.unary_unary(
            f"/{service}/{name}",
            request_serializer=lambda out: out.SerializeToString(),
            response_deserializer=answer.FromString,
        )
        try:
            return call(message, timeout=120, wait_for_ready=False)
        except grpc.RpcError as error:
            sys.exit(f"{name}: {error.code().name}: {error.details()}")


def main():
    api, name, *command = sys.argv[1:]
    request = json.load(sys.stdin)
    if command:
        request["cmd"] = command
    answer = ask(load(api), name, request)
    if name == "ExecSync":
        sys.stdout.buffer.write(answer.stdout)
        sys.stderr.buffer.write(answer.stderr)
        sys.exit(answer.exit_code)
    json.dump(json_format.MessageToDict(answer, preserving_proto_field_name=True), sys.stdout)
    print()


main()
