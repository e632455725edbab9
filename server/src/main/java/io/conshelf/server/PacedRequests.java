package io.conshelf.server;

import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;

/// Tells where the headers of a request end and where its answer does, between which the body is to come at the least rate.
final class PacedRequests implements Filter {
    private final Clients clients;

    PacedRequests(Clients clients) {
        this.clients = clients;
    }

    @Override
    public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
        String connection = request.serverSocketId() + request.socketId();
        clients.begins(connection);
        try {
            chain.proceed();
        } finally {
            clients.ends(connection);
        }
    }
}
