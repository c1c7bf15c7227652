"""grpcio.py ADDRESS CA CERT KEY REQUEST.json found|refused

Asks by Debian's python3-grpcio. Messages come from a descriptor set that protoc writes now, so no
generated module is needed.
"""
import os
import subprocess
import sys
import tempfile

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..")
FILES = ["cix/v1/report.proto", "google/rpc/status.proto", "google/rpc/error_details.proto"]


def fail(text):
    print("python3-grpcio: " + text)
    sys.exit(1)


def load_messages():
    """A function from a full name to a message class."""
    proto = os.path.join(ROOT, "proto")
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "set")
        subprocess.run(["protoc", "-I", proto, "--include_imports", "--descriptor_set_out=" + path] + FILES, check=True)
        with open(path, "rb") as file:
            files = descriptor_pb2.FileDescriptorSet.FromString(file.read())
    pool = descriptor_pool.DescriptorPool()
    for file in files.file:
        pool.Add(file)
    factory = message_factory.MessageFactory(pool)
    return lambda name: factory.GetPrototype(pool.FindMessageTypeByName(name))


def details_of(error, message):
    """The ErrorInfo of google.rpc.Status in the trailer."""
    trailer = dict(error.trailing_metadata())
    status = message("google.rpc.Status").FromString(trailer["grpc-status-details-bin"])
    for detail in status.details:
        if detail.type_url.endswith("google.rpc.ErrorInfo"):
            return message("google.rpc.ErrorInfo").FromString(detail.value)
    return fail("no ErrorInfo")


def read(path):
    with open(path, "rb") as file:
        return file.read()


def main(address, ca, cert, key, request, expected):
    message = load_messages()
    response_type = message("cix.v1.GetReportResponse")
    question = json_format.Parse(read(request).decode(), message("cix.v1.GetReportRequest")())
    credentials = grpc.ssl_channel_credentials(read(ca), read(key), read(cert))
    with grpc.secure_channel(address, credentials, [("grpc.ssl_target_name_override", "localhost")]) as channel:
        call = channel.unary_unary(
            "/cix.v1.ReportService/GetReport",
            request_serializer=lambda value: value.SerializeToString(),
            response_deserializer=response_type.FromString,
        )
        try:
            response = call(question, timeout=20)
        except grpc.RpcError as error:
            if expected != "refused" or error.code() != grpc.StatusCode.PERMISSION_DENIED:
                fail("%s %s" % (error.code(), error.details()))
            info = details_of(error, message)
            if info.reason != "INQUIRY_REFUSED" or info.metadata["rule"] != "I002":
                fail("reason " + info.reason)
            print("python3-grpcio: refused, %s by rule %s" % (info.reason, info.metadata["rule"]))
            return
    if expected != "found" or not response.report.accounts:
        fail("not what was expected (%s)" % expected)
    print("python3-grpcio: found, %d accounts" % len(response.report.accounts))


main(*sys.argv[1:])
