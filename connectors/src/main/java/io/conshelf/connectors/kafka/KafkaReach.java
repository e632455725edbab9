package io.conshelf.connectors.kafka;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/// Why nothing comes back from a broker, as far as a connection to it tells: Kafka's client keeps that to itself.
final class KafkaReach {
    private static final int CONNECT_MS_MAX = 1_000;

    private KafkaReach() {}

    /// @param bootstrap `host:port`, several with commas between
    static String of(String bootstrap) {
        List<String> failures = new ArrayList<>();
        for (String address : bootstrap.split(",")) {
            int colon = address.lastIndexOf(':');
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(address.substring(0, Math.max(0, colon)).strip(), Integer.parseInt(address.substring(colon + 1).strip())),
                        CONNECT_MS_MAX);
                return "it takes connections and does not answer";
            } catch (IOException | IllegalArgumentException e) {
                String reason = e.getMessage() == null ? "no connection" : e.getMessage();
                if (!failures.contains(reason)) {
                    failures.add(reason);
                }
            }
        }
        return String.join("; ", failures);
    }
}
