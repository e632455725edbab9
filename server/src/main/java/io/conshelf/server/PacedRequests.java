package io.conshelf.server;

import io.helidon.webserver.CloseConnectionException;
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
            drain(request, response);
        } finally {
            clients.ends(connection);
        }
    }

    /// Reads what nobody has read of the body, as the web server would do when this filter has ended: it would be taken for the beginning of the next request.
    private static void drain(RoutingRequest request, RoutingResponse response) {
        if (!request.content().hasEntity() || request.content().consumed() || !request.continueSent()) {
            return;
        }
        response.commit();
        try {
            request.content().consume();
        } catch (RuntimeException e) {
            throw new CloseConnectionException("The body could not be read to its end", e);
        }
    }
}
