package io.conshelf.server;

import io.helidon.http.HeaderValues;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;

/// Closes a connection after the answer that is its last, because one of both sides says so. The web server writes the header and goes on reading.
final class LastAnswers implements Filter {
    @Override
    public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
        chain.proceed();
        if (request.headers().containsToken(HeaderValues.CONNECTION_CLOSE) || response.headers().containsToken(HeaderValues.CONNECTION_CLOSE)) {
            // where the answer is not whole yet: the exception skips what else would end it
            response.commit();
            throw new CloseConnectionException("The connection was to end with this answer");
        }
    }
}
