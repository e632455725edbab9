package io.conshelf.cli.it;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.function.Consumer;

/// A port of this machine, each of whose connections somebody takes in a thread of its own.
record AcceptedConnections(ServerSocket listening) implements AutoCloseable {
    static AcceptedConnections to(Consumer<Socket> taken) throws IOException {
        var connections = new AcceptedConnections(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
        Thread.startVirtualThread(() -> connections.serve(taken));
        return connections;
    }

    int port() {
        return listening.getLocalPort();
    }

    private void serve(Consumer<Socket> taken) {
        while (!listening.isClosed()) {
            try {
                Socket client = listening.accept();
                Thread.startVirtualThread(() -> taken.accept(client));
            } catch (IOException closed) {
                return;
            }
        }
    }

    @Override
    public void close() throws IOException {
        listening.close();
    }
}
