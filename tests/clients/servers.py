"""The servers behind Envoy that are other people's: a gRPC server by grpcio, and one by the SDK of the Model Context Protocol.

It prints the ports on one line: of gRPC, of an MCP server that knows its page, and of one that knows none. It serves until its standard input ends.
"""

import asyncio
import logging
import socket
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import grpc
import uvicorn
from mcp.server.mcpserver import MCPServer
from mcp.server.transport_security import TransportSecuritySettings

SECONDS_BETWEEN_MESSAGES = 0.1

# gRPC: messages are bytes here, whatever they mean.


def say(request, context):
    context.set_trailing_metadata((("x-cost", "3"),))
    return request


def hurry(request, context):
    """Whether the caller's deadline came this far."""
    left = context.time_remaining()
    return b"no deadline" if left is None or left > 3600 else b"a deadline"


def count(request, context):
    for number in (b"1", b"2", b"3"):
        yield number
        time.sleep(SECONDS_BETWEEN_MESSAGES)


def refuse(request, context):
    context.abort(grpc.StatusCode.UNAUTHENTICATED, "sign in first")


def explain(request, context):
    context.set_trailing_metadata((("grpc-status-details-bin", b"why"),))
    context.abort(grpc.StatusCode.FAILED_PRECONDITION, "not now")


def stop(request, context):
    yield b"1"
    yield b"2"
    context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "enough")


UNARY = {"Say": say, "Hurry": hurry, "Refuse": refuse, "Explain": explain}
STREAMS = {"Count": count, "Stop": stop}


class Town(grpc.GenericRpcHandler):
    def service(self, call):
        name = call.method.removeprefix("/town.Town/")
        if name in UNARY:
            return grpc.unary_unary_rpc_method_handler(UNARY[name])
        return grpc.unary_stream_rpc_method_handler(STREAMS[name]) if name in STREAMS else None


def start_grpc():
    server = grpc.server(ThreadPoolExecutor(max_workers=8), handlers=[Town()])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return server, port


# The Model Context Protocol, over streamable HTTP.


def start_mcp(pages):
    """It judges `Host` and `Origin` itself: Envoy's route gives it the host, and `pages` are the origins that it is told."""
    tools = MCPServer("weather", log_level="WARNING")

    @tools.tool()
    def forecast(city: str) -> str:
        return f"rain in {city}"

    known = TransportSecuritySettings(allowed_hosts=["mcp.internal"], allowed_origins=pages)
    app = tools.streamable_http_app(transport_security=known)
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    serve = lambda: asyncio.run(server.serve(sockets=[listening]))  # noqa: E731
    threading.Thread(target=serve, daemon=True).start()
    return listening.getsockname()[1]


def main():
    # What they refuse, a test expects of them.
    logging.disable(logging.WARNING)
    grpc_server, grpc_port = start_grpc()
    print(grpc_port, start_mcp(["https://app.example.com"]), start_mcp([]), flush=True)
    sys.stdin.read()
    grpc_server.stop(None)


if __name__ == "__main__":
    main()
