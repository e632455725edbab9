package io.conshelf.server;

import io.conshelf.server.tls.ServerCertificate;
import io.helidon.common.socket.SocketOptions;
import io.helidon.common.tls.TlsConfig;
import io.helidon.http.DirectHandler;
import io.helidon.http.encoding.ContentEncodingContext;
import io.helidon.webserver.ListenerConfig;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.DirectHandlers;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http1.Http1Config;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// Where a server listens: http on loopback, which it never leaves, and beside it https, which other machines may reach.
///
/// @param name  of the http listener, as it stands in URLs
/// @param names beside loopback's, under which clients may come in
record Listening(String name, InetAddress address, int port, Optional<Secure> secure, Set<String> names) {
    private static final String SECURE = "https";
    private static final Duration GRACE = Duration.ofMillis(500);

    record Secure(InetAddress address, int port) {}

    /// @throws IllegalArgumentException when this machine is to be reached from others without TLS or without authentication
    static Listening of(ServerConfig config) {
        InetAddress stated = address(config.host());
        var names = new HashSet<>(config.hostNames());
        Optional<Secure> secure = config.tls().map(tls -> new Secure(stated, tls.port()));
        if (secure.isPresent()) {
            hostName().ifPresent(names::add);
        }
        if (stated.isLoopbackAddress()) {
            return new Listening(bracketed(config.host()), stated, config.port(), secure, Set.copyOf(names));
        }
        if (secure.isEmpty() || config.auth() == ServerConfig.Auth.NONE) {
            throw new IllegalArgumentException("The host '" + config.host() + "' is not this machine's loopback; other machines are served only with"
                    + " authentication and TLS: " + (config.auth() == ServerConfig.Auth.NONE ? "--auth entra" : "")
                    + (secure.isEmpty() && config.auth() == ServerConfig.Auth.NONE ? " and " : "") + (secure.isEmpty() ? "--tls" : "")
                    + (secure.isEmpty() && config.auth() == ServerConfig.Auth.NONE ? " are" : " is") + " missing");
        }
        names.addAll(addresses(stated));
        if (!config.host().contains(":") && !stated.isAnyLocalAddress()) {
            names.add(config.host().toLowerCase(Locale.ROOT));
        }
        return new Listening("127.0.0.1", address("127.0.0.1"), config.port(), secure, Set.copyOf(names));
    }

    // Before anything is opened, and with a better word than the web server's log has.
    void checkAreFree() {
        checkIsFree(address, port);
        secure.ifPresent(https -> checkIsFree(https.address(), https.port()));
    }

    /// @throws IllegalStateException when it cannot listen
    WebServer open(ServerLimits limits, Optional<ServerCertificate> certificate, FrontDoor door, HttpService storage, Clients clients) {
        var server = WebServer.builder().shutdownHook(false);
        configure(server.address(address).port(port), limits, door, storage, clients);
        secure.ifPresent(https -> {
            var listener = ListenerConfig.builder().name(SECURE).address(https.address()).port(https.port())
                    .tls(TlsConfig.builder().sslContext(certificate.orElseThrow().context()).build());
            configure(listener, limits, door, storage, clients);
            server.putSocket(SECURE, listener.build());
        });
        WebServer web = server.build().start();
        if (!web.isRunning()) {
            // The web server logs why, and returns as if nothing had happened.
            throw new IllegalStateException("Could not listen on " + address.getHostAddress() + ":" + port
                    + secure.map(https -> " and " + https.address().getHostAddress() + ":" + https.port()).orElse(""));
        }
        return web;
    }

    static int securePort(WebServer web) {
        return web.port(SECURE);
    }

    /// What people call the https listener.
    String secureName() {
        InetAddress https = secure.orElseThrow().address();
        return https.isLoopbackAddress() ? "localhost" : https.isAnyLocalAddress() ? hostName().orElse("localhost") : bracketed(https.getHostAddress());
    }

    private static void configure(ListenerConfig.BuilderBase<?, ?> listener, ServerLimits limits, FrontDoor door, HttpService storage, Clients clients) {
        var refusals = DirectHandlers.builder();
        for (DirectHandler.EventType type : DirectHandler.EventType.values()) {
            refusals.addHandler(type, new TransportRefusals());
        }
        var http = Http1Config.builder()
                .maxHeadersSize(limits.headersBytesMax())
                .maxPrologueLength(limits.requestLineBytesMax())
                // Names of databases and tables come unencoded from some clients.
                .validatePath(false)
                .build();
        listener.maxTcpConnections(limits.connectionsMax())
                // An answer is several small writes: without this the last waits 40 ms for the client's acknowledgement.
                .connectionOptions(clients.open().watching(SocketOptions.builder().tcpNoDelay(true).build()))
                .shutdownGracePeriod(GRACE)
                .contentEncoding(ContentEncodingContext.builder()
                        .contentEncodingsDiscoverServices(false)
                        .addContentEncoding(new RawEncodings())
                        .build())
                .protocolsDiscoverServices(false)
                .addConnectionSelector(new LooseRequestLines(http, clients))
                .directHandlers(refusals.build())
                .routing(HttpRouting.builder().addFilter(new PacedRequests(clients)).addFilter(new LastAnswers()).addFilter(new BrowserHeaders()).register(storage).any(door));
    }

    private static InetAddress address(String host) {
        String plain = host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
        try {
            return InetAddress.getByName(plain);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("The host '" + host + "' has no address", e);
        }
    }

    private static void checkIsFree(InetAddress address, int port) {
        if (port == 0) {
            return;
        }
        try (var probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(new InetSocketAddress(address, port));
        } catch (IOException e) {
            throw new IllegalStateException(
                    "Could not listen on " + bracketed(address.getHostAddress()) + ":" + port + " (" + e.getMessage()
                            + "): stop what listens there, or choose another port, or 0 for any that is free",
                    e);
        }
    }

    private static Optional<String> hostName() {
        try {
            return Optional.of(InetAddress.getLocalHost().getHostName().toLowerCase(Locale.ROOT)).filter(name -> name.matches("[0-9a-z._-]+"));
        } catch (UnknownHostException _) {
            return Optional.empty();
        }
    }

    /// As they stand in `Host` headers.
    private static Set<String> addresses(InetAddress stated) {
        var found = new HashSet<String>();
        if (!stated.isAnyLocalAddress()) {
            found.add(bracketed(stated.getHostAddress()));
            return found;
        }
        try {
            NetworkInterface.networkInterfaces().flatMap(NetworkInterface::inetAddresses)
                    .filter(one -> !one.isLinkLocalAddress() && !one.isLoopbackAddress())
                    .forEach(one -> found.add(bracketed(one.getHostAddress())));
        } catch (SocketException e) {
            throw new IllegalStateException("Could not tell this machine's addresses: " + e.getMessage(), e);
        }
        return found;
    }

    private static String bracketed(String address) {
        String plain = address.contains("%") ? address.substring(0, address.indexOf('%')) : address;
        return plain.contains(":") && !plain.startsWith("[") ? "[" + plain + "]" : plain;
    }
}
